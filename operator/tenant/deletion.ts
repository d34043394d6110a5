/**
 * The end of a tenant: logins off, sessions ended, database and roles dropped, namespace deleted, claims released, and last
 * the finalizer. What is gone already counts as done; what is not ours is left alone. Pure.
 */
import { dataName, finalizer } from '../api/names.ts'
import type { Action } from './action.ts'
import { isHeldBy } from './claims.ts'
import { decisions, unbinding } from './exchange-work.ts'
import { stagesOf } from './plan.ts'
import type { Plan } from './plan.ts'
import { wasProvisioned } from './provisioned.ts'
import { customerNames, databaseRemoval, destruction, ownNamespace, waitingFor, waitsForNamespace } from './removal.ts'
import type { LiveCheck, Seen } from './seen.ts'
import { statusOf } from './status.ts'
import type { Outlook } from './status.ts'
import { firstOf } from '../api/verdict.ts'
import type { Check, Verdict } from '../api/verdict.ts'

/** What a deletion can be refused for. */
export type DeletionFacts = Pick<Seen, 'tenant' | 'customers' | 'live'>

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
]

/** Why nothing is removed of a Tenant that is being deleted; undefined where nothing stands against it. */
export function deletionObjection(seen: DeletionFacts): Verdict | undefined {
  if (seen.tenant.metadata.deletionTimestamp === undefined || letsGo(seen)) return undefined
  return firstOf(objections, seen)
}

/** Whether the Tenant goes, and all that was made for it stays. */
function letsGo({ tenant, live }: DeletionFacts): boolean {
  return live?.going !== undefined || tenant.spec.deletion.policy === 'Retain'
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
  if (live.going !== undefined) return letGo([], false)
  if (letsGo(seen)) return letGo(heldClaims(live, seen), wasProvisioned(seen))
  const objection = deletionObjection(seen)
  if (objection !== undefined) return stay(objection)
  const work = databaseRemoval(seen)
  if (work.problem !== undefined) return { ...wait(seen, work.problem, work.stalled), ...waitingFor(seen) }
  const namespace = ownNamespace(seen, live)
  if (namespace?.deleting === true && work.actions.length === 0) return wait(seen, terminating(namespace), false)
  if (namespace !== undefined || work.actions.length > 0) return destroy(seen, work.actions, namespace, now)
  return release(live, seen)
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
function letGo(marked: LiveCheck['claims'], provisioned: boolean): Plan {
  return ending(marked.map(({ name }) => ({ kind: 'MarkRetained', claim: name, provisioned })))
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
  const saying: Action = { kind: 'Say', status: statusOf(seen, outlookOf(first, undefined), now) }
  return {
    stages: destruction(database, namespace, saying),
    outlook: outlookOf(going, undefined),
    requeueAfter: namespace === undefined ? 0 : seen.settings.patience,
  }
}

function wait(seen: Seen, verdict: Verdict, stalled: boolean): Plan {
  return {
    stages: [],
    outlook: outlookOf(verdict, stalled ? verdict : undefined),
    requeueAfter: seen.settings.patience,
  }
}

function outlookOf(verdict: Verdict, stalled: Verdict | undefined): Outlook {
  const reconciling: Verdict | undefined = stalled === undefined ? verdict : undefined
  return {
    phase: 'Deleting',
    ready: { status: 'False', ...verdict },
    reconciling,
    stalled,
    namespace: verdict,
    database: verdict,
    fields: {},
  }
}

function deleting(message: string): Verdict {
  return { reason: 'Deleting', message }
}

const releasing = deleting('Database and namespace are gone; the names are being released.')

function terminating(namespace: NonNullable<LiveCheck['namespace']>): Verdict {
  return deleting(waitsForNamespace(namespace))
}
