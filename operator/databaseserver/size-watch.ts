/** Tenants whose data has a bound: a look that finds another share of it taken than was told wakes the tenant. */
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

  /** What the tenant with this uid was told last; `undefined`: its data has no bound. */
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

  /** The uids of those who are to be told something else; once, until they are noted again. */
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
