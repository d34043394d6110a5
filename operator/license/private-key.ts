/** The private key that issues licenses: Ed25519, PEM, PKCS #8 (RFC 8410). It is passed on and never shown. */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { keyIdOf } from './public-keys.ts'

export interface KeyPair {
  readonly keyId: string
  /** PEM. */
  readonly privateKey: string
  /** PEM. */
  readonly publicKey: string
}

/** Both keys of a pair, to be written to files. */
export function keyPairOf(privateKey: KeyObject): KeyPair {
  return {
    keyId: keyIdOf(privateKey),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString(),
  }
}

/** @throws RangeError with a sentence that begins with a verb and holds nothing of the file */
export function readPrivateKey(pem: string): KeyObject {
  if (pem.includes('ENCRYPTED')) throw new RangeError('holds an encrypted private key, which cannot be used')
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new RangeError('holds no private key in PEM (-----BEGIN PRIVATE KEY-----)')
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new RangeError('holds a private key that is not of the type Ed25519')
  return key
}
