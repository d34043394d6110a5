/**
 * Pauses that grow with the failures of one account, whether it exists or not. Those of one client are long; those of all
 * clients together are short, as strangers can cause them, and none for a client that has signed in to the account. A process
 * counts for itself. Its memory is bounded.
 */

/** Times in milliseconds. */
interface PauseRule {
  /** Failures without a pause. */
  readonly free: number
  readonly first: number
  readonly longest: number
}

const ofClient: PauseRule = { free: 5, first: 2_000, longest: 5 * 60_000 }
const ofAll: PauseRule = { free: 100, first: 2_000, longest: 30_000 }

/** How long a failure counts. */
const memory = 3_600_000
const mostRemembered = 10_000

interface Failures {
  readonly count: number
  readonly last: number
  /** No attempt before that. */
  readonly until: number
}

export class AccountThrottle {
  readonly #ofClient = new Map<string, Failures>()
  readonly #ofAll = new Map<string, Failures>()
  /** Clients that have signed in to an account. */
  readonly #welcome = new Map<string, true>()

  /**
   * Zero where an attempt may be made now; it counts as a failure until {@link succeeded} or {@link withdrawn}, so that
   * attempts at once count too. Otherwise the seconds to wait. `now`: monotonic.
   */
  attempt(account: string, client: string, now: number): number {
    const own = keyOf(account, client)
    const untilAll = this.#welcome.has(own) ? 0 : untilOf(this.#ofAll.get(account))
    const until = Math.max(untilOf(this.#ofClient.get(own)), untilAll)
    if (until > now) return Math.ceil((until - now) / 1000)
    remember(this.#ofClient, own, failed(this.#ofClient.get(own), ofClient, now))
    remember(this.#ofAll, account, failed(this.#ofAll.get(account), ofAll, now))
    return 0
  }

  succeeded(account: string, client: string): void {
    const own = keyOf(account, client)
    this.#ofClient.delete(own)
    remember(this.#welcome, own, true)
    this.#takeBack(this.#ofAll, account)
  }

  /** Nothing was tried: the attempt counts no longer, those before it do. */
  withdrawn(account: string, client: string): void {
    this.#takeBack(this.#ofClient, keyOf(account, client))
    this.#takeBack(this.#ofAll, account)
  }

  #takeBack(failures: Map<string, Failures>, key: string): void {
    const known = failures.get(key)
    if (known !== undefined) failures.set(key, { ...known, count: known.count - 1, until: 0 })
  }
}

const keyOf = (account: string, client: string) => `${client} ${account}`

const untilOf = (failures: Failures | undefined) => failures?.until ?? 0

function failed(known: Failures | undefined, { free, first, longest }: PauseRule, now: number): Failures {
  const count = (known === undefined || now - known.last > memory ? 0 : known.count) + 1
  const pause = count <= free ? 0 : Math.min(longest, first * 2 ** (count - free - 1))
  return { count, last: now, until: now + pause }
}

/** Inserted anew, so that the longest unused is forgotten first. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= mostRemembered) return
    map.delete(oldest)
  }
}
