/**
 * The first live reads from the cluster: the Secret, the license, the holds on a deletion. They decide what else is
 * read.
 */
import type { KubeReader } from '../../kube/port.ts'
import { secrets } from '../../kube/resources.ts'
import { fingerprint } from '../../domain/fingerprint.ts'
import { judgeLicense } from '../../license/judge-license.ts'
import type { JudgedLicense } from '../../license/judge-license.ts'
import { isPurging } from '../lifecycle/life-fields.ts'
import type { LiveCheck } from '../model/live-facts.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { ownCloudIds } from '../validation/cloud-ids.ts'
import type { CachedFacts, ClusterFacts } from './facts.ts'
import { holdsOn, isCounted } from '../lifecycle/deletion-holds.ts'
import { readRecentDeletions } from './recent-deletions.ts'
import { withDump } from './last-dump-facts.ts'
import { checkLive } from './live-check.ts'
import type { ObservePorts } from './ports.ts'

/** Makes the reads in parallel. Throws KubeError: without certain facts nothing is removed. */
export async function readCluster(
  facts: CachedFacts,
  ports: ObservePorts,
  now: number,
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const [children, license, end] = await Promise.all([
    withLiveSecret(facts, ports.kube),
    readLicense(facts, ports, now),
    readEnd(facts, ports, now, signal),
  ])
  return { children, license, ...end }
}

async function readLicense(facts: CachedFacts, ports: ObservePorts, now: number): Promise<JudgedLicense> {
  const { tenant } = facts
  const source = await ports.license(tenant)
  return judgeLicense({ source, cloudIds: ownCloudIds(facts), granted: tenant.status?.license }, now)
}

/** What may be destroyed in this pass is read live; then what keeps a deletion from beginning. */
async function readEnd(
  facts: CachedFacts,
  ports: ObservePorts,
  now: number,
  signal: AbortSignal,
): Promise<Pick<Snapshot, 'live' | 'brake' | 'grace'>> {
  const isDeleted = facts.tenant.metadata.deletionTimestamp !== undefined
  const live = isDeleted || isPurging(facts, now) ? await lookAtEnd(facts, ports, signal) : undefined
  if (!isDeleted) return { live, brake: undefined, grace: undefined }
  const recent = isCounted({ ...facts, live }) ? await readRecentDeletions(facts.settings, ports) : undefined
  return { live, ...holdsOn({ ...facts, live }, recent, { now, steady: ports.steady.now() }) }
}

async function lookAtEnd(facts: CachedFacts, ports: ObservePorts, signal: AbortSignal): Promise<LiveCheck> {
  const checked = await checkLive(facts.tenant, facts, ports.kube, facts.settings)
  return withDump(checked, facts.tenant, ports, signal)
}

/**
 * A cache that has not heard of the Secret yet must not pass for its loss, which would change the password: so a Secret
 * that should exist and is not cached is read live.
 */
async function withLiveSecret(
  { tenant, names, children }: CachedFacts,
  kube: KubeReader,
): Promise<Snapshot['children']> {
  const name = tenant.status?.database?.binding?.name
  if (name === undefined || children[childId('Secret', name)]?.password !== undefined) return children
  const live = await kube.get(secrets, { namespace: names.namespace, name })
  return live === undefined ? children : { ...children, [childId('Secret', name)]: fingerprint('Secret', live) }
}
