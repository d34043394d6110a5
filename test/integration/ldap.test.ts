/** Sign-in with a real OpenLDAP server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { Change, Attribute, Client } from 'ldapts'
import { systemClock } from '../../operator/runtime/base/system-clock.ts'
import { createLdapDirectory } from '../../operator/web/ldap/directory.ts'
import type { LdapDirectory } from '../../operator/web/ldap/directory.ts'
import type { LdapOutcome } from '../../operator/web/ldap/ldap-outcome.ts'
import { ldapProvider } from '../../operator/web/ldap/settings.ts'
import { createAuthority } from '../harness/certificate.ts'
import { serviceAccount, startSlapd, suffix } from '../harness/slapd.ts'
import type { Slapd } from '../harness/slapd.ts'
import { ben, groups, jorg, ldif, odd, people } from './directory-people.ts'

let slapd: Slapd
let folder: string
let bindPWFile: string

test.before(async (t) => {
  t.timeout(120_000)
  slapd = await startSlapd({ ldif, onProgress: (sentence) => t.log(sentence) })
  folder = await mkdtemp(join(tmpdir(), 'tenantry-ldap-'))
  bindPWFile = await put('password', `${serviceAccount.password}\n`)
})

test.after.always(async () => {
  await slapd?.[Symbol.asyncDispose]()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

async function put(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

type Keys = Readonly<Record<string, unknown>>

const byMember = {
  baseDN: groups,
  filter: '(objectClass=groupOfNames)',
  userMatchers: [{ userAttr: 'DN', groupAttr: 'member' }],
}

/** Milliseconds for an answer that comes, on a busy machine. */
const enough = 60_000

/** By TLS, with the groups that have the person as a member, unless `keys` say otherwise. */
function directory(keys: Keys = {}, of: Slapd = slapd, step = enough): LdapDirectory {
  const settings = ldapProvider.parse({
    type: 'ldap',
    id: 'corp-ldap',
    name: 'Corporate directory',
    host: `localhost:${of.securePort}`,
    rootCAData: of.ca,
    bindDN: serviceAccount.dn,
    bindPWFile,
    userSearch: {
      baseDN: suffix,
      filter: '(objectClass=inetOrgPerson)',
      username: 'uid',
      idAttr: 'entryUUID',
      nameAttr: 'displayName',
    },
    groupSearch: byMember,
    ...keys,
  })
  return createLdapDirectory(settings, { clock: systemClock, timeouts: { connect: step, step, total: enough } })
}

const never = new AbortController().signal

function signIn(username: string, password: string, keys: Keys = {}, of: Slapd = slapd): Promise<LdapOutcome> {
  return directory(keys, of).authenticate(username, password, never)
}

/** `Accepted`, or why not. */
function short(outcome: LdapOutcome): string {
  if (outcome.kind === 'Accepted') return 'Accepted'
  return outcome.kind === 'Refused' ? outcome.reason : outcome.reason
}

async function how(username: string, password: string, keys: Keys = {}): Promise<string> {
  return short(await signIn(username, password, keys))
}

test('a person with the right password is who the directory says', async (t) => {
  const outcome = await signIn(ben.username, ben.password)
  if (outcome.kind !== 'Accepted') return t.fail(outcome.detail)
  t.regex(outcome.identity.subject, /^[0-9a-f]{8}-[-0-9a-f]{27}$/)
  t.deepEqual(
    { ...outcome.identity, subject: '' },
    {
      provider: 'corp-ldap',
      subject: '',
      username: 'ben',
      email: 'ben.baker@example.com',
      name: 'Ben Baker',
      groups: ['Dev, the Team', 'Ops', 'deep'],
    },
  )
  t.is(outcome.note, undefined)
})

test('an entry without an e-mail address, a name and groups gives none', async (t) => {
  const outcome = await signIn(odd.username, odd.password)
  if (outcome.kind !== 'Accepted') return t.fail(outcome.detail)
  const { username, email, name, groups: found } = outcome.identity
  t.deepEqual([username, email, name, found], [odd.username, undefined, undefined, []])
})

test('the username is the one of the directory, however it was typed', async (t) => {
  for (const typed of ['BEN', ' ben ', 'Ｂｅｎ']) {
    const outcome = await signIn(typed, ben.password)
    t.is(outcome.kind === 'Accepted' ? outcome.identity.username : short(outcome), 'ben', JSON.stringify(typed))
  }
  t.is(await how(jorg.username, jorg.password), 'Accepted')
})

