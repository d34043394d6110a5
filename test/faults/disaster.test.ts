/**
 * The cluster is lost, PostgreSQL is not: a new one goes on with all tenants, by the commands of docs/how-to/disaster-recovery.md.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import { ApiError } from '../harness/api.ts'
import type { Stored } from '../harness/api.ts'
import { temporaryFolder } from '../harness/folder.ts'
import type { TemporaryFolder } from '../harness/folder.ts'
import { credentialsOf, loginsOn, readFacts } from '../harness/facts.ts'
import { logins, orphans } from '../harness/invariants.ts'
import { acceptInvite } from '../harness/invitee.ts'
import { startMail } from '../harness/mail.ts'
import { startPostgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import {
  accepting,
  collectionOf,
  delegation,
  group,
  home,
  manifestOf,
  masquerade,
  pathOf,
  silent,
  technician,
  tenant,
  tenants,
} from './disaster-manifests.ts'
import type { Declared } from './disaster-manifests.ts'
import { newCluster } from './disaster-scene.ts'
import type { Cluster, Ground } from './disaster-scene.ts'
import { blocksOf, inShell } from './how-to.ts'

const blocksUnder = (heading: string, language?: string) => blocksOf('disaster-recovery', heading, language)
const longWait = { timeout: 90_000, interval: 100 }
const both = { spec: { isolation: ['Database', 'Schema'] } }

let folder: TemporaryFolder
let ground: Ground
let cluster: Cluster | undefined

test.before(async (t) => {
  t.timeout(300_000)
  folder = await temporaryFolder('disaster')
  const postgres = await startPostgres({ maxConnections: 200 })
  const mail = await startMail()
  ground = { postgres, mail, folder: folder.path }
})
test.after.always(async () => {
  await cluster?.[Symbol.asyncDispose]()
  await ground?.postgres[Symbol.asyncDispose]()
  await ground?.mail[Symbol.asyncDispose]()
  await folder?.remove()
})

const here = (): Cluster => {
  if (cluster === undefined) throw new Error('there is no cluster')
  return cluster
}
async function declare(object: Declared): Promise<void> {
  await eventually(
    () =>
      here()
        .api.send('POST', collectionOf(object), manifestOf(object))
        .then(() => true, isNotThereYet),
    longWait,
  )
}

/** The namespace is made, and known to belong to an MSP, a moment later. */
function isNotThereYet(error: unknown): false {
  if (error instanceof ApiError && (error.status === 404 || error.status === 403 || error.status === 422)) return false
  throw error
}

function conditions(
  object: Stored | undefined,
): Readonly<Record<string, { status: string; reason: string; message: string }>> {
  const list = (object?.status?.['conditions'] ?? []) as {
    type: string
    status: string
    reason: string
    message: string
  }[] // metav1.Condition
  return Object.fromEntries(list.map((condition) => [condition.type, condition]))
}

async function when(object: Declared, check: (found: Stored) => boolean): Promise<Stored> {
  return eventually(
    async () => {
      const found = await here().api.get(pathOf(object))
      if (found !== undefined && check(found)) return found
      throw new Error(JSON.stringify(found?.status ?? 'not there'))
    },
    { ...longWait, describe: `${object.kind} ${object.name}` },
  )
}

const usable = (found: Stored) =>
  conditions(found)['Ready']?.status === 'True' && conditions(found)['Available']?.status === 'True'
const inviteOf = (found: Stored) => (found.status?.['invite'] ?? {}) as { status?: string; acceptedAt?: string } // our own status
const accepted = (found: Stored) => inviteOf(found).status === 'Accepted'

async function accept({ spec }: Declared): Promise<void> {
  const mail = await ground.mail.waitFor(({ to }) => to.includes(String(spec['email'])), { timeout: 60_000 })
  const answer = await acceptInvite(mail.links.at(-1) ?? '')
  if (answer !== 'accepted') throw new Error(`the invite was answered with ${answer}`)
}

