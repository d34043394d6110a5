/** The content of a license key, once its signature has been checked: the claims of a JWT (RFC 7519). Pure. */
import { z } from 'zod'

/**
 * The `typ` of a license key (RFC 8725, section 3.11): no other token that one of the license keys signs passes for a
 * license.
 */
export const licenseType = 'tenantry-license+jwt'

/** The longest spec.license.key. */
export const longestKey = 4096

/** Seconds since the epoch, up to the year 9999. */
const moment = z.int().min(0).max(253_402_300_799)

/** The claims. Others beside them are ignored, as RFC 7519, section 4 has it. */
const licenseClaims = z.object({
  iss: z.string().min(1).max(200),
  sub: z
    .string()
    .max(40)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
  jti: z.string().min(1).max(64),
  iat: moment,
  nbf: moment.optional(),
  exp: moment,
  customers: z.int().min(0).max(100_000).optional(),
})

export type LicenseClaims = z.output<typeof licenseClaims>

export interface License {
  /** The id of the license, unique for its issuer; the claim `jti`. */
  readonly id: string
  readonly issuer: string
  /** The Cloud ID that it is bound to; the claim `sub`. */
  readonly cloudId: string
  /** Milliseconds since the epoch, like the next two. */
  readonly issuedAt: number
  readonly notBefore: number | undefined
  /** The first moment at which it is no longer valid. */
  readonly expiresAt: number
  /** How many customers an MSP may have with it; undefined: it sets no limit. */
  readonly customers: number | undefined
  /** The key that has signed it. */
  readonly keyId: string
}

/** The license in a payload, or the names of the claims that are missing or malformed. */
export function readClaims(payload: unknown, keyId: string): License | readonly string[] {
  const parsed = licenseClaims.safeParse(payload)
  if (!parsed.success) return [...new Set(parsed.error.issues.map(({ path }) => String(path[0] ?? 'payload')))]
  const { iss, sub, jti, iat, nbf, exp, customers } = parsed.data
  return {
    id: jti,
    issuer: iss,
    cloudId: sub,
    issuedAt: iat * 1000,
    notBefore: nbf === undefined ? undefined : nbf * 1000,
    expiresAt: exp * 1000,
    customers,
    keyId,
  }
}

/** The claims to sign. Fractions of a second are dropped. */
export function claimsOf(license: Omit<License, 'keyId'>): LicenseClaims {
  const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000)
  return licenseClaims.parse({
    iss: license.issuer,
    sub: license.cloudId,
    jti: license.id,
    iat: seconds(license.issuedAt),
    exp: seconds(license.expiresAt),
    ...(license.notBefore === undefined ? {} : { nbf: seconds(license.notBefore) }),
    ...(license.customers === undefined ? {} : { customers: license.customers }),
  })
}
