/** The answer of the catalogue query, as {@link ObservedDatabase} per tenant. */
import { z } from 'zod'

import type { DatabaseNames } from '../../api/names.ts'
import { dumpNames } from './dump-names.ts'
import { insideVersion, isSharedMark, parseMark } from './mark.ts'
import type { MarkComment } from './mark.ts'
import { aclGrantee } from './quote.ts'
import type { ObservedDatabase, ObservedMark, ObservedRole } from './observed-database.ts'

const role = z.object({
  name: z.string(),
  comment: z.string().nullable(),
  canLogin: z.boolean(),
  connectionLimit: z.number(),
  expired: z.boolean().optional(),
  attributes: z.array(z.string()),
  memberOf: z.array(z.string()),
  members: z.array(z.string()),
  settings: z.array(z.string()),
  owns: z.array(z.string()),
})
const database = z.object({
  name: z.string(),
  comment: z.string().nullable(),
  owner: z.string(),
  connectionLimit: z.number(),
  allowConnections: z.boolean(),
  acl: z.array(z.string()),
})
export const catalogueDocument = z.object({
  version: z.number(),
  operator: z.string(),
  settable: z.array(z.string()),
  roles: z.array(role),
  databases: z.array(database),
  sessions: z.record(z.string(), z.number()),
})
export type CatalogueDocument = z.infer<typeof catalogueDocument>

/**
 * By owner role. Without `names`, for each owner role with a mark in `document`, whose comment contains the other
 * names.
 */
export function observedDatabases(
  document: CatalogueDocument,
  names: readonly DatabaseNames[] = markedNames(document),
): ReadonlyMap<string, ObservedDatabase> {
  const roles = new Map(document.roles.map((entry) => [entry.name, entry]))
  const sharing = new Set(document.roles.filter(isSharing).map((entry) => entry.name))
  const databases = new Map(
    document.databases.map((entry) => [entry.name, { ...entry, rights: rightsOf(entry, sharing) }]),
  )
  return new Map(names.map((name) => [name.owner, observed(document, name, { roles, databases })]))
}

function isSharing({ comment }: z.infer<typeof role>): boolean {
  const mark = parseMark(comment ?? undefined)
  return mark?.kind === 'owner' && mark.schema !== undefined
}

/** The rights in a shared database, by owner role, and under the empty string those of all others. */
type Rights = ReadonlyMap<string, readonly string[]>

function rightsOf({ acl }: z.infer<typeof database>, sharing: ReadonlySet<string>): Rights {
  return Map.groupBy(acl, (item) => {
    const grantee = aclGrantee(item)
    return sharing.has(grantee) ? grantee : ''
  })
}

interface Rows {
  readonly roles: ReadonlyMap<string, z.infer<typeof role>>
  readonly databases: ReadonlyMap<string, z.infer<typeof database> & { readonly rights: Rights }>
}

function observed(
  { version, operator, settable, sessions }: CatalogueDocument,
  names: DatabaseNames,
  { roles, databases }: Rows,
): ObservedDatabase {
  const [owner, a, b] = [names.owner, names.logins.a, names.logins.b].map((name) => roles.get(name))
  const found = databases.get(names.database)
  const mark = parseMark(found?.comment ?? undefined)
  const dump = dumpOf(names, roles, databases)
  const acl = [...(found?.rights.get('') ?? []), ...(found?.rights.get(names.owner) ?? [])].toSorted()
  return {
    version,
    operator,
    settable,
    ...(owner && { owner: observedRole(owner, 'owner') }),
    logins: { ...(a && { a: observedRole(a, 'login') }), ...(b && { b: observedRole(b, 'login') }) },
    ...(found && { database: observedOutside({ ...found, acl }, mark) }),
    complete:
      (names.schema === undefined ? insideOf(mark) : insideOf(parseMark(owner?.comment ?? undefined))) ===
      insideVersion,
    ...insideRecord(owner),
    ...(dump && { dump }),
    sessions: [names.owner, names.logins.a, names.logins.b].reduce((sum, name) => sum + (sessions[name] ?? 0), 0),
  }
}

/** A dump's roles are made first and removed last, so they show its state; without them it cannot be under way. */
function dumpOf(names: DatabaseNames, roles: Rows['roles'], databases: Rows['databases']): ObservedDatabase['dump'] {
  const { login, restorer, scratch } = dumpNames(names)
  const found = [login, restorer].flatMap((name) => roles.get(name) ?? [])
  if (found.length === 0 && !databases.has(scratch)) return undefined
  return found.every(({ expired }) => expired === true) ? 'Expired' : 'Current'
}

function observedRole(row: z.infer<typeof role>, kind: MarkComment['kind']): ObservedRole {
  const { comment, canLogin, connectionLimit, attributes, memberOf, members, settings, owns } = row
  const mark = parseMark(comment ?? undefined)
  return {
    ...(mark?.kind === kind && { mark: head(mark) }),
    ...(comment !== null && { comment }),
    canLogin,
    connectionLimit,
    attributes,
    memberOf,
    members,
    settings,
    ...(owns.length > 0 && { owns }),
  }
}

function observedOutside(row: z.infer<typeof database>, mark: MarkComment | undefined) {
  const { owner, connectionLimit, allowConnections, acl } = row
  return {
    owner,
    connectionLimit,
    allowConnections,
    acl,
    ...(mark?.kind === 'database' && { mark: head(mark) }),
    ...(isSharedMark(row.comment ?? undefined) && { shared: true }),
  }
}

function insideRecord(owner: z.infer<typeof role> | undefined): Pick<ObservedDatabase, 'inside'> {
  const inside = insideOf(parseMark(owner?.comment ?? undefined))
  return inside === undefined ? {} : { inside }
}

/** Which version of the inside a mark says is complete. */
function insideOf(mark: MarkComment | undefined): number | undefined {
  return mark?.kind === 'owner' || mark?.kind === 'database' ? mark.inside : undefined
}

function head({ installation, tenant, uid }: ObservedMark): ObservedMark {
  return { installation, tenant, uid }
}

function markedNames(document: CatalogueDocument): DatabaseNames[] {
  return document.roles.flatMap(({ name, comment }) => {
    const mark = parseMark(comment ?? undefined)
    if (mark?.kind !== 'owner') return []
    const { database: of, schema, logins } = mark
    return [{ database: of, ...(schema !== undefined && { schema }), owner: name, logins }]
  })
}
