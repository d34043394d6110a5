/**
 * The end of a tenant: logins off, sessions ended, database and roles dropped, namespace deleted, claims released, and
 * last the finalizer. What is gone already counts as done; foreign objects are left alone. Pure.
 */
import { statusBetween } from '../contests/status-between.ts'
import { dataName, finalizer } from '../../api/names.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { Action } from '../model/action.ts'
import { isHeldBy } from '../model/name-claim.ts'
import { dumpFirst } from './deletion-dump.ts'
import { postponed } from '../lifecycle/deletion-grace.ts'
import { deleting, outlookOf, wait } from '../status/deletion-outlook.ts'
import { decisions, unbinding } from '../names/swap-actions.ts'
import { unchangedPart } from '../status/unchanged-status.ts'
import { lane, requeue, stagesOf } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import { wasProvisioned } from '../model/data-loss.ts'
import { databaseRemoval, destruction, ownNamespace, waitingFor, waitsForNamespace } from './removal-actions.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Brake } from '../model/deletion-hold.ts'
import type { Outlook } from '../model/outlook.ts'
import type { LiveCheck } from '../model/live-facts.ts'
import { deletionBlocker, hasBegun, isUndone, keepsData } from '../lifecycle/deletion-rules.ts'

/** `stay`: the decision where the deletion is blocked. */
export function decideDeletion(snapshot: Snapshot, now: number, stay: (blocker: Verdict) => Decision): Decision {
  const { tenant, live } = snapshot
  if (tenant.metadata.finalizers?.includes(finalizer) !== true || live === undefined)
    return { stages: [], outlook: undefined }
  const swap = swapDuties(snapshot)
  if (swap.length > 0 || (!keepsData(snapshot) && snapshot.renaming.decided.length > 0)) return endSwap(swap)
  if (live.deletionCause !== undefined) return ending([])
  if (keepsData(snapshot)) return letGo(snapshot, live)
  const blocker = deletionBlocker(snapshot)
  if (blocker !== undefined) return held(stay(blocker), snapshot)
  if (snapshot.brake?.kind === 'Permit') return record(snapshot, snapshot.brake)
  const work = databaseRemoval(snapshot)
  if (work.blocker !== undefined) return { ...wait(work.blocker, work.stalled), ...waitingFor(work) }
  const first = dumpFirst(snapshot, live, work.actions, now)
  if (first !== undefined) return first
  const namespace = ownNamespace(snapshot, live)
  if (namespace?.deleting === true && work.actions.length === 0) return wait(terminating(namespace), false)
  if (namespace !== undefined || work.actions.length > 0) return destroy(snapshot, work.actions, namespace, now)
  return release(live, snapshot)
}

/** The hold is recorded, so that it lasts until an administrator releases it; so is the end of the grace period. */
function held(decision: Decision, { brake, grace, tenant, settings }: Snapshot): Decision {
  if (decision.outlook === undefined) return decision
  if (brake?.kind !== 'Hold') {
    if (grace === undefined) return decision
    const recorded = brake === undefined ? [] : lane('Tenant', [recording(brake, settings)])
    return postponed({ ...decision, stages: stagesOf(recorded, ...decision.stages) }, decision.outlook, tenant, grace)
  }
  const { heldAt, because, released } = brake
  const fields = { ...decision.outlook.fields, deletion: { heldAt, because } }
  return { ...decision, outlook: { ...decision.outlook, fields }, ...requeue(decision.requeueAfter, released?.in) }
}

/**
 * A pass of its own: nothing is removed before the deletion is known to be let through. What exists stays usable until
 * then.
 */
function record(snapshot: Snapshot, permit: Permit): Decision {
  const verdict = deleting('The deletion is being recorded; then the tenant is removed.')
  return {
    stages: stagesOf(lane('Tenant', [recording(permit, snapshot.settings)])),
    outlook: {
      ...outlookOf(verdict, undefined),
      namespace: unchangedPart(snapshot, 'NamespaceReady', verdict),
      database: unchangedPart(snapshot, 'DatabaseReady', verdict),
    },
    requeueAfter: 0,
  }
}

type Permit = Extract<Brake, { kind: 'Permit' }>

function recording({ asked, deletion, over }: Permit, { deletionBrake }: Snapshot['settings']): Action {
  return { kind: 'RecordDeletion', asked, deletion, over, limits: deletionBrake }
}

/** Other tenants wait for the swap that this tenant leads: a decided swap is finished, an undecided one undone. */
function swapDuties(snapshot: Snapshot): readonly Action[] {
  return [...decisions(snapshot), ...(snapshot.renaming.decided.length > 0 ? [] : unbinding(snapshot.renaming, []))]
}

function endSwap(actions: readonly Action[]): Decision {
  const verdict = deleting('The names of the tenant are being swapped with those of another one; then it is removed.')
  return {
    stages: stagesOf([{ target: 'Names', actions }]),
    outlook: outlookOf(verdict, undefined),
    requeueAfter: swapTime,
  }
}

/** Milliseconds until the next look whether the swap is over. */
const swapTime = 500

/** Everything is kept: database, namespace, and the claims, so that no other tenant gets the names. */
function letGo(snapshot: Snapshot, live: LiveCheck): Decision {
  const told = {
    provisioned: wasProvisioned(snapshot),
    undoneIn: isUndone(snapshot.tenant) ? snapshot.homeUid : undefined,
  }
  return ending(heldClaims(live, snapshot).map(({ name }) => ({ kind: 'MarkRetained', claim: name, ...told })))
}

function release(live: LiveCheck, snapshot: Snapshot): Decision {
  return ending(heldClaims(live, snapshot).map(({ name }) => ({ kind: 'ReleaseClaim', claim: name })))
}

function ending(last: readonly Action[]): Decision {
  const lanes = last.map((action) => ({ target: 'Claims' as const, actions: [action] }))
  return { stages: stagesOf(lanes, [{ target: 'Tenant', actions: [{ kind: 'RemoveFinalizer' }] }]), outlook: undefined }
}

/** The names that the tenant holds, as read live. */
export function heldClaims({ claims }: LiveCheck, { identity }: Snapshot): LiveCheck['claims'] {
  return claims.filter((claim) => isHeldBy(claim, identity))
}

/** Another pass sees whether everything is gone, and then releases the names. */
function destroy(
  snapshot: Snapshot,
  database: readonly Action[],
  namespace: LiveCheck['namespace'],
  now: number,
): Decision {
  const { names } = snapshot
  const dropping = deleting(
    `Removing the ${names.isolation === 'Schema' ? 'schema' : 'database'} ${dataName(names.database)} and its roles from the DatabaseServer ${names.server}.`,
  )
  const going = namespace === undefined ? releasing : terminating(namespace)
  const first = database.length === 0 ? going : dropping
  const { dump, startedAt = timestamp(now) } = snapshot.tenant.status?.deletion ?? {}
  const deletion = { ...(dump === undefined ? {} : { dump }), startedAt }
  const started = (verdict: Verdict): Outlook => ({ ...outlookOf(verdict, undefined), fields: { deletion } })
  const between = statusBetween(snapshot, started(first), now)
  return {
    stages: destruction(database, namespace, hasBegun(snapshot.tenant) ? undefined : between),
    outlook: started(going),
    requeueAfter: namespace === undefined ? 0 : snapshot.settings.retryInterval,
  }
}

const releasing = deleting('Database and namespace are gone; the names are being released.')

function terminating(namespace: NonNullable<LiveCheck['namespace']>): Verdict {
  return deleting(waitsForNamespace(namespace))
}
