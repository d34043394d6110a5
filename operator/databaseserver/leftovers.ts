/**
 * Data on a server that bears marks of this installation, and the uid of no Tenant: the object was torn out, by taking its
 * finalizer off say. It is told, and never removed. What was kept on purpose (its claims say so) is not among it.
 */
import type { Condition, NewCondition } from '../api/conditions.ts'
import type { Tenant } from '../api/tenant.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { NameClaim } from '../domain/caches.ts'
import type { ObservedDatabase } from '../postgres/model/observed-database.ts'

export interface Leftover {
  readonly uid: string
  /** The role that owns its data; the database, or the schema, is called the same. */
  readonly owner: string
  /** What it was called (`namespace/name`), and its namespace, where its claims still tell. */
  readonly tenant?: string
  readonly namespace?: string
}

export interface LeftoverCaches {
  readonly claims: Pick<Cache<NameClaim, 'server' | 'holder'>, 'by'>
  readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
}

/** A tenant that is just being made or removed looks like this for a moment: two looks have to agree. */
export class LeftoverWatch {
  readonly #caches: LeftoverCaches
  /** The uids that were nobody's at the last look, by server. */
  readonly #before = new Map<string, ReadonlySet<string>>()

  constructor(caches: LeftoverCaches) {
    this.#caches = caches
  }

  /** In the order of their uids; undefined where this is the first look. `found`: by owner role. */
  readonly look = (server: string, found: ReadonlyMap<string, ObservedDatabase>): readonly Leftover[] | undefined => {
    const before = this.#before.get(server)
    const candidates = this.#nobodys(server, found)
    this.#before.set(server, new Set(candidates.map(({ uid }) => uid)))
    return before && candidates.filter(({ uid }) => before.has(uid))
  }

  readonly forget = (server: string): void => void this.#before.delete(server)

  #nobodys(server: string, found: ReadonlyMap<string, ObservedDatabase>): readonly Leftover[] {
    const { claims, tenants } = this.#caches
    const isThere = (uid: string) => tenants.by('uid', uid).length > 0
    const known = new Set(
      claims
        .by('server', server)
        .filter(({ retained, holder }) => retained || isThere(holder))
        .flatMap(({ holder, formerUids }) => [holder, ...formerUids]),
    )
    return [...found]
      .flatMap(([owner, { owner: role, logins }]) => {
        const uid = (role?.mark ?? logins.a?.mark ?? logins.b?.mark)?.uid
        return uid === undefined || known.has(uid) || isThere(uid) ? [] : [{ uid, owner, ...this.#recorded(uid) }]
      })
      .toSorted((one, other) => (one.uid < other.uid ? -1 : 1))
  }

  #recorded(uid: string): Pick<Leftover, 'tenant' | 'namespace'> {
    const held = this.#caches.claims.by('holder', uid)
    const claim = held.find(({ kind }) => kind === 'CloudId') ?? held[0]
    if (claim === undefined) return {}
    const { tenant, namespace } = claim
    return { tenant, ...(namespace === undefined ? {} : { namespace }) }
  }
}

const most = 10

/** There only while there are some. */
export function leftoversCondition(
  leftovers: readonly Leftover[] | undefined,
  before: Condition | undefined,
  observedGeneration: number,
): readonly NewCondition[] {
  if (leftovers === undefined) return before === undefined ? [] : [before]
  if (leftovers.length === 0) return []
  const more = leftovers.length > most ? `; and ${leftovers.length - most} more` : ''
  const message = `Data is here of tenants whose Tenants are gone, and that nobody decided to keep: ${leftovers.slice(0, most).map(sentence).join('; ')}${more}. Nothing of it is removed by itself, and its logins may still work. Create a Tenant with the annotation tenantry.dev/adopt: <uid> to bring one back, or to delete it in the proper way then.`
  return [{ type: 'Leftovers', status: 'True', reason: 'TenantGone', message, observedGeneration }]
}

function sentence({ uid, owner, tenant, namespace }: Leftover): string {
  const parts = [`uid ${uid}`, `role ${owner}`, ...(namespace === undefined ? [] : [`namespace ${namespace}`])]
  return tenant === undefined ? parts.join(', ') : `${tenant} (${parts.join(', ')})`
}
