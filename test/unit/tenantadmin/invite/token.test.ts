import { randomBytes } from 'node:crypto'
import test from 'ava'
import { fc } from '../../../random.ts'
import { addressDigest, formKey, signToken, verifyToken } from '../../../../operator/tenantadmin/invite/token.ts'
import type { InviteClaims, SigningKey } from '../../../../operator/tenantadmin/invite/token.ts'

const key: SigningKey = { id: 'abcdefgh', secret: randomBytes(32) }
const other: SigningKey = { id: 'abcdefgh', secret: randomBytes(32) }
const find = (id: string) => (id === key.id ? key : undefined)

const claims: InviteClaims = {
  keyId: key.id,
  uid: '0b7c6f9e-2f0c-4d47-9f14-2f7a3f0f7c11',
  tenantUid: '7d0e1c3a-9d64-4b21-8f7e-0f2f9a1f3c55',
  sequence: 3,
  expiresAt: Date.UTC(2030, 0, 8),
  address: addressDigest('jane@example.com'),
  namespace: 'home',
  name: 'jane',
}

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
const anyClaims = fc.record({
  keyId: fc.constant(key.id),
  uid: fc.uuid(),
  tenantUid: fc.uuid(),
  sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
  expiresAt: fc.integer({ min: 0, max: 10_000_000_000 }).map((seconds) => seconds * 1000),
  address: fc.emailAddress().map(addressDigest),
  namespace: name,
  name: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')),
})

test('What was signed is what is read', (t) => {
  fc.assert(
    fc.property(anyClaims, (each) => t.deepEqual(verifyToken(signToken(each, 'invite', key), 'invite', find), each)),
  )
})

test('A token is short, and fit for a URL as it is', (t) => {
  const token = signToken(claims, 'invite', key)
  t.regex(token, /^[A-Za-z0-9_-]{100,180}$/)
})

test('No other text than the one that was given out is a token: each bit counts', (t) => {
  const bytes = Buffer.from(signToken(claims, 'invite', key), 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const forged = Buffer.from(bytes)
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    t.is(verifyToken(forged.toString('base64url'), 'invite', find), undefined, `bit ${bit}`)
  }
})

test('Any text at all, cut or lengthened tokens, another spelling: no token and no exception', (t) => {
  const token = signToken(claims, 'invite', key)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 800 }),
        fc.base64String(),
        fc.nat(200).map((n) => token.slice(0, n)),
      ),
      (text) => {
        if (text !== token) t.is(verifyToken(text, 'invite', find), undefined)
      },
    ),
    { numRuns: 2000 },
  )
  for (const spelling of [
    `${token}=`,
    `${token}A`,
    `${token} `,
    token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
  ])
    t.is(verifyToken(spelling, 'invite', find), undefined)
})

test('Another key of the same id, an unknown key, another purpose: no token', (t) => {
  const token = signToken(claims, 'invite', key)
  t.is(
    verifyToken(token, 'invite', () => other),
    undefined,
  )
  t.is(
    verifyToken(token, 'invite', () => undefined),
    undefined,
  )
  t.is(verifyToken(token, 'done', find), undefined)
})

test('The digest knows an address in whatever case, and no other one', (t) => {
  t.is(addressDigest('Jane@Example.com'), addressDigest('jane@example.com'))
  t.not(addressDigest('jane@example.org'), addressDigest('jane@example.com'))
})

test('A form key belongs to one token', (t) => {
  t.is(formKey('a', key), formKey('a', key))
  t.not(formKey('a', key), formKey('b', key))
  t.not(formKey('a', key), formKey('a', other))
})
