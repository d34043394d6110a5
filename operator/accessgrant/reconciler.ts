/**
 * The reconciler of AccessGrants: reports the outcome of each, and deletes those of masquerades that ended long ago. It
 * writes in no tenant's namespace: the tenant's own pass binds the users that accessgrant/terms/judge-grant.ts admits, and
 * unbinds them in time.
 */
import { accessGrants } from '../api/accessgrant.ts'
import type { AccessGrant } from '../api/accessgrant.ts'
import { writeLine } from '../api/log-lines.ts'
import { fromKey } from '../runtime/objects/object.ts'
import { OwnWrites } from '../runtime/cache/own-writes.ts'
import { done } from '../runtime/queue/reconcile.ts'
import type { Key, Reconcile } from '../runtime/queue/reconcile.ts'
import { writeStatus } from '../runtime/objects/status.ts'
import { decide } from './decide.ts'
import { eventsOf } from './events.ts'
import { observe } from './observe.ts'
import type { AccessGrantPorts } from './ports.ts'
import { hasEnded } from './terms/grant-end.ts'
import type { AccessGrantSettings } from './terms/settings.ts'

export function createAccessGrantReconciler(
  { caches, kube, events, clock, log }: AccessGrantPorts,
  settings: AccessGrantSettings,
): Reconcile {
  const writes = new OwnWrites<AccessGrant>()
  return async (key) => {
    const grant = writes.newest(key, caches.grants.get(key))
    if (grant === undefined || grant.metadata.deletionTimestamp !== undefined) return done
    const now = clock.now()
    const snapshot = observe(grant, caches)
    const decision = decide(snapshot, settings, now)
    // One whose end is recorded is only deleted: a refusal of that stays told in its status.
    if (!decision.collect || !hasEnded(grant)) {
      writes.note(key, grant, await writeStatus(kube, accessGrants, grant, decision.status))
      for (const event of eventsOf(grant, snapshot.target?.tenant, decision.status)) events.record(event)
    }
    if (decision.collect) await collect(key, grant, { kube, clock, log })
    return decision.dueAt === undefined ? done : { requeueAfter: decision.dueAt - now }
  }
}

async function collect(
  key: Key,
  { metadata, spec }: AccessGrant,
  { kube, clock, log }: Pick<AccessGrantPorts, 'kube' | 'clock' | 'log'>,
): Promise<void> {
  const { uid = '', namespace = '' } = metadata
  const begun = clock.monotonic()
  if (!(await kube.delete(accessGrants, fromKey(key), { uid }))) return
  const durationMs = Math.round(clock.monotonic() - begun)
  const tenant = `${namespace}/${spec.tenantRef.name}`
  writeLine(log, 'AccessGrant', 'GrantDeleted', { grant: key, uid, tenant, why: 'expire', durationMs })
}
