/** The settings of an OIDC provider, and what each mistake is answered with. */
import test from 'ava'
import { readOidcSettings } from '../../../../operator/web/oidc/settings.ts'

const least = { type: 'oidc', id: 'corp', name: 'Corp', issuerURL: 'https://id.example.com/corp', clientID: 'tenantry' }

test('what is left out has its default', (t) => {
  t.deepEqual(readOidcSettings(least, 'signIn.providers[0]'), {
    ...least,
    type: 'oidc',
    insecureAllowHTTP: false,
    clientSecretFile: undefined,
    rootCA: undefined,
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { username: 'preferred_username', email: 'email', name: 'name', groups: 'groups' },
    requireVerifiedEmail: true,
    endSession: true,
  })
})

test('one claim can be named without the others', (t) => {
  const settings = readOidcSettings({ ...least, claims: { groups: 'roles' } }, 'x')
  t.deepEqual('claims' in settings && settings.claims, {
    username: 'preferred_username',
    email: 'email',
    name: 'name',
    groups: 'roles',
  })
})

const accepted: readonly (readonly [string, object])[] = [
  [
    'plain http on localhost with insecureAllowHTTP',
    { issuerURL: 'http://localhost:5556/dex', insecureAllowHTTP: true },
  ],
  ['plain http on 127.0.0.1', { issuerURL: 'http://127.0.0.1:5556', insecureAllowHTTP: true }],
  ['plain http on ::1', { issuerURL: 'http://[::1]:5556', insecureAllowHTTP: true }],
  ['a secret in a file', { clientSecretFile: '/etc/tenantry/oidc/corp' }],
]
for (const [what, over] of accepted)
  test(`${what} is accepted`, (t) => t.false(Array.isArray(readOidcSettings({ ...least, ...over }, 'x'))))

const at = 'signIn.providers[0]'
const wrong: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['no object', 'corp', [`${at} is not an object.`]],
  ['no keys', { type: 'oidc' }, ['id', 'name', 'issuerURL', 'clientID'].map((key) => `${at}.${key} is missing.`)],
  ['a misspelled key', { ...least, clientId: 'x' }, [`${at} has the unknown key clientId.`]],
  ['another type', { ...least, type: 'saml' }, [`${at}.type is not oidc.`]],
  [
    'an id that is no part of a path',
    { ...least, id: '../x' },
    [`${at}.id is not made of up to 63 small letters, digits and hyphens.`],
  ],
  [
    "the id of Tenantry's own passwords",
    { ...least, id: 'local' },
    [`${at}.id is local, which is the id of Tenantry's own passwords.`],
  ],
  ['no URL', { ...least, issuerURL: 'id.example.com' }, [`${at}.issuerURL is not an https URL.`]],
  ['another scheme', { ...least, issuerURL: 'ldap://id.example.com' }, [`${at}.issuerURL is not an https URL.`]],
  [
    'plain http',
    { ...least, issuerURL: 'http://id.example.com', insecureAllowHTTP: true },
    [`${at}.issuerURL is not an https URL; plain http is accepted on the loopback only.`],
  ],
  [
    'plain http on the loopback',
    { ...least, issuerURL: 'http://localhost' },
    [`${at}.issuerURL is not an https URL; insecureAllowHTTP accepts plain http on the loopback.`],
  ],
  [
    'plain http on a host that only looks like the loopback',
    { ...least, issuerURL: 'http://127.0.0.1.evil.example', insecureAllowHTTP: true },
    [`${at}.issuerURL is not an https URL; plain http is accepted on the loopback only.`],
  ],
  [
    'a password in the URL',
    { ...least, issuerURL: 'https://a:b@id.example.com' },
    [`${at}.issuerURL has a user or a password.`],
  ],
  ['a query', { ...least, issuerURL: 'https://id.example.com?x' }, [`${at}.issuerURL has a query or a fragment.`]],
  [
    'the discovery document',
    { ...least, issuerURL: 'https://id.example.com/.well-known/openid-configuration' },
    [`${at}.issuerURL is the URL of the discovery document; give the issuer, without /.well-known/….`],
  ],
  [
    'the secret itself',
    { ...least, clientSecret: 'hunter2' },
    [`${at}.clientSecret is a secret; put it into a file and name the file in clientSecretFile.`],
  ],
  ['no openid among the scopes', { ...least, scopes: ['email'] }, [`${at}.scopes does not have openid.`]],
  [
    'several scopes in one',
    { ...least, scopes: ['openid', 'profile email'] },
    [`${at}.scopes.1 is not one scope, such as email.`],
  ],
  ['an empty name of a claim', { ...least, claims: { email: '' } }, [`${at}.claims.email is empty.`]],
  [
    'a claim that nothing is read from',
    { ...least, claims: { phone: 'x' } },
    [`${at}.claims has the unknown key phone.`],
  ],
  ['a text for a flag', { ...least, endSession: 'no' }, [`${at}.endSession is not true or false.`]],
  ['a line break in the label', { ...least, name: 'a\nb' }, [`${at}.name has control characters.`]],
]
for (const [what, value, problems] of wrong)
  test(`refused: ${what}`, (t) => t.deepEqual(readOidcSettings(value, at), problems))
