/**
 * Judges a tenant's license at a moment: for the condition LicenseValid, the expiry and the count of customers. Pure.
 */
import type { TenantStatus } from '../api/tenant.ts'
import type { Verdict } from '../api/verdict.ts'
import { timestamp } from '../runtime/base/clock.ts'
import type { License } from './license.ts'
import type { Fault, Verification } from './verify.ts'

/** Milliseconds by which the issuer's clock may be ahead of this one. An expiry is exact: the status contains it. */
export const clockTolerance = 60_000

/** What was read for a tenant. `field`: where its license key is, for messages. */
export type LicenseSource =
  /** The tenant has no license. */
  | { readonly kind: 'None' }
  /** The Secret does not exist (yet), or has no such entry: `message` says which. */
  | { readonly kind: 'Missing'; readonly message: string }
  /** The Secret cannot be a license Secret. */
  | { readonly kind: 'Unusable'; readonly message: string }
  | { readonly kind: 'Read'; readonly field: string; readonly verification: Verification }

/** What the status keeps of the last valid license. */
export type GrantedLicense = NonNullable<TenantStatus['license']>

export interface LicenseFacts {
  readonly source: LicenseSource
  /** The tenant's present and former Cloud IDs, the present one first. */
  readonly cloudIds: readonly string[]
  /** The status record of an earlier license of this tenant. */
  readonly granted: GrantedLicense | undefined
}

/** The reason and message are those of the condition LicenseValid. */
export interface JudgedLicense extends Verdict {
  readonly valid: boolean
  /**
   * To be kept in the status; for an invalid license, the earlier record: garbage in place of a license that ends does
   * not make a tenant that never does.
   */
  readonly granted?: GrantedLicense
  /** RFC 3339: when the license ends the tenant; that of `granted`. */
  readonly expiresAt?: string
  /** Milliseconds since the epoch: when the answer will change without an event. */
  readonly changesAt?: number
}

/** `now`: milliseconds since the epoch. */
export function judgeLicense({ source, cloudIds, granted }: LicenseFacts, now: number): JudgedLicense {
  if (source.kind === 'None')
    return { valid: true, reason: 'NoLicense', message: 'The tenant has no license, and needs none.' }
  const earlier = granted === undefined ? {} : { granted, expiresAt: granted.expiresAt }
  const bad = (verdict: Verdict) => ({ ...earlier, ...verdict, valid: false })
  if (source.kind === 'Missing') return bad({ reason: 'SecretNotFound', message: source.message })
  if (source.kind === 'Unusable') return bad({ reason: 'LicenseInvalid', message: source.message })
  const { field, verification } = source
  if (verification.kind === 'Faulty') return bad(invalid(field, explanation(verification.fault)))
  const { license } = verification
  if (!cloudIds.includes(license.cloudId)) return bad(foreign(field, cloudIds))
  const begins = Math.max(license.notBefore ?? 0, license.issuedAt)
  if (begins - clockTolerance > now)
    return { ...bad(invalid(field, notYet(begins))), changesAt: begins - clockTolerance }
  return bound(license, field, now)
}

function bound({ id, expiresAt, customers }: License, field: string, now: number): JudgedLicense {
  const until = timestamp(expiresAt)
  const granted = { id, expiresAt: until, ...(customers === undefined ? {} : { customers }) }
  const held = { granted, expiresAt: until }
  if (expiresAt <= now)
    return { ...held, valid: false, reason: 'LicenseExpired', message: `${field} has expired (${until}). ${renew}` }
  return {
    ...held,
    valid: true,
    reason: 'Valid',
    message: `The license is valid until ${until}.`,
    changesAt: expiresAt,
  }
}

const renew = 'Nothing is deleted; replace it by a new license key to continue.'

function invalid(field: string, why: string): Verdict {
  return { reason: 'LicenseInvalid', message: `${field} ${why}` }
}

/** The holder is not revealed: it may be another MSP's customer. */
function foreign(field: string, [current = '', ...former]: readonly string[]): Verdict {
  const earlier = former.length === 0 ? '' : ` (earlier ${former.join(', ')})`
  return {
    reason: 'LicenseForeign',
    message: `${field} holds a license for another Cloud ID. This tenant's is ${current}${earlier}; replace it by a license key that was issued for this Cloud ID.`,
  }
}

const notYet = (begins: number) =>
  `holds a license that does not begin before ${timestamp(begins)}. Wait until then, or use the earlier one meanwhile.`

function explanation(fault: Fault): string {
  switch (fault.kind) {
    case 'NoKeys':
      return 'cannot be checked: this installation has no public key for licenses. Ask an administrator to set license.publicKeys of the chart.'
    case 'Malformed':
      return 'holds no license key, or a damaged one. Put the key there as it was issued, in one line.'
    case 'OtherToken':
      return 'holds a token of another kind than a license key. Put the key there as it was issued.'
    case 'UnknownKey':
      return `holds a license that is signed with the key ${fault.keyId}, which this installation does not trust. Get one from its own issuer, or ask an administrator to add that public key to license.publicKeys of the chart.`
    case 'BadSignature':
      return 'holds a license key that was changed after it was signed. Put the key there as it was issued.'
    case 'BadClaims':
      return `holds a signed license with missing or malformed claims: ${fault.claims.join(', ')}. Have it issued again.`
  }
}
