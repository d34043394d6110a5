/** The strings that the operator's source says, read from the syntax tree: comments are none of them. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { parseSync, Visitor } from 'oxc-parser'

import { sourcePaths } from '../../../scripts/lint/source-paths.ts'

const root = resolve(import.meta.dirname, '../../..')

export interface SourceString {
  /** From the repository's root. */
  readonly path: string
  /** A whole literal, or a template with `…` for each of its values. */
  readonly text: string
}

/** All of operator/. */
export async function sourceStrings(): Promise<readonly SourceString[]> {
  const paths = (await sourcePaths(root)).filter((path) => path.startsWith('operator/'))
  const files = await Promise.all(
    paths.map(async (path) =>
      stringsOf(path, await readFile(`${root}/${path}`, 'utf8')).map((text) => ({ path, text })),
    ),
  )
  return files.flat()
}

function stringsOf(path: string, source: string): readonly string[] {
  const { program, errors } = parseSync(path, source)
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`)
  const found: string[] = []
  new Visitor({
    Literal: ({ value }) => {
      if (typeof value === 'string') found.push(value)
    },
    TemplateLiteral: ({ quasis }) => void found.push(quasis.map(({ value }) => value.cooked ?? '').join('…')),
  }).visit(program)
  return found
}
