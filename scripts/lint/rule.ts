import type { SourceFile, SourceTree } from './source-file.ts'

export interface Problem {
  readonly path: string
  readonly line: number
  readonly message: string
}

/** One rule of the architecture: looks at one file, and at the tree it stands in. */
export interface Rule {
  readonly name: string
  /** What holds, and why, for who breaks it. */
  readonly because: string
  readonly check: (file: SourceFile, tree: SourceTree) => readonly Problem[]
}

/** A problem for each item found, at the item's line. */
export function problemsAt<T extends { readonly line: number }>(
  file: SourceFile,
  items: readonly T[],
  message: (item: T) => string,
): Problem[] {
  return items.map((item) => ({ path: file.path, line: item.line, message: message(item) }))
}

/** Whether a path is one of these files, or lies in one of these folders (which end with a slash). */
export function within(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place))
}

/** The repository's file that a relative import means, or undefined for a package. */
export function resolved(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** `@scope/name` or `name` of a package's or built-in module's specifier. */
export function packageName(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}