/** The technician has what the bakery's own admins have, by the delegation and by nothing else. */
async function delegated(): Promise<void> {
  const { status } = await when(delegation, ({ status: said }) => said?.['phase'] === 'Active')
  const { controlPlane, api } = here()
  const asked = ['auth', 'can-i', 'get', 'secrets/tenantry-database', '-n', 'tenant-bakery', '--as']
  // Its authorizer hears of a RoleBinding by a watch.
  await eventually(() => controlPlane.kubectl([...asked, String(status?.['user'])]), longWait)
  const grants = await api.list(`${group}/accessgrants`)
  const others = grants.filter(({ metadata }) => metadata.name !== delegation.name)
  if (others.length > 0) throw new Error(`there is ${others.map(({ metadata }) => metadata.name).join(', ')}, too`)
}

async function bindingOf(object: Declared) {
  const secret = await here().api.get(`/api/v1/namespaces/tenant-${object.name}/secrets/tenantry-database`)
  return Object.fromEntries(
    Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  )
}

async function asApplication<T extends object>(object: Declared, sql: string): Promise<readonly T[]> {
  const { username = '', password = '', database = '' } = await bindingOf(object)
  await using session = await ground.postgres.connect({ user: username, password, database })
  return (await session.query<T>(sql)).rows
}

/** What nobody may find changed. */
async function stateOf(object: Declared) {
  const { status } = await when(object, usable)
  const { name, schema } = (status?.['database'] ?? {}) as { name?: string; schema?: string } // our own status
  const directory = schema === undefined ? 'tenantry' : `${schema}_directory`
  const people = await ground.postgres.query<{ username: string; hash: boolean; consent: string | null }>(
    `SELECT username, password_hash AS hash, consent_at::text AS consent FROM ${directory}.admins ORDER BY origin, username`,
    [],
    name,
  )
  const rows = await asApplication(object, 'SELECT id, note FROM notes ORDER BY id')
  return { rows, people, url: status?.['url'], cloudId: status?.['cloudId'], database: name, schema }
}

const states = () => Promise.all(tenants.map(stateOf))
const passwords = () => Promise.all(tenants.map(async (each) => (await bindingOf(each))['password']))

async function judged(): Promise<readonly string[]> {
  const { api, installation } = here()
  const sources = { api, postgres: ground.postgres, namespace: installation.namespace, installation: 'test' }
  const facts = await readFacts(sources)
  return [...orphans(facts), ...(await logins(credentialsOf(facts), loginsOn(ground.postgres)))]
}

async function lose(): Promise<void> {
  const gone = here()
  cluster = undefined
  await gone[Symbol.asyncDispose]()
}

/** What a test that failed has left is ended first. */
async function inPlace(...[at, life]: Parameters<typeof newCluster>): Promise<Cluster> {
  await cluster?.[Symbol.asyncDispose]()
  return newCluster(at, life)
}

let before: Awaited<ReturnType<typeof states>>
let known: Awaited<ReturnType<typeof passwords>>

const isLate = ({ username }: { readonly username: string }) => username === silent.name
/** In the directory of the last of the tenants. */
const isLateListed = async () => (await states()).at(-1)?.people.some(isLate) === true
const withoutLate = async () =>
  (await states()).map(({ people, ...rest }) => ({ ...rest, people: people.filter((person) => !isLate(person)) }))

