/**
 * Seals a flow for a cookie: AES-256-GCM under a key that HKDF-SHA-256 derives for one purpose. The provider is authenticated
 * with it, so that the cookie of one provider is none for another. Pure, except for the port Random.
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Random } from '../../runtime/base/clock.ts'
import { flowSchema } from './flow.ts'
import type { Flow } from './flow.ts'

/** Milliseconds in which a person has to sign in at the provider. */
export const flowLifetime = 10 * 60_000

/** What browsers keep of a cookie at least. */
const longestCookie = 4096

/** How far the clocks of two replicas may differ, in milliseconds. */
const clockDifference = 60_000

const version = 1
const ivSize = 12
const tagSize = 16

/** @throws RangeError when the secret is not of 32 bytes. */
export function flowKey(secret: Uint8Array, purpose: string): KeyObject {
  if (secret.byteLength !== 32) throw new RangeError('the secret of the flow cookie is not of 32 bytes')
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `tenantry ${purpose}`, 32)))
}

export function sealFlow(flow: Flow, key: KeyObject, random: Random): string {
  const iv = random.bytes(ivSize)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagSize }).setAAD(boundTo(flow.provider))
  const sealed = Buffer.concat([cipher.update(JSON.stringify(flow), 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.of(version), iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

export interface Opening {
  readonly key: KeyObject
  readonly provider: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Undefined for everything but the unchanged seal of a flow of this provider that is not over. */
export function openFlow(cookie: string, { key, provider, now }: Opening): Flow | undefined {
  const bytes = bytesOf(cookie)
  const content = bytes === undefined ? undefined : decrypt(bytes, key, provider)
  const flow = content === undefined ? undefined : flowSchema.safeParse(JSON.parse(content)).data
  if (flow === undefined) return undefined
  return now - flow.issuedAt <= flowLifetime && flow.issuedAt - now <= clockDifference ? flow : undefined
}

function bytesOf(cookie: string): Buffer | undefined {
  if (cookie.length > longestCookie) return undefined
  const bytes = Buffer.from(cookie, 'base64url')
  // Other spellings of the same bytes are not what was sealed.
  const isWhole = bytes.length > 1 + ivSize + tagSize && bytes.toString('base64url') === cookie
  return isWhole && bytes[0] === version ? bytes : undefined
}

function decrypt(bytes: Buffer, key: KeyObject, provider: string): string | undefined {
  const iv = bytes.subarray(1, 1 + ivSize)
  const tag = bytes.subarray(1 + ivSize, 1 + ivSize + tagSize)
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagSize })
  decipher.setAAD(boundTo(provider)).setAuthTag(tag)
  try {
    return Buffer.concat([decipher.update(bytes.subarray(1 + ivSize + tagSize)), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

function boundTo(provider: string): Buffer {
  return Buffer.from(`${version} ${provider}`)
}
