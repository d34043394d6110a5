/** The root admin, and people of a real LDAP directory and a real OIDC provider, at the pages of a real process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { HttpBrowser, Page } from '../harness/http-browser.ts'
import { startOidcProvider } from '../harness/oidc-provider.ts'
import type { OidcServer } from '../harness/oidc-server.ts'
import { freePort } from '../harness/port.ts'
import { serviceAccount, startSlapd, suffix } from '../harness/slapd.ts'
import type { Slapd } from '../harness/slapd.ts'
import { eventually } from '../harness/wait.ts'
import type { WebProcess } from '../harness/web.ts'
import {
  alertOn,
  auditOf,
  headingOn,
  inWebNamespace,
  portal,
  sessionsOf,
  signIn,
  startPages,
  tenantsOn,
  visitor,
} from './sign-in-scene.ts'
import { openScene, tenantName } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

/** People of both directories with a TenantAdmin, and without one. */
const admin = { username: 'ann', email: `Ann.${tenantName()}@Example.com` }
const stranger = { username: 'sam', email: `sam.${tenantName()}@example.com` }
const ldapPassword = 'the LDAP password of all'
const clientSecret = 'the secret of the pages, long enough for HMAC'
const root = { username: 'root', email: '', user: 'tenantry:root', provider: 'local', subject: '' }

let scene: Scene & AsyncDisposable
let folder: string
let slapd: Slapd
let provider: OidcServer
let web: WebProcess
let tenant: Tenant
const stack = new AsyncDisposableStack()
/** Every session of these tests, which no log may have. */
const cookies: string[] = []

