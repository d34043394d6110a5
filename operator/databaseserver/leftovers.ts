/**
 * Finds leftovers: data on a server with marks of this installation and the uid of no Tenant, for example after a
 * finalizer was removed by hand. They are reported and never removed. Data that was kept on purpose (its claims say so)
 * does not count.
 */
import type { Condition, NewCondition } from '../api/conditions.ts'
import type { Tenant } from '../api/tenant.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { NameClaim } from '../domain/caches.ts'
import type { ObservedDatabase } from '../postgres/model/observed-database.ts'

export interface Leftover {
  readonly uid: string
  /** The role that owns the data; the database, or the schema, has the same name. */
  readonly owner: string
  /** The former name (`namespace/name`) and namespace, where the claims still have them. */
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
  /** The uids without a Tenant at the last look, by server. */
  readonly #before = new Map<string, ReadonlySet<string>>()

  constructor(caches: LeftoverCaches) {
    this.#caches = caches
  }

  /** The leftovers in the order of their uids; undefined at the first look. `found`: by owner role. */
  readonly look = (server: string, found: ReadonlyMap<string, ObservedDatabase>): readonly Leftover[] | undefined => {
    const before = this.#before.get(server)
    const candidates = this.#withoutTenant(server, found)
    this.#before.set(server, new Set(candidates.map(({ uid }) => uid)))
    return before && candidates.filter(({ uid }) => before.has(uid))
  }

  readonly forget = (server: string): void => void this.#before.delete(server)

  #withoutTenant(server: string, found: ReadonlyMap<string, ObservedDatabase>): readonly Leftover[] {
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

/** Present only while there are leftovers. */
export function leftoversCondition(
  leftovers: readonly Leftover[] | undefined,
  before: Condition | undefined,
  observedGeneration: number,
): readonly NewCondition[] {
  if (leftovers === undefined) return before === undefined ? [] : [before]
  if (leftovers.length === 0) return []
  const more = leftovers.length > most ? `; and ${leftovers.length - most} more` : ''
  const message = `The server has data of tenants whose Tenants are gone without a decision to keep it: ${leftovers.slice(0, most).map(sentence).join('; ')}${more}. Tenantry removes nothing of it, and its logins may still work. Create a Tenant with the annotation tenantry.dev/adopt: <uid> to bring one back, or to delete it properly afterwards.`
  return [{ type: 'Leftovers', status: 'True', reason: 'TenantGone', message, observedGeneration }]
}

function sentence({ uid, owner, tenant, namespace }: Leftover): string {
  const parts = [`uid ${uid}`, `role ${owner}`, ...(namespace === undefined ? [] : [`namespace ${namespace}`])]
  return tenant === undefined ? parts.join(', ') : `${tenant} (${parts.join(', ')})`
}
