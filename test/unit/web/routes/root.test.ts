/** The root admin: a password that is made at the installation, changed at the first sign-in, and reset by a deletion. */
import test from 'ava'
import { createLogger, silent } from '../../../../operator/runtime/logging/log.ts'
import type { Logger } from '../../../../operator/runtime/logging/log.ts'
import type { AuditRecord } from '../../../../operator/web/sign-in/audit.ts'
import { ensureRoot } from '../../../../operator/web/sign-in/ensure-root.ts'
import { entryOf } from '../../../../operator/kube/secret-entries.ts'
import { Browser, consoleOf, newWords, signInSettings } from '../console.ts'
import { People, webNamespace } from '../people.ts'

function portsOf({ kube, store, clock, random }: People, records: AuditRecord[], log: Logger = silent) {
  return { kube, store, clock, random, log, audit: (record: AuditRecord) => void records.push(record) }
}

async function installed() {
  const people = new People()
  const records: AuditRecord[] = []
  const lines: string[] = []
  const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } })
  const ensure = (settings = signInSettings) => ensureRoot(portsOf(people, records, log), settings)
  await ensure()
  const site = await consoleOf(people, { log })
  const secret = () => people.secrets('tenantry-root')[0]
  const entry = (name: string) => {
    const found = secret()
    return found && entryOf(found, name)
  }
  return { ...site, lines, ensure, entry, secret, made: records }
}

test('The initial password is made once, and two replicas make one', async (t) => {
  const people = new People()
  const records: AuditRecord[] = []
  const ports = portsOf(people, records)
  await Promise.all([ensureRoot(ports, signInSettings), ensureRoot(ports, signInSettings)])
  await ensureRoot(ports, signInSettings)
  const secrets = people.secrets('tenantry-root')
  t.is(secrets.length, 1)
  t.is(secrets[0]?.metadata.namespace, webNamespace)
  t.is(secrets[0]?.type, 'tenantry.dev/root')
  t.is(records.length, 1)
  t.regex(entryOf(secrets[0] ?? {}, 'password') ?? '', /^[a-z2-9]{4}(-[a-z2-9]{4}){4}$/)
})

test('Root signs in with it, must change it, and it is in the Secret no longer', async (t) => {
  const { app, people, lines, made, entry } = await installed()
  const initial = entry('password') ?? ''
  const browser = new Browser(app)
  t.is((await browser.signIn('root', initial)).headers.location, '/account/password')
  t.is((await browser.get('/portal')).headers.location, '/account/password')
  const fields = { current: initial, password: newWords, passwordAgain: newWords }
  t.is((await browser.submit('/account/password', '/account/password', fields)).headers.location, '/portal')
  t.is(entry('password'), undefined)
  t.is(entry('mustChange'), 'false')
  t.is((await browser.get('/portal')).statusCode, 200)
  t.true((await browser.get('/portal')).body.includes('root admin'))
  t.is((await new Browser(app).signIn('root', initial)).statusCode, 422)
  t.is((await new Browser(app).signIn('root', newWords)).headers.location, '/portal')
  t.true(lines.some((line) => line.includes('the root admin has signed in') && line.includes('"level":"warn"')))
  t.false(lines.join('').includes(initial))
  t.like(made[0], { type: 'RootPasswordMade' })
  t.deepEqual((await people.store.find(browser.session))?.person.root, true)
})

test('Deleting the Secret ends root’s sessions at once, and leads to a new initial password', async (t) => {
  const { app, people, ensure, entry, secret } = await installed()
  const browser = new Browser(app)
  const initial = entry('password') ?? ''
  await browser.signIn('root', initial)
  t.is((await browser.get('/account/password')).statusCode, 200)
  const gone = secret()
  if (gone === undefined) return t.fail()
  people.server.drop(gone)
  t.is((await browser.get('/account/password')).statusCode, 303)
  t.is((await new Browser(app).signIn('root', initial)).statusCode, 422)
  await ensure()
  t.not(entry('password'), initial)
  t.is((await browser.get('/account/password')).statusCode, 303)
  t.is((await new Browser(app).signIn('root', initial)).statusCode, 422)
  t.is((await new Browser(app).signIn('root', entry('password') ?? '')).statusCode, 303)
})

test('A password that was put into the Secret by hand is hashed and must be changed', async (t) => {
  const { people, ensure, entry, app, secret } = await installed()
  const made = secret()
  if (made === undefined) return t.fail()
  people.put({ ...made, data: { password: Buffer.from('chosen by the values\n').toString('base64') } })
  t.is((await new Browser(app).signIn('root', 'chosen by the values')).statusCode, 422)
  await ensure()
  t.regex(entry('hash') ?? '', /^\$scrypt\$/)
  t.is((await new Browser(app).signIn('root', 'chosen by the values')).headers.location, '/account/password')
})

test('A Secret of that name that is not the root admin’s is left alone, and lets nobody in', async (t) => {
  const { people, ensure, app, lines, secret } = await installed()
  const made = secret()
  if (made === undefined) return t.fail()
  const foreign = people.put({ ...made, type: 'Opaque' })
  await ensure()
  t.deepEqual(secret(), foreign)
  t.true(lines.some((line) => line.includes('not as it should be')))
  const initial = entryOf(made, 'password') ?? ''
  t.is((await new Browser(app).signIn('root', initial)).statusCode, 422)
})

test('No password is made where root signs in with a directory, or is not wanted', async (t) => {
  const people = new People()
  const ports = portsOf(people, [])
  const signIn = { kind: 'Provider', provider: 'corp', account: { username: 'boss' } } as const
  const root = { username: 'root', email: undefined, user: 'tenantry:root', signIn }
  await ensureRoot(ports, { ...signInSettings, root })
  await ensureRoot(ports, { ...signInSettings, root: undefined })
  t.deepEqual(people.secrets('tenantry-root'), [])
})

test('Root signs in by address too, beside TenantAdmins of that address', async (t) => {
  const { people, entry } = await installed()
  const root = { username: 'root', email: 'Ops@example.com', user: 'tenantry:root', signIn: { kind: 'Local' } as const }
  const { app } = await consoleOf(people, { settings: { root } })
  const browser = new Browser(app)
  await browser.signIn('ops@example.com', entry('password') ?? '')
  t.true((await people.store.find(browser.session))?.person.root)
})
