/** The settings of the web pages. */
import type { RateLimit } from '../http/rate-limit.ts'

export interface WebSettings {
  /** The base URL of these pages, without a slash at the end; with https, cookies are Secure and HSTS is sent. */
  readonly publicUrl: string
  /** The namespace of the Secrets of the pages: signing keys and acceptances. */
  readonly webNamespace: string
  readonly installation: string
  /** The inviter where there is no MSP above the tenant, and the owner of these pages. */
  readonly productName: string
  /** Whether admins sign in with a password from Tenantry, which the accept page then asks for. */
  readonly localSignIn: boolean
  /** Exactly one trusted proxy is in front, and only its own entry in X-Forwarded-For counts. */
  readonly trustProxy: boolean
  readonly rateLimit: RateLimit
  /** Milliseconds from the request to the answer to any link that does not work, so that the time reveals nothing. */
  readonly deadLinkDelay: number
}

export const defaultRateLimit: RateLimit = { burst: 60, perSecond: 2 }

export const defaultDeadLinkDelay = 250
