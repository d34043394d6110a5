/**
 * Watches tenants whose data has a size limit: a look that finds another level than the reported one wakes the tenant.
 */
import { sizeLevel } from '../api/size.ts'
import type { SizeBound } from '../api/size.ts'
import type { ObservedDatabase } from '../postgres/model/observed-database.ts'

interface Bounded {
  readonly uid: string
  readonly bound: SizeBound
}

export class SizeWatch {
  /** By server, then by owner role. */
  readonly #bounded = new Map<string, Map<string, Bounded>>()

  /** The level last reported of the tenant with this uid; `undefined`: its data has no limit. */
  readonly note = (server: string, owner: string, uid: string, bound: SizeBound | undefined): void => {
    const bounded = this.#bounded.get(server) ?? new Map<string, Bounded>()
    if (bound === undefined) return void bounded.delete(owner)
    this.#bounded.set(server, bounded.set(owner, { uid, bound }))
  }

  readonly forgetTenant = (uid: string): void => {
    for (const bounded of this.#bounded.values())
      for (const [owner, each] of bounded) if (each.uid === uid) bounded.delete(owner)
  }

  readonly forget = (server: string): void => void this.#bounded.delete(server)

  /** The uids of tenants with a new level to report; once, until they are noted again. */
  crossed(server: string, found: ReadonlyMap<string, ObservedDatabase>): readonly string[] {
    const bounded = this.#bounded.get(server)
    if (bounded === undefined) return []
    return [...bounded].flatMap(([owner, { uid, bound }]) => {
      const bytes = found.get(owner)?.sizeBytes
      if (bytes === undefined || sizeLevel(bytes, bound) === bound.level) return []
      bounded.delete(owner)
      return [uid]
    })
  }
}
