/**
 * For whom making was begun, by the namespace of the MSP that the customers lie in. The claims tell it, also of customers
 * whose Tenant is gone and whose data was retained; what this process has just begun, they tell a moment later. Passes of
 * several customers run side by side: {@link CustomerSlots.take} is where one of them becomes the last that has room.
 */
import type { Cache } from '../../runtime/cache/cache.ts'
import { customerLimitOf } from '../../domain/customer-limit.ts'
import { hasStarted } from '../model/stage.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { NameClaim } from '../../domain/caches.ts'

export class CustomerSlots {
  readonly #claims: Pick<Cache<NameClaim, 'place'>, 'by'>
  /** uid → namespace. */
  readonly #begun = new Map<string, string>()

  constructor(claims: Pick<Cache<NameClaim, 'place'>, 'by'>) {
    this.#claims = claims
  }

  readonly in = (namespace: string): ReadonlySet<string> => {
    const claimed = this.#claims.by('place', namespace).map(({ holder }) => holder)
    const begun = [...this.#begun].filter(([, where]) => where === namespace).map(([uid]) => uid)
    return new Set([...claimed, ...begun])
  }

  /** False when others were quicker since `seen` was gathered: the pass has to be repeated. */
  take(snapshot: Snapshot, { stages }: Decision): boolean {
    const { tenant, home, identity } = snapshot
    const max = home.kind === 'Msp' ? customerLimitOf(home.parent)?.max : undefined
    const makes = stages.flat().some(({ target }) => target === 'Database' || target === 'Namespace')
    const deleting = tenant.metadata.deletionTimestamp !== undefined
    if (max === undefined || !makes || deleting || hasStarted(snapshot)) return true
    const namespace = tenant.metadata.namespace ?? ''
    const others = [...this.in(namespace)].filter((uid) => uid !== identity.uid)
    if (others.length >= max) return false
    this.#begun.set(identity.uid, namespace)
    return true
  }

  /** The names were not given, or the Tenant is gone: what the claims say counts again. */
  leave(uid: string): void {
    this.#begun.delete(uid)
  }
}