test.serial('a cluster with tenants, their people and their data is backed up', async (t) => {
  t.timeout(300_000)
  cluster = await inPlace(ground)
  await here().controlPlane.kubectl(['patch', 'databaseserver', 'main', '--type=merge', '-p', JSON.stringify(both)])
  const [msp, bakery, small] = tenants
  const [boss, baker, helper, sam] = accepting
  for (const each of [msp, small, boss, sam, silent, technician]) await declare(each ?? silent)
  for (const each of [boss, sam, technician]) await accept(each ?? silent)
  for (const each of [bakery, baker, delegation]) await declare(each ?? silent)
  await accept(baker ?? silent)
  await declare(helper ?? silent)
  await accept(helper ?? silent)
  for (const each of [...accepting, technician]) await when(each, accepted)
  for (const each of tenants) {
    await when(each, usable)
    await asApplication(each, 'CREATE TABLE notes (id int PRIMARY KEY, note text)')
    await asApplication(each, `INSERT INTO notes SELECT n, '${each.name} ' || n FROM generate_series(1, 100) n`)
  }
  await delegated()
  const root = ['--as=root', '--as-group=system:masters']
  await here().controlPlane.kubectl(['create', '-f', '-', ...root], { input: manifestOf(masquerade) })
  await when(masquerade, ({ status }) => status?.['phase'] === 'Active')
  // Each directory follows the statuses of its people.
  const listed = async () => (await states()).map(({ people }) => people.map(({ username }) => username))
  const everybody = [['boss'], ['boss', 'baker', 'helper'], ['sam']]
  await eventually(async () => isDeepStrictEqual(await listed(), everybody), longWait).catch(() => undefined)
  before = await states()
  known = await passwords()
  t.deepEqual(
    before.map(({ people }) => people.map(({ username }) => username)),
    everybody,
  )
  for (const block of await blocksUnder('Back up')) await inShell(block, here().controlPlane, ground.folder)
  await lose()
})

test.serial(
  'with the operator’s records all goes on: rows, passwords, names, people, and nobody is asked again',
  async (t) => {
    t.timeout(300_000)
    const mails = (await ground.mail.all()).length
    const [restore = '', first = '', second = ''] = await blocksUnder("Restore with the operator's records")
    const run = (block: string) => (plane: Cluster['controlPlane']) =>
      inShell(`${restore}\n${block}`, plane, ground.folder)
    cluster = await inPlace(ground, {
      first: run(first),
      second: async (plane) => {
        // In the tests these come with the installation.
        await plane.kubectl(['delete', 'databaseservers,tenantplans', '--all'])
        await run(second)(plane)
      },
    })
    for (const each of [...accepting, technician]) await when(each, accepted)
    // Who lies in the tenant's own namespace is known to be its admin a moment after the tenant.
    await eventually(async () => isDeepStrictEqual(await states(), before), longWait).catch(() => undefined)
    t.deepEqual(await states(), before)
    t.deepEqual(await passwords(), known)
    await delegated()
    const late = await when(silent, (found) => inviteOf(found).status === 'Pending')
    t.truthy(late.metadata.uid)
    await eventually(async () => (await ground.mail.all()).length > mails, longWait)
    const sent = (await ground.mail.all()).slice(mails)
    t.deepEqual(
      sent.map(({ to }) => to),
      [['late@example.com']],
      'only who had not answered is asked again',
    )
    t.is(await acceptInvite(sent[0]?.links[0] ?? ''), 'accepted')
    await when(silent, accepted)
    // The directory, from which it is known when the cluster is lost, follows the status.
    await eventually(isLateListed, { ...longWait, describe: 'who was late to be in the directory' })
    t.deepEqual(await judged(), [])
    await lose()
  },
)

