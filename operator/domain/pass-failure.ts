/**
 * The report of an error that ended a pass, in the status of the object, by the table of failures. The actions of a
 * Tenant have a report of their own (tenant/status). Pure.
 */
import { findCondition, notReady, removeCondition, setCondition } from '../api/conditions.ts'
import type { Condition } from '../api/conditions.ts'
import { failures, failureVerdict } from '../api/failures.ts'
import type { FailureName } from '../api/failures.ts'
import type { Verdict } from '../api/verdict.ts'
import { KubeError } from '../kube/port.ts'
import type { KubeObject } from '../kube/port.ts'
import { MailError } from '../mail/port.ts'
import { ReferenceMissing } from '../postgres/model/address.ts'
import { PostgresError } from '../postgres/model/port.ts'
import { DeadlineExceeded } from '../runtime/base/deadline.ts'
import { kubernetesFailure } from './kubernetes-failure.ts'
import type { Found } from './kubernetes-failure.ts'

/** A kind of Tenantry's own, as far as this reads it. */
export interface Reconciled extends KubeObject {
  readonly status?: { readonly observedGeneration: number; readonly conditions?: readonly Condition[] | undefined }
}

/** Rows of lasting causes. All others heal within moments, or the status cannot be written either. */
const lasting: ReadonlySet<FailureName> = new Set<FailureName>([
  'RefusedByRule',
  'RefusedByPolicy',
  'RefusedByWebhook',
  'RightRefused',
  'WriteRefused',
  'PlanQuotaExceeded',
  'QuotaExceeded',
  'WebhookSilent',
  'InternalError',
])

export interface PassFailure extends Verdict {
  /** Whether it needs a person, or may pass without one. */
  readonly stalled: boolean
}

/** Undefined where the status says nothing of it. */
export function passFailure(error: unknown, kind: string): PassFailure | undefined {
  const found = rowOf(error, kind)
  if (found === undefined || !lasting.has(found.row)) return undefined
  return { ...failureVerdict(found.row, found.facts, 'Pass'), stalled: failures[found.row].told === 'Stalled' }
}

function rowOf(error: unknown, kind: string): Found | undefined {
  // The message begins with the method and the path.
  if (error instanceof KubeError)
    return kubernetesFailure(
      error,
      { action: `a request for the ${kind}` },
      /^[A-Z]+ \S*\/secrets\b/.test(error.message),
    )
  if (passing.some((type) => error instanceof type)) return undefined
  const name = error instanceof Error ? error.name : typeof error
  return { row: 'InternalError', facts: { action: `the reconciliation of the ${kind}`, name } }
}

/** Outages, and what is no failure of the object. */
const passing = [DeadlineExceeded, PostgresError, ReferenceMissing, MailError]

/**
 * The status with the failure in Ready and in Stalled or Reconciling; all else stays, and so does a Stalled of the
 * reconciler's own that is about the present spec: it is memory for some, as that of a refused plan, and has to be mended
 * anyway. `now`: milliseconds since the epoch.
 */
export function withPassFailure<T extends Reconciled>(
  { metadata, status = { observedGeneration: -1 } }: T,
  verdict: PassFailure,
  now: number,
): NonNullable<Reconciled['status']> {
  const { generation = 0 } = metadata
  const { conditions = [] } = status
  const stalled = findCondition(conditions, 'Stalled')
  if (stalled?.observedGeneration === generation && !tellable.has(stalled.reason)) return status
  const [type, other] = verdict.stalled ? (['Stalled', 'Reconciling'] as const) : (['Reconciling', 'Stalled'] as const)
  const next = notReady(type, verdict, generation).reduce<readonly Condition[]>(
    (told, each) => setCondition(told, each, now),
    removeCondition(conditions, other),
  )
  return { ...status, conditions: next }
}

const tellable: ReadonlySet<string> = new Set([...lasting].map((row) => failures[row].reason))
