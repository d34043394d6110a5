import test from 'ava'
import { ldapProvider } from '../../../../operator/web/ldap/settings.ts'
import { createAuthority } from '../../../harness/certificate.ts'

const ca = createAuthority('test').certificate

const least = {
  type: 'ldap',
  id: 'corp',
  name: 'Corporate directory',
  host: 'ldap.example.com',
  userSearch: { baseDN: 'ou=people,dc=example,dc=com', username: 'uid' },
}

type Keys = Readonly<Record<string, unknown>>

/** Each problem as people read it: the path of the key, then the message. */
function problems(keys: Keys): readonly string[] {
  const { error } = ldapProvider.safeParse({ ...least, ...keys })
  return error?.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(' ')) ?? []
}

test('what is not said has the defaults of Dex', (t) => {
  t.deepEqual(ldapProvider.parse(least), {
    type: 'ldap',
    id: 'corp',
    name: 'Corporate directory',
    host: 'ldap.example.com',
    port: 636,
    security: 'tls',
    verify: true,
    rootCA: undefined,
    account: undefined,
    usernamePrompt: 'Username',
    userSearch: {
      baseDN: 'ou=people,dc=example,dc=com',
      filter: undefined,
      username: 'uid',
      idAttr: 'uid',
      emailAttr: 'mail',
      nameAttr: undefined,
      scope: 'sub',
    },
    groupSearch: undefined,
  })
})

const addresses: Readonly<Record<string, readonly [keys: Keys, host: string, port: number, security: string]>> = {
  'TLS by default': [{}, 'ldap.example.com', 636, 'tls'],
  'a port': [{ host: 'ldap.example.com:1636' }, 'ldap.example.com', 1636, 'tls'],
  StartTLS: [{ startTLS: true }, 'ldap.example.com', 389, 'starttls'],
  'no TLS, said explicitly': [{ insecureNoSSL: true }, 'ldap.example.com', 389, 'none'],
  'an IPv4 address': [{ host: '192.0.2.7:636' }, '192.0.2.7', 636, 'tls'],
  'an IPv6 address': [{ host: '[2001:db8::7]:1636' }, '2001:db8::7', 1636, 'tls'],
}

for (const [what, [keys, host, port, security]] of Object.entries(addresses)) {
  test(`the address: ${what}`, (t) => {
    const settings = ldapProvider.parse({ ...least, ...keys })
    t.deepEqual([settings.host, settings.port, settings.security], [host, port, security])
  })
}

test('the account, the CA and the groups', (t) => {
  const rule = '1.2.840.113556.1.4.1941'
  const userMatchers = ['member', `member:${rule}:`].map((groupAttr) => ({ userAttr: 'DN', groupAttr }))
  const groupSearch = { baseDN: 'ou=groups', filter: '(objectClass=group)', userMatchers, scope: 'one' }
  const keys = { bindDN: 'cn=x', bindPWFile: '/run/password', rootCA: '/run/ca.crt', groupSearch }
  const settings = ldapProvider.parse({ ...least, ...keys })
  t.deepEqual(settings.account, { dn: 'cn=x', passwordFile: '/run/password' })
  t.deepEqual(settings.rootCA, { file: '/run/ca.crt' })
  t.deepEqual(settings.groupSearch, {
    baseDN: 'ou=groups',
    filter: { kind: 'equal', attribute: 'objectClass', value: 'group' },
    scope: 'one',
    userMatchers: [
      { userAttr: 'DN', groupAttr: { attribute: 'member', rule: undefined } },
      { userAttr: 'DN', groupAttr: { attribute: 'member', rule } },
    ],
    nameAttr: 'cn',
  })
  const base64 = Buffer.from(ca).toString('base64')
  for (const rootCAData of [ca, base64]) t.deepEqual(ldapProvider.parse({ ...least, rootCAData }).rootCA, { pem: ca })
})

