/** License keys for tests: an issuer with a key of its own, and licenses to vary. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { issueLicense } from '../operator/license/issue.ts'
import type { License } from '../operator/license/license.ts'
import { keyIdOf, readPublicKeys } from '../operator/license/public-keys.ts'
import type { PublicKeys } from '../operator/license/public-keys.ts'

export interface Issuer {
  readonly privateKey: KeyObject
  readonly keyId: string
  /** The public key in PEM. */
  readonly pem: string
  readonly publicKeys: PublicKeys
  /** The license key of a license for `acme` until 2031, varied. */
  issue(over?: Partial<License>): Promise<string>
}

export const license: Omit<License, 'keyId'> = {
  id: 'license-1',
  issuer: 'Example Cloud',
  cloudId: 'acme',
  issuedAt: Date.parse('2029-12-01T00:00:00Z'),
  notBefore: undefined,
  expiresAt: Date.parse('2031-01-01T00:00:00Z'),
  customers: undefined,
}

/** @param pem its private key; a new one by default */
export function issuer(given?: string): Issuer {
  const privateKey = given === undefined ? generateKeyPairSync('ed25519').privateKey : createPrivateKey(given)
  const pem = createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString()
  return {
    privateKey,
    keyId: keyIdOf(privateKey),
    pem,
    publicKeys: readPublicKeys(pem),
    issue: (over = {}) => issueLicense({ ...license, ...over }, privateKey),
  }
}
