/**
 * Pauses that grow with the failures of one account, whether it exists or not. A process counts for itself. Its memory is
 * bounded.
 */

/** Failures without a pause, the first pause and the longest, and how long a failure counts; in milliseconds. */
const free = 5
const firstPause = 2_000
const longestPause = 5 * 60_000
const memory = 3_600_000
const mostAccounts = 10_000

interface Failures {
  readonly count: number
  readonly last: number
  /** No attempt before that. */
  readonly until: number
}

export class AccountThrottle {
  readonly #accounts = new Map<string, Failures>()

  /**
   * Zero where an attempt may be made now; it counts as a failure until {@link succeeded}, so that attempts at once count
   * too. Otherwise the seconds to wait. `now`: monotonic.
   */
  attempt(account: string, now: number): number {
    const known = this.#accounts.get(account)
    const before = known === undefined || now - known.last > memory ? undefined : known
    if (before !== undefined && before.until > now) return Math.ceil((before.until - now) / 1000)
    const count = (before?.count ?? 0) + 1
    const pause = count <= free ? 0 : Math.min(longestPause, firstPause * 2 ** (count - free - 1))
    // Re-inserted, so that the account that was tried the longest ago is forgotten first.
    this.#accounts.delete(account)
    this.#accounts.set(account, { count, last: now, until: now + pause })
    if (this.#accounts.size > mostAccounts) this.#forgetOldest()
    return 0
  }

  succeeded(account: string): void {
    this.#accounts.delete(account)
  }

  #forgetOldest(): void {
    for (const account of this.#accounts.keys()) {
      this.#accounts.delete(account)
      return
    }
  }
}
