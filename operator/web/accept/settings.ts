/** What an installation decides about its web pages. */
import type { RateLimit } from '../http/rate-limit.ts'

export interface WebSettings {
  /** Where people reach these pages, without a slash at the end; with https, cookies are Secure and HSTS is sent. */
  readonly publicUrl: string
  readonly operatorNamespace: string
  readonly installation: string
  /** Who invites where there is no MSP above the tenant, and whose pages these are. */
  readonly productName: string
  /** Whether admins sign in with a password of ours, which the accept page then asks for. */
  readonly localSignIn: boolean
  /** One proxy stands before us and its X-Forwarded-For is believed; no more than its own entry. */
  readonly trustProxy: boolean
  readonly rateLimit: RateLimit
  /** Milliseconds from the request to the answer to any link that does not work, so that none tells itself by its time. */
  readonly deadLinkDelay: number
}

export const defaultRateLimit: RateLimit = { burst: 60, perSecond: 2 }

export const defaultDeadLinkDelay = 250
