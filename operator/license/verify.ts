/**
 * From a license key to its content: a JWS in compact form (RFC 7515), signed with EdDSA over Ed25519 (RFC 8037). `kid`
 * selects the key to check with among the configured ones; no other header parameter is used or even allowed, so that
 * no header can bring a key, an algorithm or an extension of its own (RFC 8725).
 */
import { compactVerify, errors } from 'jose'
import { z } from 'zod'
import { licenseType, longestKey, readClaims } from './license.ts'
import type { License } from './license.ts'
import type { PublicKeys } from './public-keys.ts'

/** Why a text is no valid license key. */
export type Fault =
  /** There is no public key to check with. */
  | { readonly kind: 'NoKeys' }
  /** It is no JWS of this form, or too long. */
  | { readonly kind: 'Malformed' }
  /** A signed token, but with another algorithm or of another type than a license. */
  | { readonly kind: 'OtherToken' }
  | { readonly kind: 'UnknownKey'; readonly keyId: string }
  /** Another key has signed it, or it was changed afterwards. */
  | { readonly kind: 'BadSignature' }
  /** Signed with a trusted key, but a claim is missing or malformed. */
  | { readonly kind: 'BadClaims'; readonly claims: readonly string[] }

export type Verification =
  | { readonly kind: 'Verified'; readonly license: License }
  | { readonly kind: 'Faulty'; readonly fault: Fault }

const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** A thumbprint: the base64url of a SHA-256. */
const keyId = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

const ourHeader = z.strictObject({ alg: z.literal('EdDSA'), typ: z.literal(licenseType), kid: keyId })

export async function verifyLicense(text: string, keys: PublicKeys): Promise<Verification> {
  if (keys.size === 0) return faulty({ kind: 'NoKeys' })
  const parts = partsOf(text)
  if (parts === undefined) return faulty({ kind: 'Malformed' })
  const header = ourHeader.safeParse(parts.header)
  if (!header.success) return faulty({ kind: 'OtherToken' })
  const { kid } = header.data
  const key = keys.get(kid)
  if (key === undefined) return faulty({ kind: 'UnknownKey', keyId: kid })
  try {
    await compactVerify(text, key, { algorithms: ['EdDSA'] })
  } catch (error) {
    if (error instanceof errors.JOSEError) return faulty({ kind: 'BadSignature' })
    throw error
  }
  return claimed(parts.payload, kid)
}

/** The unchecked content of the key; undefined when it does not have the form of a license key. */
export function readUnverified(text: string): Verification | undefined {
  const parts = partsOf(text)
  const header = ourHeader.safeParse(parts?.header)
  if (parts === undefined) return undefined
  return header.success ? claimed(parts.payload, header.data.kid) : faulty({ kind: 'OtherToken' })
}

function claimed(payload: unknown, kid: string): Verification {
  const license = readClaims(payload, kid)
  return 'id' in license ? { kind: 'Verified', license } : faulty({ kind: 'BadClaims', claims: license })
}

function faulty(fault: Fault): Verification {
  return { kind: 'Faulty', fault }
}

function partsOf(text: string): { readonly header: unknown; readonly payload: unknown } | undefined {
  if (text.length > longestKey || !compact.test(text)) return undefined
  const [header = '', payload = ''] = text.split('.')
  try {
    return { header: jsonIn(header), payload: jsonIn(payload) }
  } catch {
    return undefined
  }
}

/** @throws TypeError or SyntaxError for what is no JSON in UTF-8 */
function jsonIn(part: string): unknown {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')))
}
