/**
 * Observes one tenant into a frozen snapshot: from caches where they are good enough, live where a stale answer could
 * do harm (before anything is destroyed) and where nothing is cached (a login that is due).
 */
import type { Key } from '../../runtime/queue/reconcile.ts'
import type { TenantSettings } from '../model/settings.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { cachedFacts } from './cached-facts.ts'
import { readFirst } from './first-reads.ts'
import { judgedFacts } from './judged-facts.ts'
import { readLive } from './live-reads.ts'
import type { ObservePorts } from './ports.ts'
import { whatToReadFirst } from './what-to-read-first.ts'
import { whatToReadLive } from './what-to-read.ts'

/** Undefined when there is no such Tenant (any more). `now`: milliseconds since the epoch. */
export async function observe(
  key: Key,
  ports: ObservePorts,
  settings: TenantSettings,
  now: number,
  signal: AbortSignal,
): Promise<Snapshot | undefined> {
  const tenant = ports.writes.newest(key, ports.caches.tenants.get(key))
  if (tenant === undefined) return undefined
  const cached = cachedFacts(tenant, ports, settings, now)
  const first = await readFirst(cached, whatToReadFirst(cached, now), ports, signal)
  const facts = judgedFacts(cached, first, { now, steady: ports.steady.now() })
  const live = await readLive(facts, whatToReadLive(facts, now), ports, signal)
  return Object.freeze({ ...facts, ...live })
}
