/** The flow of a sign-in, sealed for a cookie. */
import test from 'ava'
import { systemRandom } from '../../../../operator/runtime/base/system-clock.ts'
import { flowKey, flowLifetime, openFlow, sealFlow } from '../../../../operator/web/oidc/flow-cookie.ts'
import type { Flow } from '../../../../operator/web/oidc/flow.ts'
import { fc } from '../../../random.ts'

const secret = systemRandom.bytes(32)
const key = flowKey(secret, 'oidc flow')
const now = Date.parse('2030-01-01T00:00:00Z')
const flow: Flow = {
  provider: 'corp',
  state: 'state',
  nonce: 'nonce',
  verifier: 'verifier',
  redirectUri: 'https://console.example.com/sign-in/corp/callback',
  returnTo: '/admin',
  issuedAt: now,
}
const sealed = sealFlow(flow, key, systemRandom)
const at = (milliseconds: number) => ({ key, provider: 'corp', now: now + milliseconds })

test('what was sealed is opened as it was', (t) => {
  const strings = {
    state: fc.string({ minLength: 1 }),
    nonce: fc.string({ minLength: 1 }),
    verifier: fc.string({ minLength: 1 }),
  }
  const flows = fc.record({ ...strings, redirectUri: fc.webUrl(), returnTo: fc.string() })
  fc.assert(
    fc.property(flows, (over) => {
      t.deepEqual(openFlow(sealFlow({ ...flow, ...over }, key, systemRandom), at(0)), { ...flow, ...over })
    }),
  )
})

test('a flow with the longest path fits into a cookie', (t) => {
  const uri = `https://${'a'.repeat(250)}/${'b'.repeat(250)}/sign-in/${'c'.repeat(63)}/callback`
  const long = {
    ...flow,
    redirectUri: uri,
    returnTo: `/${'d'.repeat(1023)}`,
    state: 's'.repeat(43),
    nonce: 'n'.repeat(43),
  }
  t.true(sealFlow(long, key, systemRandom).length < 3500)
})

test('two seals of one flow are different', (t) => t.not(sealFlow(flow, key, systemRandom), sealed))

test('nothing of the flow can be read in the cookie', (t) => {
  t.false(Buffer.from(sealed, 'base64url').toString('latin1').includes('verifier'))
})

test('a cookie with one other byte is refused', (t) => {
  const bytes = Buffer.from(sealed, 'base64url')
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
      const other = Buffer.from(bytes)
      other[index] = (other[index] ?? 0) ^ change
      t.is(openFlow(other.toString('base64url'), at(0)), undefined)
    }),
  )
})

test('a cookie that is cut or longer is refused', (t) => {
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), (length) => t.is(openFlow(sealed.slice(0, length), at(0)), undefined)),
  )
  for (const more of ['A', 'AA', '=', ' ', '\n']) t.is(openFlow(sealed + more, at(0)), undefined)
})

test('texts that are no seal are refused', (t) => {
  fc.assert(fc.property(fc.string(), (text) => t.is(openFlow(text, at(0)), undefined)))
  t.is(openFlow('A'.repeat(100_000), at(0)), undefined)
})

test('a cookie is good until its lifetime is over', (t) => {
  t.deepEqual(openFlow(sealed, at(flowLifetime)), flow)
  t.is(openFlow(sealed, at(flowLifetime + 1)), undefined)
})

test('a cookie of the future is refused, beyond what two clocks may differ', (t) => {
  t.deepEqual(openFlow(sealed, at(-60_000)), flow)
  t.is(openFlow(sealed, at(-60_001)), undefined)
})

test('a key of another purpose opens nothing', (t) => {
  t.is(openFlow(sealed, { ...at(0), key: flowKey(secret, 'session') }), undefined)
})

test('another secret opens nothing', (t) => {
  t.is(openFlow(sealed, { ...at(0), key: flowKey(systemRandom.bytes(32), 'oidc flow') }), undefined)
})

test('the cookie of one provider is none for another', (t) =>
  t.is(openFlow(sealed, { ...at(0), provider: 'other' }), undefined))

test('a secret that is too short is a mistake', (t) => {
  t.throws(() => flowKey(Buffer.alloc(16), 'oidc flow'), { instanceOf: RangeError })
})
