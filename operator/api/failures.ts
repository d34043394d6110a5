/**
 * The table of failures: what failed at which action, the reason and message in the status, the remedy, and when the action
 * is retried. tenant/status/row-of-failure.ts finds the row of an error. Source of docs/reference/status.md. Pure.
 */
import { needsPersonRetriedSeldom, retriedAutomatically, retriesWithPauses } from './failure-row.ts'
import type { FailureRow } from './failure-row.ts'
import { failuresOfKubernetes } from './failures-kubernetes.ts'
import { failuresOfDumps } from './failures-dump.ts'
import { failuresOfMail } from './failures-mail.ts'
import { failuresOfPostgres } from './failures-postgres.ts'
import { failuresOfServers } from './failures-server.ts'
import type { Verdict } from './verdict.ts'

const ofNames = {
  CloudIdTaken: {
    when: 'The Cloud ID belongs to another tenant',
    reason: 'CloudIdConflict',
    ...needsPersonRetriedSeldom,
    sentence: '{words}',
  },
  HostTaken: {
    when: 'The host belongs to another tenant',
    reason: 'HostConflict',
    ...needsPersonRetriedSeldom,
    sentence: '{words}',
  },
  NamespaceTaken: {
    when: 'The namespace exists and does not belong to Tenantry',
    reason: 'NamespaceConflict',
    ...needsPersonRetriedSeldom,
    sentence: '{words}',
  },
  ObjectTaken: {
    when: 'An object in the namespace exists and does not belong to Tenantry',
    reason: 'ObjectConflict',
    ...needsPersonRetriedSeldom,
    sentence: '{words}',
  },
  AdoptionTaken: {
    when: 'The data to adopt belongs to an existing Tenant',
    reason: 'AdoptionRefused',
    ...needsPersonRetriedSeldom,
    sentence: '{words}',
  },
} as const satisfies Record<string, FailureRow>

const ofOurs = {
  OutOfTime: {
    when: 'An action exceeds the time limit of a pass',
    reason: 'Retrying',
    ...retriedAutomatically,
    sentence: '{Action} did not finish in time.',
  },
  InternalError: {
    when: 'An action or pass fails because of a bug in the operator',
    reason: 'InternalError',
    told: 'Stalled',
    again: 'Backoff',
    sentence: '{Action} failed because of a bug in Tenantry ({name}).',
    remedy: `Report it with the error of the operator's log. ${retriesWithPauses}`,
  },
} as const satisfies Record<string, FailureRow>

export const failures = {
  ...failuresOfKubernetes,
  ...ofNames,
  ...failuresOfPostgres,
  ...failuresOfDumps,
  ...failuresOfServers,
  ...failuresOfMail,
  ...ofOurs,
} as const

export type FailureName = keyof typeof failures

/** What a sentence is completed with. */
export interface FailureFacts {
  /** The action in words, with a small letter; {@link failureVerdict} begins a sentence with it too. */
  readonly action?: string
  readonly server?: string
  readonly words?: string
  readonly name?: string
  /** The fields of the TLS settings and the host name of a DatabaseServer, and the TLS mode. */
  readonly tls?: string
  readonly host?: string
  readonly mode?: string
  /** The retry of a last dump, and the alternative to it. */
  readonly again?: string
  readonly or?: string
}

/** What the status says of a failure of this row. `of`: an action of a Tenant, or a pass over an object of any kind. */
export function failureVerdict(row: FailureName, facts: FailureFacts, of: 'Action' | 'Pass' = 'Action'): Verdict {
  const { reason, sentence, remedy, remedyOfPass }: FailureRow = failures[row]
  const mends = of === 'Action' ? remedy : (remedyOfPass ?? remedy)
  return { reason, message: completed([sentence, ...(mends === undefined ? [] : [mends])].join(' '), facts) }
}

/** A sentence of the table with what completes it. */
export function completed(sentence: string, facts: FailureFacts): string {
  const { action = '' } = facts
  const filled = { ...facts, Action: action.charAt(0).toUpperCase() + action.slice(1) }
  return sentence.replace(/\{(\w+)\}/g, (_, key: keyof typeof filled) => filled[key] ?? '')
}
