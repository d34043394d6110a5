/**
 * The end of a tenant: logins off, sessions ended, database and roles dropped, namespace deleted, claims released, and last
 * the finalizer. What is gone already counts as done; what is not ours is left alone. Pure.
 */
import { annotations, dataName, finalizer } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { repeatsName } from '../../runtime/objects/object.ts'
import type { Action } from '../model/action.ts'
import { isHeldBy } from '../model/name-claim.ts'
import { heldVerdict } from '../lifecycle/deletion-brake.ts'
import { dumpFirst } from './deletion-dump.ts'
import { postponed, postponedVerdict } from '../lifecycle/deletion-grace.ts'
import { deleting, outlookOf, wait } from '../status/deletion-outlook.ts'
import { decisions, unbinding } from '../names/swap-actions.ts'
import { kept } from '../status/unchanged-status.ts'
import { lane, requeue, stagesOf } from '../model/decision.ts'
import type { Plan } from '../model/decision.ts'
import { wasProvisioned } from '../model/provisioned.ts'
import { databaseRemoval, destruction, ownNamespace, waitingFor, waitsForNamespace } from './removal-actions.ts'
import type { Seen } from '../model/snapshot.ts'
import { statusOf } from '../status/status.ts'
import { firstOf } from '../../api/verdict.ts'
import type { Check, Verdict } from '../../api/verdict.ts'
import type { Brake } from '../model/deletion-hold.ts'
import type { Outlook } from '../model/outlook.ts'
import type { LiveCheck } from '../model/live-facts.ts'
import { customerNames } from '../lifecycle/customers.ts'

/** What a deletion can be refused for. */
export type DeletionFacts = Pick<Seen, 'tenant' | 'customers' | 'live' | 'brake' | 'grace'>

const objections: readonly Check<DeletionFacts>[] = [
  ({ tenant }) =>
    tenant.spec.deletion.protected
      ? {
          reason: 'DeletionProtected',
          message:
            'The Tenant is being deleted, but spec.deletion.protected is true. Nothing is removed until it is set to false.',
        }
      : undefined,
  ({ customers }) =>
    customers.length === 0
      ? undefined
      : {
          reason: 'HasCustomers',
          message: `The MSP tenant still has customers: ${customerNames(customers)}. Delete them first; nothing of it is removed before.`,
        },
  ({ tenant, brake }) => heldVerdict(tenant, brake),
  ({ tenant, grace }) => postponedVerdict(tenant, grace),
]

/** Why nothing is removed of a Tenant that is being deleted; undefined where nothing stands against it. */
export function deletionObjection(seen: DeletionFacts): Verdict | undefined {
  if (seen.tenant.metadata.deletionTimestamp === undefined || letsGo(seen)) return undefined
  return firstOf(objections, seen)
}

/** Whether the Tenant goes, and all that was made for it stays. */
export function letsGo({ tenant, live }: DeletionFacts): boolean {
  return live?.going !== undefined || tenant.spec.deletion.policy === 'Retain' || isUndone(tenant)
}

/** What is gone cannot be kept: a removal that has begun is finished. */
export function isUndone(tenant: Tenant): boolean {
  return repeatsName(tenant, annotations.undoDeletion) && !hasBegun(tenant)
}

/** Whether something of the tenant may be gone already. */
export function hasBegun({ status }: Tenant): boolean {
  return status?.deletion?.startedAt !== undefined
}

/** Whether the Tenant is being deleted, and nothing stands against it. */
export function isGoing(seen: DeletionFacts): boolean {
  return seen.tenant.metadata.deletionTimestamp !== undefined && deletionObjection(seen) === undefined
}

/** `stay`: what goes on where the deletion is refused. */
export function decideDeletion(seen: Seen, now: number, stay: (objection: Verdict) => Plan): Plan {
  const { tenant, live } = seen
  if (tenant.metadata.finalizers?.includes(finalizer) !== true || live === undefined)
    return { stages: [], outlook: undefined }
  const exchange = exchangeDuties(seen)
  if (exchange.length > 0 || (!letsGo(seen) && seen.renaming.decided.length > 0)) return endExchange(exchange)
  if (live.going !== undefined) return ending([])
  if (letsGo(seen)) return letGo(seen, live)
  const objection = deletionObjection(seen)
  if (objection !== undefined) return held(stay(objection), seen)
  if (seen.brake?.kind === 'Permit') return record(seen, seen.brake)
  const work = databaseRemoval(seen)
  if (work.problem !== undefined) return { ...wait(work.problem, work.stalled), ...waitingFor(seen) }
  const first = dumpFirst(seen, live, work.actions, now)
  if (first !== undefined) return first
  const namespace = ownNamespace(seen, live)
  if (namespace?.deleting === true && work.actions.length === 0) return wait(terminating(namespace), false)
  if (namespace !== undefined || work.actions.length > 0) return destroy(seen, work.actions, namespace, now)
  return release(live, seen)
}

