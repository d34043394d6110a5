/** License keys: what passes, and all that does not. */
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import test from 'ava'
import { fc } from '../../random.ts'

import { keyIdOf, readPublicKeys } from '../../../operator/license/public-keys.ts'
import { readUnverified, verifyLicense } from '../../../operator/license/verify.ts'
import type { Fault } from '../../../operator/license/verify.ts'
import { scrub } from '../../../operator/runtime/base/redact.ts'
import { issuer, license } from '../../licenses.ts'

const ours = issuer()
const other = issuer()

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = { alg: 'EdDSA', typ: 'tenantry-license+jwt', kid: ours.keyId }
const claims = { iss: 'x', sub: 'acme', jti: '1', iat: 1, exp: 2 }

/** A JWS as an attacker or a careless program makes it, signed properly with `key`. */
function signed(head: unknown, payload: unknown = claims, key: KeyObject = ours.privateKey): string {
  const input = `${encoded(head)}.${typeof payload === 'string' ? payload : encoded(payload)}`
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
}

function hmac(head: unknown, secret: string): string {
  const input = `${encoded(head)}.${encoded(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

test('a license that was issued is read as it was issued', async (t) => {
  const over = { customers: 3, notBefore: Date.parse('2030-01-01T00:00:00Z') }
  t.deepEqual(await verifyLicense(await ours.issue(over), ours.publicKeys), {
    kind: 'Verified',
    license: { ...license, ...over, keyId: ours.keyId },
  })
})

test('of several public keys the one is taken that the license names: keys can be rotated', async (t) => {
  const both = readPublicKeys(`the old one\n${other.pem}\nthe new one\n${ours.pem}`)
  t.is(both.size, 2)
  for (const each of [ours, other]) t.is((await verifyLicense(await each.issue(), both)).kind, 'Verified')
})

test('a license key that gets into a log is masked there', (t) => {
  const logged = JSON.stringify(scrub({ spec: { license: { key: valid } }, error: `what to make of ${valid}?` }))
  t.false(logged.includes(signature) || logged.includes(body))
})

test('claims that are not known to us are ignored (RFC 7519, section 4)', async (t) => {
  t.is((await verifyLicense(signed(header, { ...claims, seats: 5 }), ours.publicKeys)).kind, 'Verified')
})

const valid = signed(header)
const [head = '', body = '', signature = ''] = valid.split('.')
const forged = encoded({ ...claims, sub: 'globex', exp: 9_999_999_999 })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

const wrong: readonly (readonly [string, string, Fault['kind']])[] = [
  ['nothing', '', 'Malformed'],
  ['one word', 'license', 'Malformed'],
  ['two parts', `${head}.${body}`, 'Malformed'],
  ['four parts', `${valid}.x`, 'Malformed'],
  ['without a signature (RFC 7515, appendix A.5)', `${head}.${body}.`, 'Malformed'],
  ['with a line break in it', valid.replace('.', '.\n'), 'Malformed'],
  ['with a space behind', `${valid} `, 'Malformed'],
  ['too long', `${head}.${'A'.repeat(4096)}.${signature}`, 'Malformed'],
  ['a header that is no JSON', `AAAA.${body}.${signature}`, 'Malformed'],
  ['a payload that is no JSON', signed(header, 'AAAA'), 'Malformed'],
  ['a payload that is no UTF-8', signed(header, Buffer.from([34, 255, 34]).toString('base64url')), 'Malformed'],
  ['the algorithm none', `${encoded({ ...header, alg: 'none' })}.${body}.${signature}`, 'OtherToken'],
  ['the algorithm NONE', signed({ ...header, alg: 'NONE' }), 'OtherToken'],
  ['HS256 with the public key as its secret', hmac({ ...header, alg: 'HS256' }, ours.pem), 'OtherToken'],
  ['HS256 that calls itself EdDSA', hmac(header, ours.pem), 'BadSignature'],
  ['RS256', signed({ ...header, alg: 'RS256' }), 'OtherToken'],
  ['Ed25519, another name for the same (RFC 9864)', signed({ ...header, alg: 'Ed25519' }), 'OtherToken'],
  ['another type of token', signed({ ...header, typ: 'JWT' }), 'OtherToken'],
  ['no type', signed({ alg: 'EdDSA', kid: ours.keyId }), 'OtherToken'],
  ['no key id', signed({ alg: 'EdDSA', typ: header.typ }), 'OtherToken'],
  ['a key id that is a path', signed({ ...header, kid: '../../etc/passwd' }), 'OtherToken'],
  [
    'a key of its own in the header',
    signed({ ...header, jwk: ours.privateKey.export({ format: 'jwk' }) }),
    'OtherToken',
  ],
  ['a URL of keys in the header', signed({ ...header, jku: 'https://attacker.example' }), 'OtherToken'],
  ['a critical extension', signed({ ...header, crit: ['b64'], b64: false }), 'OtherToken'],
  ['a header that is a list', signed([header]), 'OtherToken'],
  ['another key id', signed({ ...header, kid: other.keyId }, claims, other.privateKey), 'UnknownKey'],
  ['another key that uses our key id', signed(header, claims, other.privateKey), 'BadSignature'],
  ['another payload under a good signature', `${head}.${forged}.${signature}`, 'BadSignature'],
  ['a signature that is cut', valid.slice(0, -4), 'BadSignature'],
  ['a signature of zeros', `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`, 'BadSignature'],
  ['no expiry', signed(header, { ...claims, exp: undefined }), 'BadClaims'],
  ['an expiry in words', signed(header, { ...claims, exp: '2031-01-01' }), 'BadClaims'],
  ['an expiry in the year 30000', signed(header, { ...claims, exp: 1e12 }), 'BadClaims'],
  ['no Cloud ID', signed(header, { ...claims, sub: undefined }), 'BadClaims'],
  ['a Cloud ID that is none', signed(header, { ...claims, sub: 'Acme Ltd' }), 'BadClaims'],
  ['no id', signed(header, { ...claims, jti: '' }), 'BadClaims'],
  ['half a customer', signed(header, { ...claims, customers: 0.5 }), 'BadClaims'],
  ['fewer than no customers', signed(header, { ...claims, customers: -1 }), 'BadClaims'],
  ['a payload that is a list', signed(header, [claims]), 'BadClaims'],
  ['a payload that is null', signed(header, null), 'BadClaims'],
]

for (const [what, text, fault] of wrong) {
  test(`no license: ${what} (${fault})`, async (t) => {
    const verification = await verifyLicense(text, ours.publicKeys)
    t.is(verification.kind === 'Faulty' ? verification.fault.kind : verification.kind, fault)
  })
}

test('without a public key nothing is a license', async (t) => {
  t.deepEqual(await verifyLicense(valid, new Map()), { kind: 'Faulty', fault: { kind: 'NoKeys' } })
})

test('a changed character anywhere is noticed', async (t) => {
  const positions = fc.integer({ min: 0, max: valid.length - 1 })
  const characters = fc.constantFrom('A', 'B', 'x', 'z', '0', '9', '-', '_', '.')
  await fc.assert(
    fc.asyncProperty(positions, characters, async (at, character) => {
      const text = valid.slice(0, at) + character + valid.slice(at + 1)
      // The last character of a part has bits that base64url leaves out; what is decoded is the same then.
      const bytes = (each: string) =>
        each
          .split('.')
          .map((part) => Buffer.from(part, 'base64url').toString('hex'))
          .join()
      if (text === valid || (bytes(text) === bytes(valid) && at === valid.length - 1)) return true
      return (await verifyLicense(text, ours.publicKeys)).kind === 'Faulty'
    }),
    { numRuns: 500 },
  )
  t.pass()
})

test('whatever is given, it answers and never throws', async (t) => {
  const part = fc.oneof(
    fc.string(),
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
    fc.base64String(),
  )
  const token = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
  )
  await fc.assert(
    fc.asyncProperty(token, async (text) => {
      readUnverified(text)
      return (await verifyLicense(text, ours.publicKeys)).kind === 'Faulty'
    }),
    { numRuns: 1000 },
  )
  t.pass()
})

test('signed claims of any shape are a license or a list of what is wrong', async (t) => {
  const anything = fc.record({ iss: fc.jsonValue(), sub: fc.jsonValue(), jti: fc.jsonValue(), exp: fc.jsonValue() })
  await fc.assert(
    fc.asyncProperty(anything, async (payload) => {
      const { kind } = await verifyLicense(signed(header, payload), ours.publicKeys)
      return kind === 'Faulty'
    }),
    { numRuns: 200 },
  )
  t.pass()
})

const files: readonly (readonly [string, string, string])[] = [
  ['nothing', '', 'holds no public key in PEM (-----BEGIN PUBLIC KEY-----)'],
  ['a private key', ours.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 'holds a private key'],
  ['an RSA key', rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString(), 'not of the type Ed25519'],
  ['a damaged key', ours.pem.replace(/\n[A-Za-z0-9+/]{10}/, '\n'), 'cannot be read'],
]
for (const [what, pem, sentence] of files) {
  test(`a file of public keys with ${what} is refused`, (t) => {
    t.throws(() => readPublicKeys(pem), {
      instanceOf: RangeError,
      message: new RegExp(sentence.replace(/[()]/g, '\\$&')),
    })
  })
}

test('the key id is the thumbprint of RFC 8037, appendix A.3', (t) => {
  const x = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString('base64url')
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } })
  t.is(keyIdOf(key), 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
})
