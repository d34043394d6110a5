/** Shape: the size and the names of files, and the manners of a directive that silences a tool. */
import { problemsAt, within } from './rule.ts'
import type { Rule } from './rule.ts'

/** In operator/, and in scripts/. */
const longest = { operator: 250, scripts: 300 } as const

const fileLength: Rule = {
  name: 'file-length',
  because: 'a file is one concept; past 250 lines it is two',
  check(file) {
    const most = within(file.path, ['operator/']) ? longest.operator : longest.scripts
    if (!within(file.path, ['operator/', 'scripts/']) || file.lines <= most) return []
    return [{ path: file.path, line: most, message: `${file.lines} lines` }]
  },
}

const fileNames: Rule = {
  name: 'file-names',
  because: 'a file is named for its concept; utils and helpers name none',
  check: (file) =>
    /(?:^|[/_-])(?:utils?|helpers?|common|misc)(?:[._-][^/]*)?(?:\/|\.ts$)/.test(file.path)
      ? [{ path: file.path, line: 1, message: 'this name says nothing about what is inside' }]
      : [],
}

/** The names of parts that most reconcilers and adapters have. */
const conventional =
  /^(?:apply|decide|decision|errors|events|main|metrics|observe|ports?|reconciler|settings|snapshot|status)\.ts$/

const uniqueNames: Rule = {
  name: 'unique-file-names',
  because: 'a file name alone finds its file in operator/; only the names of conventional parts repeat',
  check(file, tree) {
    const name = nameOf(file.path)
    if (!within(file.path, ['operator/']) || conventional.test(name)) return []
    const other = [...tree.keys()].find(
      (path) => path !== file.path && within(path, ['operator/']) && nameOf(path) === name,
    )
    return other === undefined ? [] : [{ path: file.path, line: 1, message: `${other} has the same name` }]
  },
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

const reasons: Rule = {
  name: 'directive-reasons',
  because:
    'who silences a tool says why: `-- reason` behind the rules, or words behind @ts-expect-error; whole files are never silenced',
  check(file) {
    const mute = file.directives.filter(({ text }) => !isReasoned(text))
    return problemsAt(file, mute, ({ text }) => `"${text}" gives no reason, or silences too much`)
  },
}

function isReasoned(directive: string): boolean {
  if (/@ts-(?:ignore|nocheck)/.test(directive)) return false
  if (directive.includes('@ts-expect-error')) return /@ts-expect-error[\s:-]+\S+ \S+/.test(directive)
  if (/^(?:oxlint|eslint)-enable/.test(directive)) return true
  return (
    /^(?:oxlint|eslint)-disable-(?:next-line|line) \S.* -- \S+ \S+/.test(directive) ||
    /-ignore.*: \S+ \S+/.test(directive)
  )
}

export const shapeRules: readonly Rule[] = [fileLength, fileNames, uniqueNames, reasons]
