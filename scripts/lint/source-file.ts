/**
 * What the architecture rules see of a TypeScript file: its imports, the ambient things it reaches for, the directives
 * that silence a tool, its length. Read from the syntax tree, so that neither a comment nor a string can fool a rule.
 */
import { parseSync } from 'oxc-parser'
import { ambientUses } from './ambient-uses.ts'
import type { Use } from './ambient-uses.ts'

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean
  /** The imported names; `*` for all and `default` for the default one. */
  readonly names: readonly string[]
}

/** A comment that tells a tool to look away. */
export interface Directive {
  readonly text: string
  readonly line: number
}

export interface SourceFile {
  /** From the repository's root, with slashes. */
  readonly path: string
  readonly lines: number
  readonly imports: readonly Import[]
  readonly uses: readonly Use[]
  readonly directives: readonly Directive[]
  /** Its first comment has the sentence "Pure.", as many a file's description does. */
  readonly isDeclaredPure: boolean
}

/** All files that were read, by path. */
export type SourceTree = ReadonlyMap<string, SourceFile>

const silencer = /(?:oxlint|eslint)-(?:disable|enable)|@ts-(?:ignore|expect-error|nocheck)|oxfmt-ignore|prettier-ignore/

/** @throws Error when the file is no TypeScript. */
export function readSource(path: string, source: string): SourceFile {
  const parsed = parseSync(path, source)
  const [error] = parsed.errors
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`)
  const lineAt = lineCounter(source)
  return {
    path,
    lines: lineAt(source.trimEnd().length),
    imports: importsOf(parsed.module, source, lineAt),
    uses: ambientUses(parsed.program, lineAt),
    directives: parsed.comments
      .filter((comment) => silencer.test(comment.value))
      .map((comment) => ({ text: comment.value.trim(), line: lineAt(comment.start) })),
    isDeclaredPure: /(?:^|[.\s*])Pure[.\s]/.test(parsed.comments[0]?.value ?? ''),
  }
}

type Module = ReturnType<typeof parseSync>['module']

interface Entry {
  readonly isType: boolean
  readonly importName: { readonly kind: string; readonly name: string | null }
}

function importsOf(module: Module, source: string, lineAt: (offset: number) => number): Import[] {
  const statements = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      moduleRequest,
      entries: entries as readonly Entry[],
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap((entry) =>
        entry.moduleRequest ? [{ moduleRequest: entry.moduleRequest, entries: [entry] }] : [],
      ),
    ),
  ]
  const dynamic = module.dynamicImports.map(({ moduleRequest }) => ({
    specifier: source.slice(moduleRequest.start, moduleRequest.end).replaceAll(/^['"`]|['"`]$/g, ''),
    line: lineAt(moduleRequest.start),
    typeOnly: false,
    names: ['*'],
  }))
  return [...statements.map((statement) => importOf(statement, lineAt)), ...dynamic]
}

function importOf(
  { moduleRequest, entries }: { moduleRequest: { value: string; start: number }; entries: readonly Entry[] },
  lineAt: (offset: number) => number,
): Import {
  return {
    specifier: moduleRequest.value,
    line: lineAt(moduleRequest.start),
    typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
    names: entries.map(({ importName }) => importName.name ?? (importName.kind === 'Default' ? 'default' : '*')),
  }
}

function lineCounter(source: string): (offset: number) => number {
  const starts = [0, ...Array.from(source.matchAll(/\n/g), (match) => match.index + 1)]
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1
}
