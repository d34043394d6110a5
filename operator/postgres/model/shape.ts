/**
 * The differences between a tenant's own database and a schema in a shared one. Everything else (roles, marks, actions,
 * drift, removal) is the same for both and knows nothing of it.
 */
import { directorySchema } from '../../api/names.ts'
import { insideVersion, sharedComment } from './mark.ts'
import type { Isolation } from '../../api/phases.ts'
import { mayUse } from './platform-roles.ts'
import type { TenantDatabase } from './port.ts'
import { aclName } from './quote.ts'
import type { ObservedDatabase, ObservedSchema } from './observed-database.ts'

export interface Shape {
  /** The owner role's rights on the database: in the letters of an aclitem, and in the words of a GRANT. */
  readonly rights: { readonly letters: string; readonly words: string }
  /** `datconnlimit`; the tenant's own limit is on its logins. */
  readonly connectionLimit: (target: TenantDatabase) => number
  /** The COMMENT that the database is opened with. A tenant's own is marked by its inside. */
  readonly openedAs: (target: TenantDatabase) => string | undefined
  /** Whether only the tenant's roles, and the operator, can have sessions there. */
  readonly ownsSessions: boolean
  /** What else the tenant's logins start with. */
  readonly loginSettings: (target: TenantDatabase) => Readonly<Record<string, string>>
  /** Whether what the tenant has inside is as it was completed, as far as the look went. */
  readonly isWhole: (target: TenantDatabase, seen: ObservedDatabase) => boolean
  /** Whether something of the tenant may be left inside. */
  readonly remains: (seen: ObservedDatabase) => boolean
}

/** Connections to a tenant's database that stay free for the operator when the tenant has used up its own. */
const reservedConnections = 2

const shapes: Readonly<Record<Isolation, Shape>> = {
  Database: {
    rights: { letters: 'CTc', words: 'CONNECT, CREATE, TEMPORARY' },
    connectionLimit: ({ connectionLimit }) => (connectionLimit < 0 ? -1 : connectionLimit + reservedConnections),
    openedAs: () => undefined,
    ownsSessions: true,
    loginSettings: () => ({}),
    // The mark of a tenant that was taken over is replaced with the inside.
    isWhole: ({ mark }, { database }) => database?.mark?.uid === mark.uid,
    remains: ({ database }) => database !== undefined,
  },
  Schema: {
    // Without CREATE there are no further schemas, and no extensions or publications, which reach beyond a schema.
    rights: { letters: 'Tc', words: 'CONNECT, TEMPORARY' },
    connectionLimit: () => -1,
    openedAs: ({ mark }) => sharedComment(mark),
    ownsSessions: false,
    loginSettings: ({ names }) => (names.schema === undefined ? {} : { search_path: names.schema }),
    isWhole: (target, { schemas, operator }) =>
      schemas === undefined ||
      wantedSchemas(target, operator).every((want) => isRight(target, want, schemas[want.name])),
    // The owner role's objects there go in one transaction, so until that role is gone they may still exist.
    remains: ({ database, owner, logins }) =>
      database !== undefined && (owner !== undefined || logins.a !== undefined || logins.b !== undefined),
  },
}

export function shapeOf({ isolation }: Pick<TenantDatabase, 'isolation'>): Shape {
  return shapes[isolation]
}

export interface WantedSchema {
  readonly name: string
  readonly operator: string
  /** The owner role's rights there: the aclitem, and the words of a GRANT. */
  readonly tenant: string
  readonly words: string
}

/** The tenant's schema and that of its directory. The operator owns both, so that no tenant can pass on a way in. */
export function wantedSchemas(target: TenantDatabase, operator: string): readonly WantedSchema[] {
  const { names } = target
  const by = aclName(operator)
  const own = `${by}=UC/${by}`
  const rights = (letters: string) => `${aclName(names.owner)}=${letters}/${by}`
  return [
    { name: names.schema ?? '', operator: own, tenant: rights('UC'), words: 'USAGE, CREATE' },
    { name: directorySchema(names), operator: own, tenant: rights('U'), words: 'USAGE' },
  ]
}

function isRight(
  target: TenantDatabase,
  { operator, tenant }: WantedSchema,
  seen: ObservedSchema | undefined,
): boolean {
  const acl = seen?.acl.filter((item) => !mayUse(target, item))
  return acl?.length === 2 && acl.includes(operator) && acl.includes(tenant)
}

/**
 * The version of the inside to record on the owner role: EnsureRoles must not erase the record that the data existed.
 */
export function completedInside({
  complete,
  inside,
}: Pick<ObservedDatabase, 'complete' | 'inside'>): number | undefined {
  return inside ?? (complete ? insideVersion : undefined)
}

/** Whether the tenant's data is known to be missing: its database, or with isolation Schema its schema. */
export function isDataMissing({ names }: Pick<TenantDatabase, 'names'>, seen: ObservedDatabase | undefined): boolean {
  if (seen?.database === undefined) return true
  return names.schema !== undefined && seen.schemas !== undefined && seen.schemas[names.schema] === undefined
}

/**
 * Whether the data existed once and is not to be created: it was lost, unless an administrator asks for an empty one.
 */
export function mayNotCreate(
  { creation }: Pick<TenantDatabase, 'creation'>,
  seen: ObservedDatabase | undefined,
): boolean {
  return creation === 'Never' || (creation !== 'Anew' && seen?.inside !== undefined)
}

/** Whether the tenant's data existed once and is gone. */
export function isDataLost(
  target: Pick<TenantDatabase, 'names' | 'creation'>,
  seen: ObservedDatabase | undefined,
): boolean {
  return isDataMissing(target, seen) && mayNotCreate(target, seen)
}