test('StartTLS, with the CA in a file', async (t) => {
  const rootCA = await put('ca.crt', slapd.ca)
  const keys = { host: `localhost:${slapd.port}`, startTLS: true, rootCAData: undefined, rootCA }
  t.is(await how(ben.username, ben.password, keys), 'Accepted')
  t.is(await how(ben.username, 'wrong', keys), 'WrongPassword')
})

test('without TLS only where insecureNoSSL says so', async (t) => {
  const host = `localhost:${slapd.port}`
  t.is(await how(ben.username, ben.password, { host }), 'TLS')
  t.is(await how(ben.username, ben.password, { host, rootCAData: undefined, insecureNoSSL: true }), 'Accepted')
})

test('a certificate that cannot be verified is refused, also with StartTLS', async (t) => {
  const other = createAuthority('Another authority').certificate
  const startTLS = { host: `localhost:${slapd.port}`, startTLS: true }
  // The certificate is for localhost only.
  const address = { host: `127.0.0.1:${slapd.securePort}` }
  for (const keys of [{ rootCAData: other }, { rootCAData: undefined }, { ...startTLS, rootCAData: other }, address]) {
    const outcome = await signIn(ben.username, ben.password, keys)
    t.is(short(outcome), 'TLS')
    t.regex(outcome.kind === 'Unavailable' ? outcome.detail : '', /certificate of .* cannot be verified \([A-Z_]+\)/)
  }
  const unverified = { ...address, rootCAData: undefined, insecureSkipVerify: true }
  t.is(await how(ben.username, ben.password, unverified), 'Accepted')
})

test('a CA file that is missing or no certificate is an error of the settings', async (t) => {
  const rootCA = await put('empty.crt', 'nothing')
  t.is(await how(ben.username, ben.password, { rootCAData: undefined, rootCA }), 'Settings')
  t.is(await how(ben.username, ben.password, { rootCAData: undefined, rootCA: join(folder, 'none') }), 'Settings')
})

const refusals: Readonly<Record<string, readonly [username: string, password: string, reason: string]>> = {
  'a wrong password': ['ben', 'wrong', 'WrongPassword'],
  'a password with other letter case': ['ben', 'Correct horse 😀', 'WrongPassword'],
  'an unknown user': ['nobody', 'right', 'UnknownUser'],
  'an empty password': ['ben', '', 'EmptyPassword'],
  'a password of a NUL': ['ben', '\0', 'Malformed'],
  'a password that is too long': ['ben', 'x'.repeat(2_000), 'Malformed'],
  'an empty username': ['', 'right', 'Malformed'],
  'a username that two people have': ['twin', 'right', 'Ambiguous'],
  'an entry without a password': ['guest', 'right', 'WrongPassword'],
  'a locked account': ['locked', 'right', 'AccountDisabled'],
  'a password that has to be changed': ['reset', 'right', 'PasswordExpired'],
}

for (const [what, [username, password, reason]] of Object.entries(refusals)) {
  test(`${what} is refused`, async (t) => {
    const outcome = await signIn(username, password)
    t.is(short(outcome), reason)
    t.false(JSON.stringify(outcome).includes(password.slice(0, 20) || '""""'))
  })
}

test('a bind without a password succeeds on this server, and is never made', async (t) => {
  const client = new Client({ url: `ldap://127.0.0.1:${slapd.port}` })
  await t.notThrowsAsync(client.bind(ben.dn, ''))
  await client.unbind()
  t.is(await how(ben.username, ''), 'EmptyPassword')
})

const injections = [
  '*',
  'b*',
  '*)(uid=*',
  ')(uid=*',
  'ben)(objectClass=*',
  'ben))(|(uid=*',
  '(|(uid=ben)(uid=*))',
  'ben\\2a',
  '\\62en',
  'ben\0',
  'ben\0)(uid=*',
  'b\u0000en',
  'ben,ou=people',
  `uid=ben,${people}`,
  'ben\u202e',
  'be\u0308n',
  '\ud800',
  'ben\n',
  '&',
  '!',
  'uid=ben',
  'ben#',
  '😀',
  'x'.repeat(300),
]

