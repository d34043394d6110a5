/** The public keys that licenses are checked with: Ed25519 (RFC 8032), in PEM, each known by its thumbprint. Pure. */
import { createHash, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** By key id. */
export type PublicKeys = ReadonlyMap<string, KeyObject>

const block = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g

/** More are not needed at once; a forged key id costs nothing either way. */
const most = 16

/**
 * One or several blocks `PUBLIC KEY` (RFC 7468, section 13). Text between them is ignored, as in any PEM file.
 * @throws RangeError with a sentence that begins with a verb, for a file with other content
 */
export function readPublicKeys(pem: string): PublicKeys {
  const blocks = [...pem.matchAll(block)]
  if (blocks.some(([, label]) => label?.includes('PRIVATE')))
    throw new RangeError('holds a private key; only the public key belongs here')
  if (blocks.length === 0) throw new RangeError('holds no public key in PEM (-----BEGIN PUBLIC KEY-----)')
  if (blocks.length > most) throw new RangeError(`holds more than ${most} public keys`)
  return new Map(blocks.map(([text]) => readPublicKey(text)).map((key) => [keyIdOf(key), key]))
}

function readPublicKey(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPublicKey(pem)
  } catch {
    throw new RangeError('holds a public key that cannot be read')
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new RangeError('holds a public key that is not of the type Ed25519')
  return key
}

/** The JWK thumbprint of an Ed25519 key, private or public (RFC 7638; RFC 8037, appendix A.3). */
export function keyIdOf(key: KeyObject): string {
  const { crv, kty, x } = key.export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')
}