/** That it is held is written down, so that it is until somebody releases it; and until when it is kept in any case. */
function held(plan: Plan, { brake, grace, tenant, settings }: Seen): Plan {
  if (plan.outlook === undefined) return plan
  if (brake?.kind !== 'Hold') {
    if (grace === undefined) return plan
    const recorded = brake === undefined ? [] : lane('Tenant', [recording(brake, settings)])
    return postponed({ ...plan, stages: stagesOf(recorded, ...plan.stages) }, plan.outlook, tenant, grace)
  }
  const { heldAt, because, released } = brake
  const fields = { ...plan.outlook.fields, deletion: { heldAt, because } }
  return { ...plan, outlook: { ...plan.outlook, fields }, ...requeue(plan.requeueAfter, released?.in) }
}

/** A pass of its own: nothing begins before it is known to be let through. What is there stays usable until then. */
function record(seen: Seen, permit: Permit): Plan {
  const verdict = deleting('The deletion is being recorded; then the tenant is removed.')
  return {
    stages: stagesOf(lane('Tenant', [recording(permit, seen.settings)])),
    outlook: {
      ...outlookOf(verdict, undefined),
      namespace: kept(seen, 'NamespaceReady', verdict),
      database: kept(seen, 'DatabaseReady', verdict),
    },
    requeueAfter: 0,
  }
}

type Permit = Extract<Brake, { kind: 'Permit' }>

function recording({ asked, deletion, over }: Permit, { deletionBrake }: Seen['settings']): Action {
  return { kind: 'RecordDeletion', asked, deletion, over, limits: deletionBrake }
}

/** Others wait for the exchange of names that this tenant leads: what is decided is finished, the rest taken back. */
function exchangeDuties(seen: Seen): readonly Action[] {
  return [...decisions(seen), ...(seen.renaming.decided.length > 0 ? [] : unbinding(seen.renaming, []))]
}

function endExchange(actions: readonly Action[]): Plan {
  const verdict = deleting('The names of the tenant are being exchanged with those of another one; then it is removed.')
  return {
    stages: stagesOf([{ target: 'Names', actions }]),
    outlook: outlookOf(verdict, undefined),
    requeueAfter: exchangeTime,
  }
}

/** Milliseconds until it is seen whether the exchange is over. */
const exchangeTime = 500

/** Everything is kept: database, namespace, and the claims, so that nobody else gets the names. */
function letGo(seen: Seen, live: LiveCheck): Plan {
  const told = { provisioned: wasProvisioned(seen), undoneIn: isUndone(seen.tenant) ? seen.homeUid : undefined }
  return ending(heldClaims(live, seen).map(({ name }) => ({ kind: 'MarkRetained', claim: name, ...told })))
}

function release(live: LiveCheck, seen: Seen): Plan {
  return ending(heldClaims(live, seen).map(({ name }) => ({ kind: 'ReleaseClaim', claim: name })))
}

function ending(last: readonly Action[]): Plan {
  const lanes = last.map((action) => ({ target: 'Claims' as const, actions: [action] }))
  return { stages: stagesOf(lanes, [{ target: 'Tenant', actions: [{ kind: 'RemoveFinalizer' }] }]), outlook: undefined }
}

/** The names that the tenant holds, as they were read live. */
export function heldClaims({ claims }: LiveCheck, { identity }: Seen): LiveCheck['claims'] {
  return claims.filter((claim) => isHeldBy(claim, identity))
}

/** Whether all is gone is seen in another pass, which then releases the names. */
function destroy(seen: Seen, database: readonly Action[], namespace: LiveCheck['namespace'], now: number): Plan {
  const { names } = seen
  const dropping = deleting(
    `Removing the ${names.isolation === 'Schema' ? 'schema' : 'database'} ${dataName(names.database)} and its roles from the DatabaseServer ${names.server}.`,
  )
  const going = namespace === undefined ? releasing : terminating(namespace)
  const first = database.length === 0 ? going : dropping
  const { dump, startedAt = timestamp(now) } = seen.tenant.status?.deletion ?? {}
  const deletion = { ...(dump === undefined ? {} : { dump }), startedAt }
  const started = (verdict: Verdict): Outlook => ({ ...outlookOf(verdict, undefined), fields: { deletion } })
  const saying: Action = { kind: 'Say', status: statusOf(seen, started(first), now) }
  return {
    stages: destruction(database, namespace, hasBegun(seen.tenant) ? undefined : saying),
    outlook: started(going),
    requeueAfter: namespace === undefined ? 0 : seen.settings.patience,
  }
}

const releasing = deleting('Database and namespace are gone; the names are being released.')

function terminating(namespace: NonNullable<LiveCheck['namespace']>): Verdict {
  return deleting(waitsForNamespace(namespace))
}