test('a username that looks like a filter or a DN finds nobody', async (t) => {
  for (const username of injections) {
    t.regex(await how(username, ben.password), /^(?:UnknownUser|Malformed)$/, JSON.stringify(username))
  }
})

test('a username of special characters finds exactly its person', async (t) => {
  t.is(await how(odd.username, odd.password), 'Accepted')
  t.is(await how(odd.username, ben.password), 'WrongPassword')
})

test('the filter and the base of the search decide who can sign in', async (t) => {
  const search = { baseDN: people, username: 'uid', scope: 'one' }
  t.is(await how('twin', 'right', { userSearch: search }), 'Accepted')
  t.is(await how('ben', ben.password, { userSearch: { ...search, filter: '(!(mail=*))' } }), 'UnknownUser')
  t.is(await how('ben', ben.password, { userSearch: { ...search, filter: '(mail=*@EXAMPLE.com)' } }), 'Accepted')
  const extensible = '(&(uid:caseExactMatch:=ben)(|(sn=nobody)(cn~=person)))'
  t.is(await how('ben', ben.password, { userSearch: { ...search, filter: extensible } }), 'Accepted')
  t.is(await how('ben', ben.password, { userSearch: { ...search, baseDN: suffix } }), 'UnknownUser')
})

test('a person may sign in by the e-mail address, and the DN can be the id', async (t) => {
  const userSearch = { baseDN: suffix, username: 'mail', idAttr: 'DN' }
  const outcome = await signIn('BEN.baker@example.com', ben.password, { userSearch })
  if (outcome.kind !== 'Accepted') return t.fail(outcome.detail)
  t.deepEqual([outcome.identity.subject, outcome.identity.username], [ben.dn, 'Ben.Baker@Example.COM'])
})

test('an entry without the id is incomplete', async (t) => {
  const userSearch = { baseDN: suffix, username: 'uid', idAttr: 'employeeNumber' }
  t.is(await how('ben', ben.password, { userSearch }), 'IncompleteEntry')
})

async function groupsOfBen(groupSearch: Keys): Promise<readonly string[] | string> {
  const outcome = await signIn('ben', ben.password, { groupSearch })
  return outcome.kind === 'Accepted' ? outcome.identity.groups : short(outcome)
}

test('groups by member, by memberUid, by memberOf, and by several of them', async (t) => {
  const member = { userAttr: 'DN', groupAttr: 'member' }
  const memberUid = { userAttr: 'uid', groupAttr: 'memberUid' }
  const memberOf = { userAttr: 'memberOf', groupAttr: 'entryDN' }
  t.deepEqual(await groupsOfBen({ ...byMember, scope: 'one' }), ['Dev, the Team', 'Ops'])
  t.deepEqual(await groupsOfBen({ baseDN: groups, userMatchers: [memberUid] }), ['staff'])
  t.deepEqual(await groupsOfBen({ baseDN: groups, userMatchers: [memberOf] }), ['Ops'])
  const all = { baseDN: groups, userMatchers: [member, memberUid, memberOf] }
  t.deepEqual(await groupsOfBen(all), ['Dev, the Team', 'Ops', 'deep', 'staff'])
  t.deepEqual(await groupsOfBen({ ...all, nameAttr: 'DN', filter: '(cn=Ops)' }), [`cn=Ops,${groups}`])
  const byRule = { userAttr: 'DN', groupAttr: 'member:distinguishedNameMatch:' }
  t.deepEqual(await groupsOfBen({ ...byMember, userMatchers: [byRule], scope: 'one' }), ['Dev, the Team', 'Ops'])
  const none = { userAttr: 'employeeNumber', groupAttr: 'member' }
  t.deepEqual(await groupsOfBen({ baseDN: groups, userMatchers: [none] }), [])
})

test('who is in more groups than are read is told of', async (t) => {
  await using own = await startSlapd({ ldif, settings: ['limits * size=2'] })
  const outcome = await signIn('ben', ben.password, {}, own)
  if (outcome.kind !== 'Accepted') return t.fail(outcome.detail)
  t.is(outcome.identity.groups.length, 2)
  t.regex(outcome.note ?? '', /more .* groups/)
})

