/** A token bucket for each client. Pure except for its own memory, which is bounded. */

export interface RateLimit {
  /** The maximum at once. */
  readonly burst: number
  /** The refill per second. */
  readonly perSecond: number
}

interface Bucket {
  level: number
  /** Milliseconds, monotonic. */
  at: number
}

const mostClients = 10_000

export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>()
  readonly #limit: RateLimit
  constructor(limit: RateLimit) {
    this.#limit = limit
  }

  /** Zero when `client` may spend `cost` now, else the seconds until it may. */
  spend(client: string, cost: number, now: number): number {
    const { burst, perSecond } = this.#limit
    const bucket = this.#buckets.get(client) ?? { level: burst, at: now }
    const level = Math.min(burst, bucket.level + ((now - bucket.at) / 1000) * perSecond)
    const allowed = level >= cost
    // Re-inserted, so that the map's order is that of use and the longest unused is dropped first.
    this.#buckets.delete(client)
    this.#buckets.set(client, { level: allowed ? level - cost : level, at: now })
    if (this.#buckets.size > mostClients) this.#dropOldest()
    return allowed ? 0 : Math.ceil((cost - level) / perSecond)
  }

  #dropOldest(): void {
    for (const client of this.#buckets.keys()) {
      this.#buckets.delete(client)
      return
    }
  }
}

/** One client: an IPv4 address, or the /64 of an IPv6 address, as one customer has all of it. */
export function clientOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(':')) return address
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')
}
