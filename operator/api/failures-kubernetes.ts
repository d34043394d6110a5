/**
 * The rows of the table of failures for answers of the Kubernetes API. Which row an answer has: domain/kubernetes-failure.ts;
 * how a row becomes conditions: tenant/status/outlook-after-failures.ts. Pure.
 */
import { needsPerson, retriedAutomatically, retriesWithPauses } from './failure-row.ts'
import type { FailureRow } from './failure-row.ts'
import { labels } from './names.ts'

const complyOrExempt = `Set what it requires in the TenantPlan, or exempt the namespaces with the label ${labels.tenantUid} from it.`
const exemptOperator = `Exempt the operator's ServiceAccount from it. ${retriesWithPauses}`
const refusedRequest = {
  reason: 'ApiServerRefused',
  ...needsPerson,
  sentence: 'The Kubernetes API refuses {action}: {words}',
} as const

export const failuresOfKubernetes = {
  RefusedByRule: {
    when: 'A validation rule of the API server refuses a write (422, 400)',
    ...refusedRequest,
    remedy: `Correct {name} in the Tenant, in its TenantPlan or in the admission policy that changes it. ${retriesWithPauses}`,
    remedyOfPass: `Correct what sets {name}, such as an admission policy or webhook. ${retriesWithPauses}`,
  },
  RefusedByPolicy: {
    when: 'A ValidatingAdmissionPolicy or MutatingAdmissionPolicy refuses a write',
    ...refusedRequest,
    remedy: `${complyOrExempt} ${retriesWithPauses}`,
    remedyOfPass: exemptOperator,
  },
  RefusedByWebhook: {
    when: 'An admission webhook (Kyverno, Gatekeeper, …) refuses a write, with any HTTP status',
    ...refusedRequest,
    remedy: `${complyOrExempt} ${retriesWithPauses}`,
    remedyOfPass: exemptOperator,
  },
  RightRefused: {
    when: "The operator's ServiceAccount lacks the permission for a read or write (403)",
    ...refusedRequest,
    remedy: `Install the chart of this version again, which gives the operator the permission. ${retriesWithPauses}`,
  },
  WriteRefused: {
    when: 'Something else refuses a write (403, 422, 400, 413, …)',
    ...refusedRequest,
    remedy: retriesWithPauses,
  },
  PlanQuotaExceeded: {
    when: "The ResourceQuota of the tenant's plan has no room for an object",
    reason: 'QuotaExceeded',
    ...retriedAutomatically,
    sentence: 'The ResourceQuota {name} leaves no room: {action} was refused.',
    remedy:
      'Delete unneeded objects in the namespace, or raise spec.quota of its TenantPlan. Tenantry retries automatically.',
  },
  QuotaExceeded: {
    when: 'Another ResourceQuota has no room for an object',
    reason: 'QuotaExceeded',
    ...retriedAutomatically,
    sentence: 'The ResourceQuota {name} leaves no room: {action} was refused.',
    remedy: 'Raise it or remove it. Tenantry retries automatically.',
  },
  NamespaceEnding: {
    when: 'The namespace of an object is being deleted',
    reason: 'NamespaceTerminating',
    ...retriedAutomatically,
    sentence: '{Action} has to wait, because the namespace is being deleted.',
  },
  NamespaceDeleted: {
    when: 'Another client is deleting the namespace of the tenant. The message names what blocks its deletion',
    reason: 'NamespaceTerminating',
    ...retriedAutomatically,
    sentence: 'Another client is deleting the namespace {name}.',
    remedy: 'Tenantry creates it again afterwards.',
  },
  WebhookSilent: {
    when: 'An admission webhook does not answer the API server',
    reason: 'ApiServerUnavailable',
    ...retriedAutomatically,
    sentence: '{Action} failed, because the admission webhook {name} does not answer.',
  },
  ApiServerSilent: {
    when: 'The Kubernetes API does not answer a request, or is overloaded',
    reason: 'ApiServerUnavailable',
    ...retriedAutomatically,
    sentence: "{Action} failed ({words}). The operator's log has the details.",
  },
  ChangedMeanwhile: {
    when: 'Another writer changed, created or deleted an object in the meantime',
    reason: 'Retrying',
    ...retriedAutomatically,
    sentence: '{Action} has to be decided again, because an object has changed.',
  },
  StaleRead: {
    when: 'An object changed after the pass read it',
    reason: 'Retrying',
    ...retriedAutomatically,
    again: 'Soon',
    sentence: '{Action} has to be decided again, because an object has changed.',
  },
  StaleNames: {
    when: 'An object changed during a change of names',
    reason: 'Renaming',
    ...retriedAutomatically,
    again: 'Soon',
    sentence: 'The change of names has to be decided again, because an object has changed.',
  },
} as const satisfies Record<string, FailureRow>
