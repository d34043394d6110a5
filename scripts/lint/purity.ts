/**
 * Purity: what decides does not act. The import rules follow the imports of imports, since a pure file that calls one
 * that reads a file is not pure either.
 */
import { packageName, problemsAt, resolved, within } from './rule.ts'
import type { Rule } from './rule.ts'
import type { SourceFile, SourceTree } from './source-file.ts'

const pureNames = /^operator\/(?:[^/]+\/)+(?:decide|checks|objects|statements|message|drift)(?:-[^/]+)?(?:\.ts$|\/)/

/** The files that must be pure: by their name, all of operator/api, and those whose first comment says "Pure.". */
export function isPure({ path, isDeclaredPure }: SourceFile): boolean {
  if (!path.startsWith('operator/')) return false
  return (
    isDeclaredPure || pureNames.test(path) || path === 'operator/config/config.ts' || path.startsWith('operator/api/')
  )
}

/** Modules that compute and do nothing else. From node:crypto only what {@link secureRandom} is not. */
const pureModules: ReadonlySet<string> = new Set([
  'node:crypto',
  'node:util',
  'node:url',
  'node:querystring',
  'node:buffer',
  'zod',
  'handlebars',
])

const secureRandom = /^(?:random|generateKey|getRandomValues|webcrypto|subtle|\*|default)/

/** The files that may read clock, randomness, timers and the process; all others are passed a port. */
const ambientFiles = [
  'operator/main.ts',
  'operator/web-main.ts',
  'operator/runtime/base/system-clock.ts',
  'operator/cli/main.ts',
]

const ambientModules: ReadonlySet<string> = new Set([
  'node:process',
  'node:perf_hooks',
  'node:timers',
  'node:timers/promises',
])

const pureImports: Rule = {
  name: 'pure-imports',
  because:
    'decide, checks, objects, statements, message, drift, config, api and what calls itself pure compute only: no adapter, no I/O, not even through another file',
  check(file, tree) {
    if (!isPure(file)) return []
    return impurities(file, tree, new Set([file.path])).map(({ line, trail }) => ({
      path: file.path,
      line,
      message: `a pure file reaches ${trail.join(' → ')}`,
    }))
  },
}

interface Impurity {
  readonly line: number
  readonly trail: readonly string[]
}

function impurities(file: SourceFile, tree: SourceTree, seen: Set<string>): Impurity[] {
  const found: Impurity[] = []
  for (const { specifier, line, typeOnly } of file.imports) {
    if (typeOnly) continue
    const path = resolved(file.path, specifier)
    if (path === undefined) {
      const module = specifier.startsWith('node:') ? specifier : packageName(specifier)
      if (!pureModules.has(module)) found.push({ line, trail: [specifier] })
      continue
    }
    const next = tree.get(path)
    if (next === undefined || seen.has(path)) continue
    seen.add(path)
    found.push(...impurities(next, tree, seen).map(({ trail }) => ({ line, trail: [path, ...trail] })))
  }
  return found
}

const pureDeadlines: Rule = {
  name: 'pure-deadlines',
  because: 'a deadline or a request is an effect; adapters set the one and send the other',
  check: (file) =>
    isPure(file)
      ? problemsAt(
          file,
          file.uses.filter(({ name }) => name === 'AbortSignal.timeout' || name === 'fetch'),
          ({ name }) => `${name} in a pure file`,
        )
      : [],
}

const ambient: Rule = {
  name: 'ambient',
  because:
    'time, timers, randomness, environment and process come through ports (Clock, Random) or as Config, so that tests hold them',
  check(file) {
    if (!within(file.path, ['operator/']) || within(file.path, ambientFiles)) return []
    const allowed = new Set(['fetch', 'AbortSignal.timeout', 'queueMicrotask'])
    const uses = file.uses.filter(({ name }) => !allowed.has(name))
    const imports = file.imports.filter(({ specifier, typeOnly }) => !typeOnly && ambientModules.has(specifier))
    return [
      ...problemsAt(file, uses, ({ name }) => `${name} outside ${ambientFiles.join(', ')}`),
      ...problemsAt(file, imports, ({ specifier }) => `${specifier} outside ${ambientFiles.join(', ')}`),
    ]
  },
}

const randomness: Rule = {
  name: 'randomness',
  because: 'random bytes come through the port Random, so that a test knows them',
  check(file) {
    if (!within(file.path, ['operator/']) || within(file.path, ambientFiles)) return []
    const imports = file.imports.filter(
      ({ specifier, names, typeOnly }) =>
        !typeOnly && specifier === 'node:crypto' && names.some((name) => secureRandom.test(name)),
    )
    return problemsAt(file, imports, ({ names }) => `node:crypto's ${names.join(', ')}: import single pure functions`)
  },
}

export const purityRules: readonly Rule[] = [pureImports, pureDeadlines, ambient, randomness]
