/** People with passwords of Tenantry's at the pages of real processes: who gets in, to what, and for how long. */
import test from 'ava'
import type { AccessGrant } from '../../operator/api/accessgrant.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { verifyPassword } from '../../operator/tenantadmin/invite/password.ts'
import type { HttpBrowser } from '../harness/http-browser.ts'
import { harness } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import type { WebProcess } from '../harness/web.ts'
import {
  acceptedAt,
  alertOn,
  auditOf,
  headingOn,
  inWebNamespace,
  password,
  portal,
  sessionsOf,
  signIn,
  startPages,
  tenantsOn,
} from './sign-in-scene.ts'
import { databaseOf, isReady, namespaceOf, openScene, paths, tenantName } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
let web: WebProcess

test.before(async (t) => {
  t.timeout(240_000)
  scene = await openScene()
  web = await startPages()
})
test.after.always(async () => {
  await web?.[Symbol.asyncDispose]()
  await scene?.[Symbol.asyncDispose]()
})

interface Home {
  readonly tenant: Tenant
  readonly admin: TenantAdmin
}

async function home(spec: Readonly<Record<string, unknown>> = {}): Promise<Home> {
  const tenant = await scene.provisioned(spec)
  return { tenant, admin: await acceptedAt(scene, await scene.declareAdmin(tenant), web) }
}

const pathOf = ({ metadata }: TenantAdmin) => paths.admin(metadata.namespace ?? '', metadata.name)
const nameOf = ({ spec }: Tenant) => spec.displayName

/** Milliseconds until a browser with a session is sent to sign in. */
async function endOf(browser: HttpBrowser): Promise<number> {
  const start = performance.now()
  await eventually(async () => (await portal(browser, web)) === '/sign-in', {
    timeout: 30_000,
    interval: 20,
    describe: 'the session to end',
  })
  return performance.now() - start
}

test('A person signs in by the address and by Cloud ID and username, and sees the own tenant and no other', async (t) => {
  t.timeout(400_000)
  const { tenant, admin } = await home()
  for (const account of [
    admin.spec.email,
    ` ${admin.spec.email.toUpperCase()} `,
    `${tenant.status?.cloudId ?? ''}/${admin.spec.username}`,
  ]) {
    const { browser, page } = await signIn(web, account)
    t.deepEqual(tenantsOn(page), [nameOf(tenant)], account)
    const own = await browser.visit(`${web.url}/account`)
    t.true(own.body.includes(admin.spec.email))
    const out = await browser.submit(own, {}, '/sign-out')
    t.is(headingOn(out), 'You are signed out')
    t.is(await portal(browser, web), '/sign-in')
  }
  const audit = (await auditOf(web)).filter(({ user }) => user === admin.spec.email)
  t.true(audit.some(({ type }) => type === 'SignedIn'))
  t.is(audit.filter(({ type, cause }) => type === 'SignedOut' && cause === 'Requested').length, 3)
})

test('A wrong password, an unknown account and a person who is turned off are answered alike', async (t) => {
  t.timeout(400_000)
  const { admin } = await home()
  const off = await home()
  await scene.change(pathOf(off.admin), { spec: { state: 'Deactivated' } })
  await eventually(async () => (await signIn(web, off.admin.spec.email)).page.status === 422, {
    timeout: 60_000,
    describe: 'the person to be turned off',
  })
  const answers = await Promise.all([
    signIn(web, admin.spec.email, 'a wrong password'),
    signIn(web, `${tenantName()}@example.com`),
    signIn(web, off.admin.spec.email),
    signIn(web, 'none/such'),
  ])
  for (const { page, browser } of answers) {
    t.is(page.status, 422)
    t.is(alertOn(page), 'The account or the password is wrong. Please check both and try again.')
    t.false(browser.cookies.has('tenantry-session'))
    t.is(await portal(browser, web), '/sign-in')
  }
  const refused = (await auditOf(web)).filter(({ type }) => type === 'Refused')
  t.true(refused.some(({ account, reason }) => account === admin.spec.email && reason === 'WrongCredentials'))
})

test('A session ends at once when its TenantAdmin is turned off, and when it is deleted', async (t) => {
  t.timeout(400_000)
  const { tenant, admin } = await home()
  const first = await signIn(web, admin.spec.email)
  t.deepEqual(tenantsOn(first.page), [nameOf(tenant)])
  await scene.change(pathOf(admin), { spec: { state: 'Deactivated' } })
  const off = await endOf(first.browser)
  await scene.change(pathOf(admin), { spec: { state: 'Active' } })
  t.is(await portal(first.browser, web), '/sign-in', 'what has ended stays so')
  await eventually(async () => (await signIn(web, admin.spec.email)).page.status === 200, {
    timeout: 60_000,
    describe: 'the person to be let in again',
  })
  const second = await signIn(web, admin.spec.email)
  t.deepEqual(tenantsOn(second.page), [nameOf(tenant)])
  await scene.api.send('DELETE', pathOf(admin))
  const deleted = await endOf(second.browser)
  t.log(`${Math.round(off)} ms, ${Math.round(deleted)} ms`)
  t.true(off < 2_000, `${off} ms`)
  t.true(deleted < 2_000, `${deleted} ms`)
  const told = (await auditOf(web)).filter(
    ({ user, cause }) => user === admin.spec.email && cause === 'NoLongerAllowed',
  )
  t.is(told.length, 2)
})

