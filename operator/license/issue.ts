/** Signs a license: the counterpart of verify.ts. */
import { CompactSign } from 'jose'
import type { KeyObject } from 'node:crypto'
import { claimsOf, licenseType } from './license.ts'
import type { License } from './license.ts'
import { keyIdOf } from './public-keys.ts'

/** The license key, one line of text. @throws TypeError when `privateKey` is no Ed25519 key */
export async function issueLicense(license: Omit<License, 'keyId'>, privateKey: KeyObject): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claimsOf(license)))
  return new CompactSign(payload)
    .setProtectedHeader({ alg: 'EdDSA', typ: licenseType, kid: keyIdOf(privateKey) })
    .sign(privateKey)
}
