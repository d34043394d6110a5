/** The claims of a logout token. */
import test from 'ava'
import { isLogoutType, readLogoutClaims } from '../../../../operator/web/oidc/logout-token.ts'

const now = Date.parse('2030-01-01T00:00:00Z')
const seconds = now / 1000
const event = 'http://schemas.openid.net/event/backchannel-logout'
const claims = { iat: seconds, jti: 'j', sub: 'jane', sid: 's', events: { [event]: {} } }

test('it names a person, a session, or both', (t) => {
  t.deepEqual(readLogoutClaims(claims, now), { kind: 'LogoutRequested', sub: 'jane', sid: 's', jti: 'j' })
  t.like(readLogoutClaims({ ...claims, sub: undefined }, now), { kind: 'LogoutRequested', sub: undefined, sid: 's' })
  t.like(readLogoutClaims({ ...claims, sid: undefined }, now), { kind: 'LogoutRequested', sub: 'jane', sid: undefined })
})

const wrong: readonly (readonly [string, object, string])[] = [
  ['too old', { iat: seconds - 121 }, 'WrongIssueTime'],
  ['of the future', { iat: seconds + 31 }, 'WrongIssueTime'],
  ['without a time', { iat: undefined }, 'WrongIssueTime'],
  ['without an event', { events: undefined }, 'NoLogoutEvent'],
  ['with another event', { events: { other: {} } }, 'NoLogoutEvent'],
  ['with an event that is no object', { events: { [event]: true } }, 'NoLogoutEvent'],
  ['with a list of events', { events: [event] }, 'NoLogoutEvent'],
  ['an ID token, by its nonce', { nonce: 'n' }, 'WrongNonce'],
  ['with an empty nonce', { nonce: '' }, 'WrongNonce'],
  ['without an id', { jti: undefined }, 'NoTokenId'],
  ['with an empty id', { jti: '' }, 'NoTokenId'],
  ['with an endless id', { jti: 'j'.repeat(1025) }, 'NoTokenId'],
  ['for no person and no session', { sub: undefined, sid: undefined }, 'WrongSubject'],
  ['for a person that is no text', { sub: 7 }, 'WrongSubject'],
  ['for a session that is no text', { sid: 7 }, 'WrongSubject'],
]
for (const [what, over, reason] of wrong)
  test(`refused: ${what}`, (t) => {
    t.deepEqual(readLogoutClaims({ ...claims, ...over }, now), { kind: 'Refused', reason, detail: undefined })
  })

test('tokens of other types are none', (t) => {
  for (const typ of [undefined, 'logout+jwt', 'application/logout+jwt', 'JWT']) t.true(isLogoutType(typ))
  for (const typ of ['at+jwt', '', 'application/at+jwt', 7, null]) t.false(isLogoutType(typ))
})