const mistakes: readonly (readonly [keys: Keys, problem: RegExp])[] = [
  [{ type: 'oidc' }, /^type is not ldap$/],
  [{ id: undefined }, /^id is missing$/],
  [{ id: 'Corp LDAP' }, /^id is not made of /],
  [{ id: 'local' }, /^id is local, which stands for/],
  [{ name: '' }, /^name is empty$/],
  [{ name: 7 }, /^name is not a text$/],
  [{ host: undefined }, /^host is missing$/],
  [{ host: 'ldaps://ldap.example.com' }, /^host is not a host such as .*a URL is not accepted$/],
  [{ host: 'ldap.example.com:0' }, /^host is not a host/],
  [{ host: 'ldap.example.com:70000' }, /^host is not a host/],
  [{ host: 'a b' }, /^host is not a host/],
  [{ insecureNoSSL: 'true' }, /^insecureNoSSL is not true or false$/],
  [{ insecureNoSSL: true, startTLS: true }, /^insecureNoSSL contradicts startTLS/],
  [{ insecureNoSSL: true, insecureSkipVerify: true }, /^insecureSkipVerify has no effect with insecureNoSSL/],
  [{ insecureNoSSL: true, rootCA: '/ca' }, /^rootCA has no effect with insecureNoSSL/],
  [{ insecureSkipVerify: true, rootCAData: ca }, /^rootCAData has no effect with insecureSkipVerify/],
  [{ rootCA: '/ca', rootCAData: ca }, /^rootCAData is given, and rootCA too/],
  [{ rootCAData: 'bm90aGluZw==' }, /^rootCAData is not a certificate in PEM/],
  [{ bindPW: 'secret' }, /^bindPW is a secret; put it into a file and name the file in bindPWFile$/],
  [{ bindDN: 'cn=x' }, /^bindPWFile is missing/],
  [{ bindPWFile: '/x' }, /^bindDN is missing/],
  [{ bindDn: 'cn=x' }, /^has the unknown key bindDn$/],
  [{ userSearch: undefined }, /^userSearch is missing$/],
  [{ userSearch: { username: 'uid' } }, /^userSearch\.baseDN is missing$/],
  [{ userSearch: { ...least.userSearch, usernames: 'uid' } }, /^userSearch has the unknown key usernames$/],
  [
    { userSearch: { ...least.userSearch, username: 'uid)(x=*' } },
    /^userSearch\.username is not the name of an attribute/,
  ],
  [
    { userSearch: { ...least.userSearch, filter: 'objectClass=person' } },
    /^userSearch\.filter is not a filter .*it has no "\("/,
  ],
  [{ userSearch: { ...least.userSearch, scope: 'base' } }, /^userSearch\.scope is neither sub nor one$/],
  [{ groupSearch: { baseDN: 'x' } }, /^groupSearch\.userMatchers is missing$/],
  [{ groupSearch: { baseDN: 'x', userMatchers: [] } }, /^groupSearch\.userMatchers is empty/],
  [
    { groupSearch: { baseDN: 'x', userMatchers: [{ userAttr: 'DN' }] } },
    /^groupSearch\.userMatchers\.0\.groupAttr is missing$/,
  ],
  [
    { groupSearch: { baseDN: 'x', userMatchers: [{ userAttr: 'DN', groupAttr: 'member:1.2' }] } },
    /^groupSearch\.userMatchers\.0\.groupAttr is not the name of an attribute/,
  ],
]

test('each mistake is told in one sentence that begins with its key', (t) => {
  for (const [keys, problem] of mistakes) {
    const found = problems(keys)
    t.is(found.length, 1, `${String(problem)}: ${found.join(' | ')}`)
    t.regex(found[0] ?? '', problem)
    t.false(found[0]?.includes('secret') === true && !found[0].startsWith('bindPW is a secret'))
  }
})

test('all mistakes are told together', (t) => {
  t.is(problems({ id: undefined, host: 'a b', userSearch: {} }).length, 4)
})
