/** The options of a command for developers: `--help` says what there is, a wrong one is told in a sentence. */
import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>

/** Ends the process after `--help` (status 0), or after what is no option (status 2). */
export function optionsOf<T extends Options>(usage: string, options: T) {
  const all = { ...options, help: { type: 'boolean', short: 'h' } } as const
  const parse = () => parseArgs({ options: all, allowPositionals: false }).values
  const values = told(parse)
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    console.log(usage)
    process.exit(0)
  }
  return values
}

function told<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}. --help lists the options.`)
    process.exit(2)
  }
}
