/** The rows of the table of failures for answers of the Kubernetes API. Pure. */
import { needsPerson, retriedAutomatically, retriesWithPauses } from './failure-row.ts'
import type { FailureRow } from './failure-row.ts'
import { labels } from './names.ts'

const complyOrExempt = `Put what it asks for into the TenantPlan, or exempt the namespaces with the label ${labels.tenantUid} from it.`
const refused = {
  reason: 'ApiServerRefused',
  ...needsPerson,
  sentence: 'The Kubernetes API refuses {action}: {words}',
} as const

export const failuresOfKubernetes = {
  RefusedByRule: {
    when: 'A validation of the API server refuses any write (422, 400)',
    ...refused,
    remedy: `Correct {name} in the Tenant, in its TenantPlan or in the admission policy that changes it. ${retriesWithPauses}`,
  },
  RefusedByPolicy: {
    when: 'A ValidatingAdmissionPolicy refuses any write',
    ...refused,
    remedy: `${complyOrExempt} ${retriesWithPauses}`,
  },
  RefusedByWebhook: {
    when: 'An admission webhook (Kyverno, Gatekeeper, …) refuses any write, with whatever HTTP status',
    ...refused,
    remedy: `${complyOrExempt} ${retriesWithPauses}`,
  },
  RightRefused: {
    when: "The operator's ServiceAccount lacks the right to any read or write (403)",
    ...refused,
    remedy: `Install the chart of this version again, which gives the operator the right. ${retriesWithPauses}`,
  },
  WriteRefused: {
    when: 'Something else refuses any write (403, 422, 400, 413, …)',
    ...refused,
    remedy: retriesWithPauses,
  },
  PlanQuotaExceeded: {
    when: "The ResourceQuota of the tenant's plan has no room for an object",
    reason: 'QuotaExceeded',
    ...retriedAutomatically,
    sentence: 'The ResourceQuota {name} leaves no room: {action} was refused.',
    remedy:
      'Delete what is not needed in the namespace, or raise spec.quota of its TenantPlan. Tenantry retries automatically.',
  },
  QuotaExceeded: {
    when: 'Another ResourceQuota has no room for an object',
    reason: 'QuotaExceeded',
    ...retriedAutomatically,
    sentence: 'The ResourceQuota {name} leaves no room: {action} was refused.',
    remedy: 'Raise it or remove it. Tenantry retries automatically.',
  },
  NamespaceEnding: {
    when: 'The namespace into which an object is written is being deleted',
    reason: 'NamespaceTerminating',
    ...retriedAutomatically,
    sentence: '{Action} has to wait until the namespace is gone, as the namespace is being deleted.',
  },
  WebhookSilent: {
    when: 'An admission webhook does not answer the API server',
    reason: 'ApiServerUnavailable',
    ...retriedAutomatically,
    sentence: '{Action} failed, as the admission webhook {name} does not answer.',
  },
  ApiServerSilent: {
    when: 'The Kubernetes API does not answer any request, or has no time for it',
    reason: 'ApiServerUnavailable',
    ...retriedAutomatically,
    sentence: "{Action} failed ({words}). The operator's log has the details.",
  },
  ChangedMeanwhile: {
    when: 'An object was changed, made or deleted by another writer in between',
    reason: 'Provisioning',
    ...retriedAutomatically,
    sentence: '{Action} has to be decided anew, as an object changed meanwhile.',
  },
  StaleRead: {
    when: 'What was read to decide is out of date',
    reason: 'Provisioning',
    ...retriedAutomatically,
    again: 'Soon',
    sentence: '{Action} has to be decided anew, as an object changed meanwhile.',
  },
  StaleNames: {
    when: 'The same, at a change of names',
    reason: 'Renaming',
    ...retriedAutomatically,
    again: 'Soon',
    sentence: 'The change of names has to be decided anew.',
  },
} as const satisfies Record<string, FailureRow>
