/** One sign-in between the redirect to the provider and its callback. Pure. */
import { z } from 'zod'

/** Kept by the person's browser in a sealed cookie (flow-cookie.ts), and good for one callback. */
export interface Flow {
  readonly provider: string
  readonly state: string
  readonly nonce: string
  /** PKCE's code verifier (RFC 7636). */
  readonly verifier: string
  readonly redirectUri: string
  /** The path to go to afterwards. */
  readonly returnTo: string
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
}

export const flowSchema: z.ZodType<Flow> = z.strictObject({
  provider: z.string(),
  state: z.string().min(1),
  nonce: z.string().min(1),
  verifier: z.string().min(1),
  redirectUri: z.string(),
  returnTo: z.string(),
  issuedAt: z.number(),
})