test.before(async (t) => {
  t.timeout(300_000)
  scene = stack.use(await openScene())
  folder = await mkdtemp(join(tmpdir(), 'tenantry-sign-in-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  slapd = stack.use(await startSlapd({ ldif: ldifOf([admin, stranger]), onProgress: (sentence) => t.log(sentence) }))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  provider = stack.use(await startOidcProvider({ clients: [clientAt(url)], users: [admin, stranger].map(oidcUser) }))
  web = stack.use(await startPages({ port, signIn: { root, providers: [await ldap(), await oidc()] } }))
  tenant = await scene.provisioned()
  await scene.accept(await scene.declareAdmin(tenant, { email: admin.email }))
})
test.after.always(async () => {
  await stack.disposeAsync()
})

const person = ({ username, email }: typeof admin) =>
  `dn: uid=${username},${suffix}\nobjectClass: inetOrgPerson\nuid: ${username}\ncn: ${username}\nsn: x\nmail: ${email}\nuserPassword: ${ldapPassword}`
const ldifOf = (people: readonly (typeof admin)[]) => people.map(person).join('\n\n')
const oidcUser = ({ username, email }: typeof admin) => ({ username, email, name: `${username} of OIDC` })

function clientAt(url: string) {
  return {
    id: 'tenantry',
    secret: clientSecret,
    redirectUris: [`${url}/sign-in/corp-oidc/callback`],
    postLogoutRedirectUris: [`${url}/sign-in`],
    backchannelLogoutUri: `${url}/sign-in/corp-oidc/back-channel-logout`,
  }
}

async function put(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

async function ldap(): Promise<object> {
  return {
    type: 'ldap',
    id: 'corp-ldap',
    name: 'Corporate directory',
    host: `localhost:${slapd.securePort}`,
    rootCAData: slapd.ca,
    bindDN: serviceAccount.dn,
    bindPWFile: await put('bind', serviceAccount.password),
    userSearch: { baseDN: suffix, filter: '(objectClass=inetOrgPerson)', username: 'uid', idAttr: 'entryUUID' },
  }
}

async function oidc(): Promise<object> {
  const common = { type: 'oidc', id: 'corp-oidc', name: 'Corp', issuerURL: provider.issuer, rootCA: provider.caFile }
  return { ...common, clientID: 'tenantry', clientSecretFile: await put('client', clientSecret) }
}

function kept(browser: HttpBrowser): void {
  const cookie = browser.cookies.get('tenantry-session')
  if (cookie !== undefined) cookies.push(cookie)
}

async function byLdap(username: string, password = ldapPassword, browser = visitor()) {
  const form = await browser.visit(`${web.url}/sign-in?with=corp-ldap`)
  const page = await browser.submit(form, { username, password }, '/sign-in/corp-ldap')
  kept(browser)
  return { browser, page }
}

async function byOidc(email: string, browser = visitor(provider.ca)) {
  let page = await browser.visit(`${web.url}/sign-in/corp-oidc`)
  if (page.url.startsWith(provider.issuer))
    page = await browser.submit(page, { login: email, password: provider.password })
  kept(browser)
  return { browser, page }
}

async function byRoot(password: string) {
  const signed = await signIn(web, 'root', password)
  kept(signed.browser)
  return signed
}

/** Ends the session at the provider, in the browser that has it. */
const leaveProvider = async (browser: HttpBrowser, url: string): Promise<Page> =>
  browser.submit(await browser.visit(url), { logout: 'yes' })

const entryOfRoot = async (name: string): Promise<string | undefined> => {
  const secret = await scene.api.get(inWebNamespace('tenantry-root'))
  const value = secret?.data?.[name]
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString()
}

const initialPassword = (not?: string) =>
  eventually(
    async () => {
      const password = await entryOfRoot('password')
      return password === not ? undefined : password
    },
    { timeout: 30_000, describe: 'an initial password of the root admin' },
  )

const rootPassword = `the root admin’s own, ${tenantName()}`
let initial: string

test.serial('Root signs in with the initial password of the Secret, and has to change it first', async (t) => {
  initial = await initialPassword()
  t.is((await byRoot('a wrong password')).page.status, 422)
  const { browser, page } = await byRoot(initial)
  t.is(headingOn(page), 'Choose a password of your own')
  for (const path of ['/portal', '/account'])
    t.is(new URL((await browser.visit(web.url + path)).url).pathname, '/account/password')
  const fields = { current: initial, password: rootPassword, passwordAgain: rootPassword }
  const changed = await browser.submit(page, fields, '/account/password')
  kept(browser)
  t.deepEqual(tenantsOn(changed), [])
  t.regex(changed.body, /You are the root admin/)
  t.is(await entryOfRoot('password'), undefined)
  t.is((await byRoot(initial)).page.status, 422)
  t.regex((await byRoot(rootPassword)).page.body, /You are the root admin/)
  t.regex(await web.logs(), /"level":"warn".*"msg":"the root admin has signed in"/)
})

test.serial('Root’s sessions end with the Secret, which comes back with a new initial password', async (t) => {
  const { browser } = await byRoot(rootPassword)
  t.deepEqual(await portal(browser, web), [])
  await scene.api.send('DELETE', inWebNamespace('tenantry-root'))
  t.is(await portal(browser, web), '/sign-in', 'the very next request')
  const next = await initialPassword(initial)
  t.regex(next ?? '', /^([a-z2-9]{4}-){4}[a-z2-9]{4}$/)
  t.is((await byRoot(rootPassword)).page.status, 422)
  t.is(headingOn((await byRoot(next ?? '')).page), 'Choose a password of your own')
  initial = next ?? ''
})

test.serial('A person of the LDAP directory sees the tenant of this address', async (t) => {
  const { browser, page } = await byLdap(admin.username)
  t.deepEqual(tenantsOn(page), [tenant.spec.displayName])
  const account = await browser.visit(`${web.url}/account`)
  t.true(account.body.includes('Corporate directory'))
  t.true(account.body.includes(admin.email.toLowerCase()))
  t.false(account.body.includes('Change password'))
  const wrong = await byLdap(admin.username, 'wrong')
  t.is(wrong.page.status, 422)
  t.is(alertOn(wrong.page), 'The account or the password is wrong. Please check both and try again.')
})

test.serial('A person of OIDC sees the tenant of this address, and signs out here and at the provider', async (t) => {
  const { browser, page } = await byOidc(admin.email)
  t.deepEqual(tenantsOn(page), [tenant.spec.displayName])
  const out = await browser.submit(await browser.visit(`${web.url}/account`), {}, '/sign-out')
  t.is(await portal(browser, web), '/sign-in')
  const link = /href="(https:[^"]+)"[^>]*>Sign out of Corp too/.exec(out.body)?.[1] ?? ''
  const left = await leaveProvider(browser, unescaped(link))
  t.is(new URL(left.url).href, `${web.url}/sign-in`)
  // Signed in at neither: the provider asks again.
  t.true((await browser.visit(`${web.url}/sign-in/corp-oidc`)).url.startsWith(provider.issuer))
})

const unescaped = (text: string) => text.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=')

test.serial('A session ends when the provider says that its own has ended', async (t) => {
  const [one, other] = [await byOidc(admin.email), await byOidc(admin.email)]
  await leaveProvider(one.browser, `${provider.issuer}/session/end`)
  await eventually(async () => (await portal(one.browser, web)) === '/sign-in', {
    timeout: 30_000,
    describe: 'the session to end',
  })
  t.deepEqual(await portal(other.browser, web), [tenant.spec.displayName], 'another session at the provider goes on')
  t.true((await auditOf(web)).some(({ type, cause }) => type === 'SignedOut' && cause === 'Provider'))
})

test.serial('People without a TenantAdmin are told whom to ask', async (t) => {
  for (const { page, browser } of [await byLdap(stranger.username), await byOidc(stranger.email)]) {
    t.is(page.status, 403)
    t.is(headingOn(page), 'You have no access')
    t.true(page.body.includes(stranger.email))
    t.regex(page.body, /ask an admin of your organization/)
    t.false(browser.cookies.has('tenantry-session'))
  }
  const refused = (await auditOf(web)).filter(({ reason }) => reason === 'NoTenantAdmin')
  t.deepEqual(
    refused.map(({ provider: id, account }) => [id, account]),
    [
      ['corp-ldap', stranger.email],
      ['corp-oidc', stranger.email],
    ],
  )
})

test.serial('A directory that is down says so, and root still signs in', async (t) => {
  t.timeout(120_000)
  const before = await byLdap(admin.username)
  await Promise.all([slapd.stop(), provider.down()])
  const down = await byLdap(admin.username)
  t.is(down.page.status, 503)
  t.is(alertOn(down.page), 'Corporate directory cannot be reached at the moment. Please try again later.')
  // Of a process that has never read the provider's settings; the other one sends people there, as it knows the way.
  await using fresh = await startPages({ signIn: { root, providers: [await oidc()] } })
  const gone = await visitor().visit(`${fresh.url}/sign-in/corp-oidc`)
  t.is(gone.status, 503)
  t.is(alertOn(gone), 'Corp cannot be reached at the moment. Please try again later.')
  t.is(headingOn((await byRoot(initial)).page), 'Choose a password of your own')
  t.deepEqual(await portal(before.browser, web), [tenant.spec.displayName], 'sessions go on')
  await Promise.all([slapd.start(), provider.up()])
  t.deepEqual(tenantsOn((await byLdap(admin.username)).page), [tenant.spec.displayName])
  t.deepEqual(tenantsOn((await byOidc(admin.email)).page), [tenant.spec.displayName])
})

test.serial('No cookie, password or token is in the log, and no cookie in the Secrets of sessions', async (t) => {
  const log = await web.logs()
  const secrets = [
    ldapPassword,
    clientSecret,
    provider.password,
    rootPassword,
    initial,
    serviceAccount.password,
    ...cookies,
  ]
  t.true(cookies.length > 5)
  for (const secret of secrets) t.false(log.includes(secret), secret)
  t.notRegex(log, /eyJ[\w-]{20}/)
  const names = await sessionsOf(scene, admin.email.toLowerCase())
  t.true(names.length > 0)
  for (const name of names) {
    const text = Object.values((await scene.api.get(inWebNamespace(name)))?.data ?? {})
      .map((value) => Buffer.from(value, 'base64').toString())
      .join('\n')
    for (const cookie of cookies) t.false(text.includes(cookie))
  }
  const audit = await auditOf(web)
  for (const [type, id] of [
    ['SignedIn', 'local'],
    ['SignedIn', 'corp-ldap'],
    ['SignedIn', 'corp-oidc'],
    ['Refused', 'local'],
    ['Refused', 'corp-ldap'],
    ['SignedOut', 'corp-oidc'],
    ['PasswordChanged', 'local'],
    ['RootPasswordMade', 'local'],
  ])
    t.true(
      audit.some((line) => line['type'] === type && line['provider'] === id),
      `${type} ${id}`,
    )
})