test.serial('from git alone: what the marks and the directories tell is taken over', async (t) => {
  t.timeout(300_000)
  const mails = (await ground.mail.all()).length
  const [query = ''] = await blocksUnder('Restore from git alone', 'sql')
  const found = await ground.postgres.query<{ installation: string }>(query)
  const installation = found[0]?.installation ?? ''
  t.is(installation, 'test')
  const everybody = [...accepting, silent]
  await mkdir(join(ground.folder, 'tenants'))
  for (const each of [...tenants, ...everybody, technician, delegation]) {
    const { kind, namespace, name } = each
    const adopt = kind === 'Tenant' ? { 'tenantry.dev/adopt': `${installation}/${namespace}/${name}` } : {}
    await writeFile(join(ground.folder, 'tenants', `${kind}-${name}.json`), JSON.stringify(manifestOf(each, adopt)))
  }
  cluster = await inPlace(ground)
  const { controlPlane } = here()
  await controlPlane.kubectl(['patch', 'databaseserver', 'main', '--type=merge', '-p', JSON.stringify(both)])
  for (const block of await blocksUnder('Restore from git alone')) await inShell(block, controlPlane, ground.folder)
  for (const block of await blocksUnder('See that it went well'))
    t.log(await inShell(block, controlPlane, ground.folder))
  for (const each of everybody) await when(each, accepted)
  await eventually(async () => (await ground.mail.all()).length > mails, longWait)
  const sent = (await ground.mail.all()).slice(mails)
  t.deepEqual(
    sent.map(({ to }) => to),
    [['tom@example.com']],
    'only technicians, who are in no directory, are asked again',
  )
  t.is(await acceptInvite(sent[0]?.links[0] ?? ''), 'accepted')
  await delegated()
  await eventually(isLateListed, longWait)
  // As above: who is known a moment later is in the directory a moment later.
  await eventually(async () => isDeepStrictEqual(await withoutLate(), before), longWait).catch(() => undefined)
  t.deepEqual(await withoutLate(), before)
  t.is((await ground.mail.all()).length, mails + 1, 'nobody else is asked again')
  const anew = await passwords()
  t.true(anew.every((password, index) => password !== undefined && password !== known[index]))
  t.deepEqual(await judged(), [])
})

test.serial('what is not exactly what the annotation names stays where it is, and the Tenant says why', async (t) => {
  t.timeout(300_000)
  const claims = () =>
    here().api.list('/api/v1/namespaces/tenantry-system/configmaps?labelSelector=app.kubernetes.io/component%3Dclaim')
  const living = await here().api.get(pathOf(tenants[0] ?? silent))
  const count = (await claims()).length
  const cases = {
    'test/customers/msp': /is the Tenant customers\/msp, which still exists/,
    [living?.metadata.uid ?? '']: /is the Tenant customers\/msp, which still exists/,
    'test/customers/nobody': /not an earlier tenant whose names or data are kept here/,
    '6f1c1c1e-0000-4000-8000-000000000000': /not an earlier tenant whose names or data are kept here/,
    'other/customers/msp': /not of this installation, which is test/,
  }
  for (const [index, [asked, message]] of Object.entries(cases).entries()) {
    const thief = tenant(home, `thief${index}`, { provisioning: 'Immediate' })
    const metadata = { name: thief.name, annotations: { 'tenantry.dev/adopt': asked } }
    const body = { apiVersion: 'tenantry.dev/v1alpha1', kind: 'Tenant', metadata, spec: thief.spec }
    await here().api.send('POST', `${group}/namespaces/${home}/tenants`, body)
    const refused = await when(thief, (found) => conditions(found)['Stalled']?.reason === 'AdoptionRefused')
    t.regex(conditions(refused)['Stalled']?.message ?? '', message, asked)
    await here().api.send('DELETE', pathOf(thief))
    await eventually(async () => (await here().api.get(pathOf(thief))) === undefined, longWait)
  }
  t.is((await claims()).length, count)
  t.deepEqual(
    (await states()).map(({ rows }) => rows),
    before.map(({ rows }) => rows),
  )
})

test.serial('deleted, they leave nothing behind', async (t) => {
  t.timeout(300_000)
  for (const each of tenants.toReversed()) {
    await here().api.send('DELETE', pathOf(each))
    await eventually(async () => (await here().api.get(pathOf(each))) === undefined, longWait)
  }
  const left = await ground.postgres.query(
    `SELECT rolname AS name FROM pg_roles WHERE starts_with(rolname, 't_') UNION ALL SELECT datname FROM pg_database WHERE starts_with(datname, 't_')`,
  )
  t.deepEqual(left, [])
})
