/**
 * The token in an invite's link: signed, never stored. Its content is readable (it is no secret to its holder); 32
 * bytes of HMAC-SHA-256 (RFC 2104) under a 256-bit key make it unforgeable. Pure.
 *
 * Layout, before base64url (RFC 4648, section 5, no padding): version (1) · key id (1 + n) · admin uid (16) · tenant
 * uid (16) · sequence (4) · expiry, Unix seconds (6) · digest of the address (16) · namespace (1 + n) · name (1 + n) ·
 * MAC (32)
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface InviteClaims {
  readonly keyId: string
  /** uid of the TenantAdmin; a UUID (RFC 9562). */
  readonly uid: string
  readonly tenantUid: string
  readonly sequence: number
  /** Milliseconds since the epoch, whole seconds. */
  readonly expiresAt: number
  /** As {@link addressDigest} gives it. */
  readonly address: string
  /** The TenantAdmin's place: any replica finds it with one live read. */
  readonly namespace: string
  readonly name: string
}

/**
 * The purpose of a signature; a token of one purpose is not valid for another. `done` lets the same browser see the
 * progress.
 */
export type TokenPurpose = 'invite' | 'done'

export interface SigningKey {
  readonly id: string
  /** 32 bytes. */
  readonly secret: Buffer
}

export type FindKey = (id: string) => SigningKey | undefined

const version = 1
const macLength = 32
const addressLength = 16
/** A namespace has at most 63 characters, a name 253; longer tokens are not looked at. */
const longestToken = 640

/** The digest of the address in lower case, as mail programs and people do not keep the case. */
export function addressDigest(email: string): string {
  const digest = createHash('sha256').update(email.toLowerCase()).digest()
  return digest.subarray(0, addressLength).toString('hex')
}

export function signToken(claims: InviteClaims, purpose: TokenPurpose, key: SigningKey): string {
  const payload = encode(claims)
  return Buffer.concat([payload, mac(key, purpose, payload)]).toString('base64url')
}

/**
 * The claims of a token that one of Tenantry's keys signed for this purpose; undefined for anything else. Says nothing
 * about expiry and use: the reader of the TenantAdmin decides those. The comparison takes the same time for every MAC.
 */
export function verifyToken(token: string, purpose: TokenPurpose, find: FindKey): InviteClaims | undefined {
  if (token.length > longestToken || !/^[A-Za-z0-9_-]+$/.test(token)) return undefined
  const bytes = Buffer.from(token, 'base64url')
  // Only the exact spelling that was issued: base64url has unused bits at its end.
  if (bytes.length <= macLength || bytes.toString('base64url') !== token) return undefined
  const payload = bytes.subarray(0, -macLength)
  const claims = decode(payload)
  if (claims === undefined) return undefined
  const key = find(claims.keyId)
  if (key === undefined) return undefined
  return timingSafeEqual(mac(key, purpose, payload), bytes.subarray(-macLength)) ? claims : undefined
}

/** A value that only the holder of `token` and the operator can make: it ties a form to the token it was shown for. */
export function formKey(token: string, key: SigningKey): string {
  return mac(key, 'form', Buffer.from(token)).toString('base64url')
}

export function sameText(one: string, other: string): boolean {
  const digests = [one, other].map((text) => createHash('sha256').update(text).digest())
  const [a, b] = digests
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}

function mac(key: SigningKey, purpose: TokenPurpose | 'form', payload: Buffer): Buffer {
  return createHmac('sha256', key.secret).update(`tenantry.dev/${purpose}/v${version}\0`).update(payload).digest()
}

function encode(claims: InviteClaims): Buffer {
  const numbers = Buffer.alloc(10)
  numbers.writeUInt32BE(claims.sequence, 0)
  numbers.writeUIntBE(Math.floor(claims.expiresAt / 1000), 4, 6)
  return Buffer.concat([
    Buffer.of(version),
    lengthPrefixed(claims.keyId),
    uuidBytes(claims.uid),
    uuidBytes(claims.tenantUid),
    numbers,
    Buffer.from(claims.address, 'hex'),
    lengthPrefixed(claims.namespace),
    lengthPrefixed(claims.name),
  ])
}

function decode(payload: Buffer): InviteClaims | undefined {
  let at = 0
  const take = (length: number) => payload.subarray(at, (at += length))
  const text = () => take(take(1)[0] ?? 0).toString('latin1')
  if (take(1)[0] !== version) return undefined
  const keyId = text()
  const [uid, tenantUid] = [uuid(take(16)), uuid(take(16))]
  const numbers = take(10)
  const address = take(addressLength).toString('hex')
  const [namespace, name] = [text(), text()]
  if (at !== payload.length || numbers.length !== 10) return undefined
  const expiresAt = numbers.readUIntBE(4, 6) * 1000
  return { keyId, uid, tenantUid, sequence: numbers.readUInt32BE(0), expiresAt, address, namespace, name }
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  if (bytes.length > 255) throw new RangeError('a name is longer than Kubernetes allows')
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

function uuidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex')
  if (bytes.length !== 16) throw new TypeError(`not a UUID: ${text}`)
  return bytes
}

function uuid(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
