/** The tenants that are recorded on a server, and those of them that are missing there. */
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Tenant } from '../api/tenant.ts'
import { AnotherServer } from '../postgres/model/port.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import { keyOf } from '../runtime/objects/object.ts'
import type { NameClaim } from '../domain/caches.ts'
import type { JudgeCatalogue } from './catalogue-cache.ts'
import { acceptedServer, addressText } from './server-identity.ts'
import type { ObservedDatabase } from '../postgres/model/observed-database.ts'

export interface PlacedCaches {
  readonly servers: Pick<Cache<DatabaseServer>, 'get'>
  readonly claims: Pick<Cache<NameClaim, 'server'>, 'by'>
  readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
}

type Found = ReadonlyMap<string, ObservedDatabase>

/**
 * At least this many tenants have to be missing, and all of them, until a server counts as another one: a single one
 * may have been dropped.
 */
const leastMissing = 2

/**
 * Recognises another server by its missing tenants, where its identity may not be read, or none is recorded. Accepted
 * by the annotation with the address.
 */
export function judgeByTenants(caches: PlacedCaches): JudgeCatalogue {
  return (name, found, unknown) => {
    const server = caches.servers.get(name)
    if (server === undefined || (server.status?.systemIdentifier !== undefined && !unknown)) return
    if (acceptedServer(server) === addressText(server)) return
    const made = madeOn(name, caches)
    if (made.length < leastMissing || made.some((tenant) => isThere(tenant, found))) return
    throw new AnotherServer(`None of the tenants of the DatabaseServer ${name} exists there.`, undefined)
  }
}

/** `namespace/name` of the missing ones, in order. */
export function missingOn(server: string, found: Found, caches: PlacedCaches): readonly string[] {
  return madeOn(server, caches)
    .filter((tenant) => !isThere(tenant, found))
    .map(keyOf)
    .toSorted()
}

/** The tenants whose database was complete once, and is not being removed. */
function madeOn(server: string, { claims, tenants }: PlacedCaches): readonly Tenant[] {
  const holders = new Set(claims.by('server', server).map(({ holder }) => holder))
  return [...holders]
    .flatMap((uid) => tenants.by('uid', uid))
    .filter(
      ({ metadata, status }) =>
        status?.database?.name !== undefined &&
        status.database.server === server &&
        status.purge?.startedAt === undefined &&
        metadata.deletionTimestamp === undefined,
    )
}

function isThere({ status }: Tenant, found: Found): boolean {
  const observed = found.get(status?.database?.roles?.owner ?? '')
  return observed?.owner !== undefined && observed.database !== undefined
}
