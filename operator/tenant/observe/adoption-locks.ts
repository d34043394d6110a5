/**
 * Who is taking which data over, by its owner role, until the claims tell: of two Tenants that ask for the same at the same
 * time one has it. Across processes the mark on the role decides, which is written before anything else is done there.
 */
export class AdoptionLocks {
  /** Owner role → uid. */
  readonly #takers = new Map<string, string>()

  /** False where another one is taking it. */
  readonly take = (owner: string, uid: string): boolean => {
    const taker = this.#takers.get(owner)
    if (taker === undefined) this.#takers.set(owner, uid)
    return taker === undefined || taker === uid
  }

  /** It failed, or the Tenant is gone: what the claims say counts again. */
  readonly forget = (uid: string): void => {
    for (const [owner, taker] of this.#takers) if (taker === uid) this.#takers.delete(owner)
  }
}
