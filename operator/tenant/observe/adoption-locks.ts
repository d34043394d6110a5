/**
 * The locks of adoptions, by owner role, until the claims record them: of two Tenants that ask for the same data at the
 * same time one gets it. Across processes the mark on the role decides, which is written first.
 */
export class AdoptionLocks {
  /** Owner role → uid. */
  readonly #takers = new Map<string, string>()

  /** False where another Tenant is taking it. */
  readonly take = (owner: string, uid: string): boolean => {
    const taker = this.#takers.get(owner)
    if (taker === undefined) this.#takers.set(owner, uid)
    return taker === undefined || taker === uid
  }

  /** The takeover failed, or the Tenant is gone: the claims decide again. */
  readonly forget = (uid: string): void => {
    for (const [owner, taker] of this.#takers) if (taker === uid) this.#takers.delete(owner)
  }
}
