/** The result of a command, for a person or for a machine. */
import { exitCodes, Failure } from './outside.ts'
import type { Outside } from './outside.ts'

export const outputOptions = {
  json: { description: 'Short for --output json.' },
  output: { short: 'o', value: 'FORMAT', description: 'The output format: json. Default: a table.' },
} as const

/** @throws Failure for an unknown format */
export function wantsJson({ json, output }: { readonly json: boolean; readonly output: string | undefined }): boolean {
  if (output !== undefined && output !== 'json')
    throw new Failure(`--output ${output} is not known; json is.`, exitCodes.usage)
  return json || output === 'json'
}

export type Tone = 'good' | 'bad' | 'plain'

export interface Row {
  readonly name: string
  readonly value: string
  readonly tone?: Tone
}

const colours = { good: '\u001b[32m', bad: '\u001b[31m', plain: '' } as const

export function printRows(rows: readonly Row[], { colour, print }: Pick<Outside, 'colour' | 'print'>): void {
  const width = Math.max(...rows.map(({ name }) => name.length))
  for (const { name, value, tone = 'plain' } of rows) {
    const painted = colour && tone !== 'plain' ? `${colours[tone]}${value}\u001b[0m` : value
    print(`${`${name}:`.padEnd(width + 2)}${painted}\n`)
  }
}

export function printJson(value: unknown, { print }: Pick<Outside, 'print'>): void {
  print(`${JSON.stringify(value, undefined, 2)}\n`)
}
