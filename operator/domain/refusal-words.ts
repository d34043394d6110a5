/**
 * A request that the Kubernetes API refuses, by its own rules, an admission policy, a webhook or a missing right, in its
 * own words. What the status says of it, and when it is tried again: api/failures-kubernetes.ts. Pure.
 */
import { KubeError } from '../kube/port.ts'
import { scrubText } from '../runtime/base/redact.ts'

/** Whether the API server refuses it, and will refuse it again until the cause is changed. */
export function isRefusedWrite(error: unknown): error is KubeError & { readonly refusal: string } {
  return error instanceof KubeError && error.refusal !== undefined
}

const longest = 1_024

/**
 * On one line, with a full stop, and of a length that a condition can have. `mayQuotePassword`: the request writes a
 * Secret, which the message of a policy may quote.
 */
export function refusedWriteWords(refusal: string, mayQuotePassword: boolean): string {
  const plain = scrubText(refusal).replace(/\s+/g, ' ').trim()
  const told = mayQuotePassword ? plain.replace(likePassword, '[redacted]') : plain
  const short = told.length > longest ? `${told.slice(0, longest)}…` : told
  return /[.!?…]$/.test(short) ? short : `${short}.`
}

/** Our passwords, in base64 too, are longer than words and have more than small letters. */
const likePassword = /(?=[\w+/=-]*[A-Z0-9])[\w+/=-]{24,}/g
