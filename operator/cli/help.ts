/** The help for a command, a group of commands, and all commands, from their definitions. Pure. */
import type { Command, Option } from './command.ts'

export const program = 'kubectl tenantry'

/** The help for these words: a command, or the commands that begin with them. */
export function helpOn(words: readonly string[], commands: readonly Command[]): string {
  const found = commands.filter((each) => words.every((word, at) => each.words[at] === word))
  const [only] = found
  if (only !== undefined && only.words.length === words.length) return helpOf(only)
  const rows = (found.length === 0 ? commands : found).map(
    ({ words: call, summary }) => [call.join(' '), summary] as const,
  )
  return [
    `Usage: ${program} <command> [options]`,
    '',
    ...table(rows),
    '',
    `"${program} <command> --help" describes a command.`,
  ].join('\n')
}

function helpOf({ words, summary, details, operands, options, examples }: Command): string {
  const rows = Object.entries(options).map(([name, option]) => [optionCall(name, option), option.description] as const)
  return [
    `Usage: ${[program, ...words, ...operands, ...(rows.length === 0 ? [] : ['[options]'])].join(' ')}`,
    '',
    summary,
    ...details.flatMap((paragraph) => ['', ...wrapped(paragraph)]),
    ...(rows.length === 0 ? [] : ['', 'Options:', ...table(rows)]),
    '',
    'Examples:',
    ...examples.map((line) => `  ${line}`),
  ].join('\n')
}

/** `-o, --output FORMAT` */
export function optionCall(name: string, { short, value, required }: Option): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`
  const mark = required === true ? ' (required)' : ''
  return `${short === undefined ? '' : `-${short}, `}${long}${mark}`
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}

function wrapped(paragraph: string, width = 100): readonly string[] {
  return paragraph.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) return [...lines.slice(0, -1), `${last} ${word}`]
    return [...lines, word]
  }, [])
}
