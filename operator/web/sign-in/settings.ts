/** The settings of sign-in. */
import type { RateLimit } from '../http/rate-limit.ts'
import type { RootSettings } from '../identity/root.ts'

export interface SignInSettings {
  /** The base URL of these pages, without a slash at the end. */
  readonly publicUrl: string
  readonly productName: string
  readonly webNamespace: string
  readonly installation: string
  /** The prefix of the e-mail address in a Kubernetes user. */
  readonly userPrefix: string
  /** Whether TenantAdmins sign in with passwords of Tenantry's. */
  readonly localSignIn: boolean
  /** Undefined: no root admin. */
  readonly root: RootSettings | undefined
  /** Attempts from one client. */
  readonly attempts: RateLimit
  /** Milliseconds from an attempt to its refusal at least, so that the time does not tell whether an account exists. */
  readonly refusalDelay: number
}

export const defaultAttempts: RateLimit = { burst: 20, perSecond: 0.2 }
export const defaultRefusalDelay = 1_500
