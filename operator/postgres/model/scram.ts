/**
 * SCRAM-SHA-256 verifiers, so that no password is ever part of a statement (or of the server's log): PostgreSQL stores
 * them as they are given. RFC 5802 (the keys), RFC 7677 (SHA-256), PostgreSQL manual on `pg_authid.rolpassword` (the
 * form).
 */
import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'

import type { Random } from '../../runtime/base/clock.ts'

const derive = promisify(pbkdf2)

/** PostgreSQL's own default (`scram_iterations`), and RFC 7677's minimum. */
export const scramIterations = 4096
const saltBytes = 16

/**
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` of a printable ASCII password, which SASLprep (RFC 4013)
 * leaves as it is; throws a RangeError for any other.
 */
export async function scramVerifier(password: string, random: Pick<Random, 'bytes'>): Promise<string> {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new RangeError('A database password must be printable ASCII.')
  const salt = random.bytes(saltBytes)
  const salted = await derive(password, salt, scramIterations, 32, 'sha256')
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64')
  const serverKey = hmac(salted, 'Server Key').toString('base64')
  return `SCRAM-SHA-256$${scramIterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

/** Whether a text is such a verifier, and not a password that was passed by mistake. */
export function isScramVerifier(text: string): boolean {
  return /^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/]+={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/.test(text)
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
