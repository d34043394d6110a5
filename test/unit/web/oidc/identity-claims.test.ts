/** From the claims of the ID token and the userinfo to the identity. */
import test from 'ava'
import { identityOf, isIncomplete, longestGroup, mostGroups } from '../../../../operator/web/oidc/identity-claims.ts'

const claims = { username: 'preferred_username', email: 'email', name: 'name', groups: 'groups' }
const settings = { id: 'corp', claims, requireVerifiedEmail: true }
const lenient = { ...settings, requireVerifiedEmail: false }
const token = {
  sub: '1',
  preferred_username: 'jane',
  email: 'Jane@Example.com',
  email_verified: true,
  name: 'Jane',
  groups: ['a'],
}
const identity = {
  provider: 'corp',
  subject: '1',
  username: 'jane',
  email: 'jane@example.com',
  name: 'Jane',
  groups: ['a'],
}
const refused = (reason: string) => ({ kind: 'Refused', reason, detail: undefined })

test('the address is in lower case', (t) => t.deepEqual(identityOf(token, {}, settings), identity))

test('what the ID token does not have is in the userinfo', (t) => {
  const { sub, ...userinfo } = token
  t.deepEqual(identityOf({ sub }, userinfo, settings), identity)
})

test('what the ID token says counts before the userinfo', (t) => {
  const userinfo = { email: 'eve@example.com', email_verified: true, preferred_username: 'eve', groups: ['admins'] }
  t.deepEqual(identityOf(token, userinfo, settings), identity)
})

test('claims can have other names', (t) => {
  const renamed = { ...claims, groups: 'https://example.com/roles', username: 'upn' }
  const over = { 'https://example.com/roles': 'ops', upn: 'JD' }
  t.deepEqual(identityOf({ ...token, ...over }, {}, { ...settings, claims: renamed }), {
    ...identity,
    username: 'JD',
    groups: ['ops'],
  })
})

test('without a username it is the address, and without that the subject', (t) => {
  const first = identityOf({ ...token, preferred_username: undefined }, {}, settings)
  const second = identityOf({ sub: '1', preferred_username: ' ' }, {}, settings)
  t.deepEqual(
    ['username' in first && first.username, 'username' in second && second.username],
    ['jane@example.com', '1'],
  )
})

const verified: readonly (readonly [string, object, object, object])[] = [
  ['the text true', { email_verified: 'true' }, settings, { email: 'jane@example.com' }],
  ['false', { email_verified: false }, settings, refused('EmailNotVerified')],
  ['nothing', { email_verified: undefined }, settings, refused('EmailNotVerified')],
  ['the number 1', { email_verified: 1 }, settings, refused('EmailNotVerified')],
  ['false, where none is required', { email_verified: false }, lenient, { email: undefined }],
  ['nothing, where none is required', { email_verified: undefined }, lenient, { email: 'jane@example.com' }],
]
for (const [what, over, given, outcome] of verified)
  test(`email_verified: ${what}`, (t) => {
    t.like(identityOf({ ...token, ...over }, {}, given === settings ? settings : lenient), outcome)
  })

test('the userinfo vouches for its own address only', (t) => {
  const unverified = { ...token, email_verified: undefined }
  const other = { email: 'eve@example.com', email_verified: true }
  t.deepEqual(identityOf(unverified, other, settings), refused('EmailNotVerified'))
  t.deepEqual(identityOf(unverified, { email: token.email, email_verified: true }, settings), identity)
})

test('a person without an address has none', (t) => {
  for (const email of [undefined, null, ''])
    t.like(identityOf({ ...token, email }, {}, settings), { email: undefined, username: 'jane' })
})

const malformed = [
  'jane',
  'a@b@c.example',
  'jane @example.com',
  'jane@example.com\n',
  '\u212Aate@example.com',
  7,
  ['a@b.example'],
]
for (const email of malformed)
  test(`${JSON.stringify(email)} is no address`, (t) => {
    t.deepEqual(identityOf({ ...token, email }, {}, settings), refused('EmailMalformed'))
  })

const groups: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['one text', 'ops', ['ops']],
  ['repetitions', ['a', 'b', 'a'], ['a', 'b']],
  ['what is no text', ['a', 1, null, { b: 1 }], ['a']],
  ["Kubernetes's own", ['system:masters', 'a'], ['a']],
  ['one that is too long', ['a', 'b'.repeat(longestGroup + 1)], ['a']],
  ['control characters and nothing', ['a', 'b\nc', ''], ['a']],
  ['an object', { a: 1 }, []],
  ['nothing', undefined, []],
]
for (const [what, value, expected] of groups)
  test(`groups: ${what}`, (t) => t.like(identityOf({ ...token, groups: value }, {}, settings), { groups: expected }))

test('groups are bounded in number', (t) => {
  const many = Array.from({ length: mostGroups + 100 }, (_, index) => `group-${index}`)
  const { length } = (identityOf({ ...token, groups: many }, {}, settings) as typeof identity).groups
  t.is(length, mostGroups)
})

test('a name with control characters is none', (t) => {
  t.like(identityOf({ ...token, name: 'a\u2028b' }, {}, settings), { name: undefined })
})

test('the userinfo is asked for where a claim is missing', (t) => {
  t.false(isIncomplete(token, settings))
  t.true(isIncomplete({ ...token, groups: undefined }, settings))
})
