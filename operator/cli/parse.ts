/** Parses the command line into a command and its options. Pure. */
import { parseArgs } from 'node:util'
import type { Command, Given, Options } from './command.ts'

export type Call =
  | { readonly kind: 'Run'; readonly command: Command; readonly given: Given }
  /** A request for help, for these words. */
  | { readonly kind: 'Help'; readonly words: readonly string[] }
  | { readonly kind: 'Version' }
  | { readonly kind: 'Wrong'; readonly sentence: string; readonly words: readonly string[] }

const help = { help: { short: 'h', description: 'Show this help.' } } as const satisfies Options

export function parse(args: readonly string[], commands: readonly Command[]): Call {
  if (args[0] === '--version') return { kind: 'Version' }
  const first = args.findIndex((arg) => arg.startsWith('-'))
  const words = first < 0 ? args : args.slice(0, first)
  const command = commands.find((each) => each.words.every((word, at) => words[at] === word))
  if (command !== undefined) return parseFor(command, args.slice(command.words.length))
  const known = commands.some((each) => words.every((word, at) => each.words[at] === word))
  const asked = words[0] === 'help' ? words.slice(1) : words
  if (words[0] === 'help' || (known && (words.length === 0 || args.includes('--help') || args.includes('-h'))))
    return { kind: 'Help', words: asked }
  if (known) return { kind: 'Wrong', words, sentence: `"${words.join(' ')}" needs one more word.` }
  return { kind: 'Wrong', words: [], sentence: `There is no command "${words.join(' ')}".` }
}

function parseFor(command: Command, args: readonly string[]): Call {
  const wrong = (sentence: string): Call => ({ kind: 'Wrong', words: command.words, sentence })
  let parsed
  try {
    parsed = parseArgs({ args: [...args], allowPositionals: true, strict: true, options: nodeOptions(command.options) })
  } catch (error) {
    return wrong(sentenceOf(error))
  }
  const { values, positionals } = parsed
  if (values['help'] === true) return { kind: 'Help', words: command.words }
  const lacking = Object.entries(command.options).find(([name, { required }]) => required && values[name] === undefined)
  if (lacking !== undefined) return wrong(`--${lacking[0]} is missing.`)
  if (positionals.length < command.operands.length)
    return wrong(`${command.operands[positionals.length] ?? ''} is missing.`)
  if (positionals.length > command.operands.length)
    return wrong(`"${positionals[command.operands.length]}" is one word too many.`)
  return { kind: 'Run', command, given: { operands: positionals, values: withFlags(command.options, values) } }
}

function nodeOptions(options: Options) {
  const entries = Object.entries<Options[string]>({ ...options, ...help }).map(([name, { value, short }]) => {
    const type = value === undefined ? ('boolean' as const) : ('string' as const)
    return [name, { type, ...(short === undefined ? {} : { short }) }] as const
  })
  return Object.fromEntries(entries)
}

/** An absent flag is false. */
function withFlags(options: Options, values: Readonly<Record<string, unknown>>): Given['values'] {
  const entries = Object.entries(options).map(([name, { value }]) => {
    const given = values[name]
    return [name, value === undefined ? given === true : typeof given === 'string' ? given : undefined] as const
  })
  return Object.fromEntries(entries)
}

/** Node's first sentence states the error; the second explains how to escape hyphens. */
function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const [first = text] = text.split(/(?<=\.) /)
  return first.endsWith('.') ? first : `${first}.`
}