test('A changed password counts, the former does not, and other sessions end', async (t) => {
  t.timeout(400_000)
  const { tenant, admin } = await home()
  const { email } = admin.spec
  const [here, elsewhere] = [await signIn(web, email), await signIn(web, email)]
  const form = await here.browser.visit(`${web.url}/account/password`)
  const next = `another one, ${tenantName()}`
  const change = (current: string) =>
    here.browser.submit(form, { current, password: next, passwordAgain: next }, '/account/password')
  t.is((await change('not the current one')).status, 422)
  const changed = await change(password)
  t.regex(changed.body, /Your password is changed/)
  t.deepEqual(await portal(here.browser, web), [nameOf(tenant)])
  t.is(await portal(elsewhere.browser, web), '/sign-in')
  t.is((await signIn(web, email)).page.status, 422)
  t.deepEqual(tenantsOn((await signIn(web, email, next)).page), [nameOf(tenant)])
  t.true((await auditOf(web)).some(({ type, user }) => type === 'PasswordChanged' && user === email))
  t.false((await web.logs()).includes(next))
  const directory = async () => {
    const query = 'SELECT password_hash AS hash FROM tenantry.admins WHERE username = $1'
    const { username } = admin.spec
    const [row] = await harness().postgres.query<{ hash: string }>(query, [username], databaseOf(tenant).name)
    return row !== undefined && verifyPassword(next, row.hash)
  }
  await eventually(directory, { timeout: 60_000, describe: 'the directory in the database to have the new hash' })
})

test('A first password has to be changed before anything is open', async (t) => {
  t.timeout(400_000)
  const name = tenantName('p')
  const first = `a first password, ${name}`
  await scene.api.send('POST', `${paths.namespace(scene.home)}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'tenantry.dev/admin-password',
    stringData: { password: first },
  })
  const tenant = await scene.provisioned()
  const declared = await scene.declareAdmin(tenant, { passwordSecretRef: { name } })
  await eventually(() => scene.api.get(inWebNamespace(`first-password-${declared.metadata.uid ?? ''}`)), {
    timeout: 60_000,
    describe: 'the hash of the first password',
  })
  const admin = await scene.accept(declared)
  const { email } = admin.spec
  await eventually(async () => (await signIn(web, email, first)).page.status === 200, { timeout: 60_000 })
  const { browser, page } = await signIn(web, email, first)
  t.is(headingOn(page), 'Choose a password of your own')
  for (const path of ['/portal', '/account'])
    t.is(new URL((await browser.visit(web.url + path)).url).pathname, '/account/password')
  const own = `my own, ${tenantName()}`
  const changed = await browser.submit(page, { current: first, password: own, passwordAgain: own }, '/account/password')
  t.deepEqual(tenantsOn(changed), [nameOf(tenant)])
  t.is((await signIn(web, email, first)).page.status, 422)
  t.deepEqual(tenantsOn((await signIn(web, email, own)).page), [nameOf(tenant)])
})

test('An MSP’s admin sees the customers, and a technician what is delegated, until it ends', async (t) => {
  t.timeout(400_000)
  const msp = await home({ type: 'MSP' })
  const inside = { namespace: namespaceOf(msp.tenant) }
  const [one, other] = await Promise.all([scene.declare({}, inside), scene.declare({}, inside)])
  await Promise.all([scene.when(one, isReady), scene.when(other, isReady)])
  const technician = await acceptedAt(scene, await scene.declareAdmin(msp.tenant, { role: 'Technician' }), web)
  const admin = await signIn(web, msp.admin.spec.email)
  const names = tenantsOn(admin.page)
  t.deepEqual(typeof names === 'string' ? names : names.toSorted(), [msp.tenant, one, other].map(nameOf).toSorted())
  t.true(admin.page.body.includes(`Through ${nameOf(msp.tenant)}`))
  const { browser, page } = await signIn(web, technician.spec.email)
  t.deepEqual(tenantsOn(page), [])
  const until = new Date(Date.now() + 20_000).toISOString()
  const tenantRef = { name: one.metadata.name }
  await scene.api.send<AccessGrant>('POST', `/apis/tenantry.dev/v1alpha1/namespaces/${inside.namespace}/accessgrants`, {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'AccessGrant',
    metadata: { name: tenantName('g') },
    spec: { type: 'Delegation', tenantRef, username: technician.spec.username, until },
  })
  const sees = (count: number) =>
    eventually(async () => (await portal(browser, web)).length === count, {
      timeout: 60_000,
      interval: 50,
      describe: `${count} tenants in the portal`,
    })
  await sees(1)
  t.deepEqual(await portal(browser, web), [nameOf(one)])
  await sees(0)
  t.true(Date.now() - Date.parse(until) < 2_000)
})

test('A session is good at any replica at once, outlives all of them, and ends with its Secret', async (t) => {
  t.timeout(400_000)
  const { tenant, admin } = await home()
  const options = { env: { TENANTRY_PUBLIC_URL: web.url } }
  const { browser } = await signIn(web, admin.spec.email)
  {
    await using replica = await startPages(options)
    t.deepEqual(await portal(browser, replica), [nameOf(tenant)])
    const fresh = await signIn(web, admin.spec.email)
    t.deepEqual(await portal(fresh.browser, replica), [nameOf(tenant)], 'at once')
    await replica.stop({ signal: 'SIGKILL' })
  }
  await using next = await startPages(options)
  t.deepEqual(await portal(browser, next), [nameOf(tenant)])
  await next.stop()
  await using last = await startPages(options)
  t.deepEqual(await portal(browser, last), [nameOf(tenant)])
  for (const name of await sessionsOf(scene, admin.spec.email)) await scene.api.send('DELETE', inWebNamespace(name))
  t.true((await endOf(browser)) < 2_000)
})

test.after('No cookie and no password is in the log', async (t) => {
  const log = await web.logs()
  t.false(log.includes(password))
  t.notRegex(log, /tenantry-session|\$argon2|\$scrypt/)
})
