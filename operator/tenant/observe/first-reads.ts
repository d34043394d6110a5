/** Makes the live reads that {@link whatToReadFirst} asks for, side by side. */
import type { KubeReader } from '../../kube/port.ts'
import { secrets } from '../../kube/resources.ts'
import { fingerprint } from '../../domain/fingerprint.ts'
import type { LiveCheck } from '../model/live-facts.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { CachedFacts, FirstFacts } from './facts.ts'
import { findDump } from './last-dump-facts.ts'
import { checkLive } from './live-check.ts'
import type { ObservePorts } from './ports.ts'
import { readRecentDeletions } from './recent-deletions.ts'
import type { FirstReads } from './what-to-read-first.ts'

/** Throws KubeError: without certain facts nothing is removed. */
export async function readFirst(
  facts: CachedFacts,
  reads: FirstReads,
  ports: ObservePorts,
  signal: AbortSignal,
): Promise<FirstFacts> {
  const [children, licenseSource, live, recentDeletions] = await Promise.all([
    withSecret(facts, reads.secret, ports.kube),
    ports.license(facts.tenant),
    readCluster(facts, reads, ports, signal),
    reads.deletions ? readRecentDeletions(facts.settings, ports) : undefined,
  ])
  return { children, licenseSource, live, recentDeletions }
}

async function readCluster(
  facts: CachedFacts,
  { cluster, dump }: FirstReads,
  ports: ObservePorts,
  signal: AbortSignal,
): Promise<LiveCheck | undefined> {
  if (!cluster) return undefined
  const [live, found] = await Promise.all([
    checkLive(facts.tenant, facts, ports.kube, facts.settings),
    dump === undefined ? undefined : findDump(dump, ports.dumps, signal),
  ])
  return found === undefined ? live : { ...live, dump: found }
}

async function withSecret(
  { names, children }: CachedFacts,
  name: string | undefined,
  kube: KubeReader,
): Promise<Snapshot['children']> {
  if (name === undefined) return children
  const live = await kube.get(secrets, { namespace: names.namespace, name })
  return live === undefined ? children : { ...children, [childId('Secret', name)]: fingerprint('Secret', live) }
}
