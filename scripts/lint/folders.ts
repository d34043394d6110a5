/**
 * The order of the folders of operator/: each file imports from its own folder and from those above it in this list, types
 * included. So no circle of folders can come about, and none of files between them.
 */
import { dirname } from 'node:path/posix'
import { problemsAt, resolved, within } from './rule.ts'
import type { Rule } from './rule.ts'
import type { SourceFile, SourceTree } from './source-file.ts'

/** From the ground up. A new folder gets its place here and a README.md that opens with its charter. */
export const folderOrder: readonly string[] = [
  'operator/runtime/base',
  'operator/kube',
  'operator/runtime/logging',
  'operator/runtime/queue',
  'operator/runtime/metrics',
  'operator/runtime/objects',
  'operator/runtime/cache',
  'operator/runtime/leadership',
  'operator/runtime/events',
  'operator/runtime/controller',
  'operator/runtime/process',
  'operator/api',
  'operator/api/policies',
  'operator/api/docs',
  'operator/license',
  'operator/mail',
  'operator/postgres/model',
  'operator/postgres/statements',
  'operator/postgres/session',
  'operator/postgres/reads',
  'operator/postgres/actions',
  'operator/postgres',
  'operator/dump',
  'operator/domain',
  'operator/databaseserver',
  'operator/accessgrant/terms',
  'operator/accessgrant',
  'operator/tenant/model',
  'operator/tenant/access',
  'operator/tenant/lifecycle',
  'operator/tenant/validation',
  'operator/tenant/namespace',
  'operator/tenant/database',
  'operator/tenant/names',
  'operator/tenant/status',
  'operator/tenant/contests',
  'operator/tenant/removal',
  'operator/tenant/decide',
  'operator/tenant/observe',
  'operator/tenant/apply',
  'operator/tenant/report',
  'operator/tenant',
  'operator/tenantadmin/invite',
  'operator/tenantadmin',
  'operator/tenantplan',
  'operator/nameclaim',
  'operator/web/http',
  'operator/web/identity',
  'operator/web/ldap',
  'operator/web/oidc',
  'operator/web/sessions',
  'operator/web/portal',
  'operator/web/sign-in',
  'operator/web/accept',
  'operator/web/views',
  'operator/web/routes',
  'operator/web',
  'operator/config',
  'operator/app',
  'operator/pages',
  'operator/cli',
  'operator',
]

const ranks = new Map(folderOrder.map((folder, rank) => [folder, rank]))

const order: Rule = {
  name: 'folder-order',
  because:
    'a folder imports only from the folders above it in scripts/lint/folders.ts, so that it can be read without those below',
  check(file) {
    if (!within(file.path, ['operator/'])) return []
    const own = ranks.get(dirname(file.path))
    if (own === undefined)
      return [{ path: file.path, line: 1, message: `the folder ${dirname(file.path)} has no place in the order` }]
    const upward = file.imports.filter(({ specifier }) => {
      const path = resolved(file.path, specifier)
      return path !== undefined && (ranks.get(dirname(path)) ?? -1) > own
    })
    return problemsAt(file, upward, ({ specifier }) => `imports upward: ${resolved(file.path, specifier)}`)
  },
}

const circles: Rule = {
  name: 'no-circle',
  because:
    'files that import each other, types included, can only be read together: what both need stands in a file of its own',
  check(file, tree) {
    if (!within(file.path, ['operator/'])) return []
    const closing = file.imports.filter(({ specifier }) => {
      const path = resolved(file.path, specifier)
      return path !== undefined && reachableFrom(path, tree).has(file.path)
    })
    return problemsAt(file, closing, ({ specifier }) => `a circle through ${resolved(file.path, specifier)}`)
  },
}

/** The files that are imported from `path`, itself included, directly or through others. */
function reachableFrom(path: string, tree: SourceTree, seen: Set<string> = new Set()): ReadonlySet<string> {
  const file: SourceFile | undefined = tree.get(path)
  if (file === undefined || seen.has(path)) return seen
  seen.add(path)
  for (const { specifier } of file.imports) {
    const next = resolved(path, specifier)
    if (next !== undefined) reachableFrom(next, tree, seen)
  }
  return seen
}

export const folderRules: readonly Rule[] = [order, circles]
