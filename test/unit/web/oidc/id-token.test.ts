/** The claims of an ID token. */
import test from 'ava'
import { fitsAtHash, idTokenProblem, signingAlgorithms } from '../../../../operator/web/oidc/id-token.ts'
import type { RefusalReason } from '../../../../operator/web/oidc/oidc-outcome.ts'

const now = Date.parse('2030-01-01T00:00:00Z')
const seconds = now / 1000
const expected = { issuer: 'https://id.example.com', clientID: 'tenantry', nonce: 'n', now }
const claims = { iss: expected.issuer, aud: 'tenantry', sub: 'jane', nonce: 'n', exp: seconds + 60, iat: seconds }

const rows: readonly (readonly [string, object, RefusalReason | undefined])[] = [
  ['as it should be', {}, undefined],
  ['for two audiences, authorized for us', { aud: ['tenantry', 'other'], azp: 'tenantry' }, undefined],
  ['within the tolerance of clocks', { exp: seconds - 29, iat: seconds + 30, nbf: seconds + 30 }, undefined],
  ['of another issuer', { iss: 'https://id.example.com/' }, 'WrongIssuer'],
  ['for another client', { aud: 'other' }, 'WrongAudience'],
  ['for none', { aud: undefined }, 'WrongAudience'],
  ['for two audiences without an authorized one', { aud: ['tenantry', 'other'] }, 'WrongAuthorizedParty'],
  ['authorized for another', { azp: 'other' }, 'WrongAuthorizedParty'],
  ['expired', { exp: seconds - 30 }, 'TokenExpired'],
  ['without an end', { exp: undefined }, 'TokenExpired'],
  ['with a text as its end', { exp: String(seconds + 60) }, 'TokenExpired'],
  ['of the future', { iat: seconds + 31 }, 'WrongIssueTime'],
  ['without a beginning', { iat: undefined }, 'WrongIssueTime'],
  ['not valid yet', { nbf: seconds + 31 }, 'TokenNotYetValid'],
  ['of another sign-in', { nonce: 'm' }, 'WrongNonce'],
  ['without a nonce', { nonce: undefined }, 'WrongNonce'],
  ['without a subject', { sub: undefined }, 'WrongSubject'],
  ['with an empty subject', { sub: '' }, 'WrongSubject'],
  ['with a line break in the subject', { sub: 'a\nb' }, 'WrongSubject'],
  ['with a subject that is too long', { sub: 'a'.repeat(256) }, 'WrongSubject'],
]
for (const [what, over, problem] of rows)
  test(`${what}: ${problem ?? 'good'}`, (t) => t.is(idTokenProblem({ ...claims, ...over }, expected), problem))

test('no algorithm is symmetric, and none is none', (t) => {
  t.deepEqual(
    signingAlgorithms.filter((algorithm) => !/^(?:RS|PS|ES)(?:256|384|512)$|^EdDSA$|^Ed25519$/.test(algorithm)),
    [],
  )
})

test('at_hash is that of the access token', (t) => {
  // OpenID Connect Core 1.0, appendix A.3.
  const token = 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y'
  t.true(fitsAtHash('77QmUPtjPfzWtF2AnpK9RQ', token, 'RS256'))
  t.false(fitsAtHash('77QmUPtjPfzWtF2AnpK9RQ', `${token}x`, 'RS256'))
  t.false(fitsAtHash('77QmUPtjPfzWtF2AnpK9RQ', token, 'RS384'))
  t.false(fitsAtHash(null, token, 'RS256'))
  t.true(fitsAtHash(undefined, token, 'RS256'))
})
