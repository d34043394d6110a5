/** Finds the row of the table of failures (api/failures.ts) for an error of the Kubernetes API. Pure. */
import type { FailureFacts, FailureName } from '../api/failures.ts'
import { planQuotaName } from '../api/names.ts'
import type { KubeError, KubeErrorReason, RefusedBy } from '../kube/port.ts'
import { refusedWriteWords } from './refusal-words.ts'

/** The row, and the facts that complete its sentence. */
export interface Found {
  readonly row: FailureName
  readonly facts: FailureFacts
}

/** `mayQuotePassword`: whether the request wrote a Secret. */
export function kubernetesFailure(error: KubeError, facts: FailureFacts, mayQuotePassword: boolean): Found {
  const { refusal, refusedBy, quota, webhook, ending, causes, reason } = error
  if (refusal !== undefined) {
    const fields = [...new Set(causes.map(({ field }) => field))].join(', ')
    const row = refusedBy === undefined ? 'WriteRefused' : byRefuser[refusedBy]
    return { row, facts: { ...facts, name: fields, words: refusedWriteWords(refusal, mayQuotePassword) } }
  }
  if (quota !== undefined)
    return { row: quota === planQuotaName ? 'PlanQuotaExceeded' : 'QuotaExceeded', facts: { ...facts, name: quota } }
  if (webhook !== undefined) return { row: 'WebhookSilent', facts: { ...facts, name: webhook } }
  if (ending) return { row: 'NamespaceEnding', facts }
  return { row: byReason[reason], facts: { ...facts, words: reason } }
}

const byRefuser = {
  Rule: 'RefusedByRule',
  Policy: 'RefusedByPolicy',
  Webhook: 'RefusedByWebhook',
  Right: 'RightRefused',
} as const satisfies Record<RefusedBy, FailureName>

/** The rows of answers that are no refusal. `Forbidden`: an admission plugin that begins. */
const byReason = {
  NotFound: 'ChangedMeanwhile',
  AlreadyExists: 'ChangedMeanwhile',
  Conflict: 'ChangedMeanwhile',
  Gone: 'ChangedMeanwhile',
  Forbidden: 'ApiServerSilent',
  Invalid: 'ApiServerSilent',
  Unauthorized: 'ApiServerSilent',
  TooManyRequests: 'ApiServerSilent',
  Unavailable: 'ApiServerSilent',
  Timeout: 'ApiServerSilent',
  Unknown: 'ApiServerSilent',
} as const satisfies Record<KubeErrorReason, FailureName>
