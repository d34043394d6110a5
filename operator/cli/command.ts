/**
 * The type of a command of kubectl-tenantry: data for the help and the reference page, and the function that runs it. A
 * new command is a file of its own and a row in commands.ts.
 */
import type { Outside } from './outside.ts'

export interface Option {
  /** The placeholder for the value in the help: `FILE`; a flag without a value has none. */
  readonly value?: string
  /** One letter, as `o` for `-o`. */
  readonly short?: string
  readonly required?: true
  /** One sentence. */
  readonly description: string
}

export type Options = Readonly<Record<string, Option>>

/** The given values: a string for an option with a value, `true` for a flag. */
export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends { readonly value: string }
    ? O[Name] extends { readonly required: true }
      ? string
      : string | undefined
    : boolean
}

export interface Command {
  /** The words that call it: `['license', 'issue']`. */
  readonly words: readonly string[]
  /** One sentence. */
  readonly summary: string
  /** More, in paragraphs. */
  readonly details: readonly string[]
  /** The operands, in order: `<key|->`. All are required. */
  readonly operands: readonly string[]
  readonly options: Options
  /** Command lines as typed. */
  readonly examples: readonly string[]
  /** The exit code. @throws Failure */
  readonly run: (given: Given, outside: Outside) => Promise<number>
}

export interface Given {
  readonly operands: readonly string[]
  readonly values: Readonly<Record<string, string | boolean | undefined>>
}

/** A command whose function has typed options. */
export function command<O extends Options>(
  definition: Omit<Command, 'options' | 'run'> & {
    readonly options: O
    readonly run: (values: Values<O>, operands: readonly string[], outside: Outside) => Promise<number>
  },
): Command {
  const { run, ...rest } = definition
  // parse.ts fills each option by its definition: this is the one place that asserts the type.
  return { ...rest, run: ({ operands, values }, outside) => run(values as Values<O>, operands, outside) }
}