test('base DNs that the directory does not have are errors of the settings', async (t) => {
  const userSearch = { baseDN: `ou=none,${suffix}`, username: 'uid' }
  const groupSearch = { ...byMember, baseDN: `ou=none,${suffix}` }
  t.is(await how('ben', ben.password, { userSearch }), 'Settings')
  t.is(await how('ben', ben.password, { groupSearch }), 'Settings')
  for (const [key, keys] of Object.entries({ userSearch: { userSearch }, groupSearch: { groupSearch } })) {
    const outcome = await directory(keys).check(never)
    t.is(outcome?.reason, 'Settings')
    t.true(outcome?.detail.includes(`${key}.baseDN`))
  }
  t.is(await directory().check(never), undefined)
})

test('a directory that demands TLS says so', async (t) => {
  await using own = await startSlapd({ ldif, settings: ['security simple_bind=128'] })
  const keys = { host: `localhost:${own.port}`, rootCAData: undefined, insecureNoSSL: true }
  const outcome = await signIn('ben', ben.password, keys, own)
  t.is(short(outcome), 'Settings')
  t.regex(outcome.kind === 'Unavailable' ? outcome.detail : '', /demands TLS/)
  t.is(
    short(
      await signIn('ben', ben.password, { ...keys, startTLS: true, insecureNoSSL: false, rootCAData: own.ca }, own),
    ),
    'Accepted',
  )
})

test('a server that is down, and up again', async (t) => {
  await using own = await startSlapd({ ldif })
  const kept = directory({}, own)
  const answer = async (): Promise<string> => short(await kept.authenticate('ben', ben.password, never))
  t.is(await answer(), 'Accepted')
  await own.stop()
  t.is(await answer(), 'Connection')
  t.is((await kept.check(never))?.reason, 'Connection')
  await own.start()
  t.is(await answer(), 'Accepted')
})

test('a server that is frozen costs a time limit, and nothing more', async (t) => {
  await using own = await startSlapd({ ldif })
  const plain = { host: `localhost:${own.port}` }
  own.server().pause()
  for (const keys of [{}, { ...plain, startTLS: true }, { ...plain, rootCAData: undefined, insecureNoSSL: true }]) {
    t.is(short(await directory(keys, own, 1_000).authenticate('ben', ben.password, never)), 'Timeout')
  }
  const stopping = new AbortController()
  const stopped = directory({}, own).authenticate('ben', ben.password, stopping.signal)
  stopping.abort()
  t.is(short(await stopped), 'Stopped')
  own.server().resume()
  t.is(short(await signIn('ben', ben.password, {}, own)), 'Accepted')
})

test('a changed password of the service account counts at the next sign-in', async (t) => {
  await using own = await startSlapd({ ldif })
  const file = await put('changing', serviceAccount.password)
  const kept = directory({ bindPWFile: file }, own)
  const answer = async (): Promise<string> => short(await kept.authenticate('ben', ben.password, never))
  t.is(await answer(), 'Accepted')
  const modification = new Attribute({ type: 'userPassword', values: ['another'] })
  await own.modify(serviceAccount.dn, new Change({ operation: 'replace', modification }))
  t.is(await answer(), 'ServiceAccount')
  await writeFile(file, 'another\r\n')
  t.is(await answer(), 'Accepted')
  await writeFile(file, '')
  t.is(await answer(), 'ServiceAccount')
  await rm(file)
  t.is(await answer(), 'ServiceAccount')
})

test('a disabled service account', async (t) => {
  await using own = await startSlapd({ ldif })
  const modification = new Attribute({ type: 'pwdAccountLockedTime', values: ['000001010000Z'] })
  await own.modify(serviceAccount.dn, new Change({ operation: 'add', modification }))
  const outcome = await signIn('ben', ben.password, {}, own)
  t.is(short(outcome), 'ServiceAccount')
  t.regex(outcome.kind === 'Unavailable' ? outcome.detail : '', /refused the account in bindDN .*code 49/)
})

test('searches without an account are anonymous, and find what the directory shows to all', async (t) => {
  const anonymous = { bindDN: undefined, bindPWFile: undefined }
  t.is(await how('ben', ben.password, anonymous), 'ServiceAccount')
  await using own = await startSlapd({ ldif, settings: ['access to attrs=entry,uid,entryUUID,objectClass by * read'] })
  t.is(short(await signIn('ben', ben.password, anonymous, own)), 'Accepted')
})
