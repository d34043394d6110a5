/**
 * Passwords at rest: scrypt (RFC 7914) as a PHC string, `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`. The cost is one of
 * OWASP's equal choices, the one with the least memory (32 MiB), as the web shares a process with the operator.
 */
import { scrypt, timingSafeEqual } from 'node:crypto'
import type { Random } from '../../runtime/base/clock.ts'

const cost = { ln: 15, r: 8, p: 3 } as const
const saltLength = 16
const hashLength = 32
/** Bytes that are held, and bytes that are worked on: twice what {@link cost} takes. */
const mostMemory = 64 * 1024 * 1024
const mostWork = 3 * mostMemory
const phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** NIST SP 800-63B, section 3.1.1.2: normalised before hashing, so that one password has one form on every keyboard. */
const normal = (password: string) => password.normalize('NFKC')

export async function hashPassword(password: string, random: Pick<Random, 'bytes'>): Promise<string> {
  const salt = random.bytes(saltLength)
  const hash = await derive(password, salt, cost, hashLength)
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(hash)}`
}

/** False for a wrong password, and for a text that is no PHC string of scrypt. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parts = partsOf(stored)
  if (parts === undefined) return false
  const actual = await derive(password, parts.salt, parts, parts.hash.length)
  return timingSafeEqual(actual, parts.hash)
}

/** Whether a text is a PHC string of scrypt at a cost that a sign-in may take. */
export function isPasswordHash(stored: string): boolean {
  return partsOf(stored) !== undefined
}

/** The cost is bounded, and a hash of no bytes would fit every password: the text can be of a tenant's own directory. */
function partsOf(stored: string): (Cost & { readonly salt: Buffer; readonly hash: Buffer }) | undefined {
  const [, ln, r, p, salt = '', hash = ''] = phc.exec(stored) ?? []
  const parts = { ln: Number(ln), r: Number(r), p: Number(p) }
  const bytes = { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
  const memory = 128 * 2 ** parts.ln * parts.r
  if (!(parts.ln >= 1 && parts.r >= 1 && parts.p >= 1) || memory > mostMemory || memory * parts.p > mostWork)
    return undefined
  const isWhole = bytes.hash.length >= 16 && bytes.hash.length <= 64
  return isWhole ? { ...parts, ...bytes } : undefined
}

interface Cost {
  readonly ln: number
  readonly r: number
  readonly p: number
}

function derive(password: string, salt: Buffer, { ln, r, p }: Cost, length: number): Promise<Buffer> {
  const N = 2 ** ln
  return new Promise((resolve, reject) => {
    scrypt(normal(password), salt, length, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
