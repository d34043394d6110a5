/**
 * Uninstalling by the commands of docs/how-to/uninstall.md: in the right order, the wrong way round, and without an operator.
 */
import test from 'ava'
import { ApiError } from '../harness/api.ts'
import type { Stored } from '../harness/api.ts'
import { acceptInvite } from '../harness/invitee.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import type { Postgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { blocksOf } from './how-to.ts'
import { conditionOf, inviteOf } from './life.ts'
import { inCluster, install, makeAccount, onServer, pathOf, policiesGone, startScene } from './uninstall-scene.ts'
import type { Scene } from './uninstall-scene.ts'

const longWait = { timeout: 90_000, interval: 100 }
const finalizer = 'tenantry.dev/finalizer'

let scene: Scene
let operator: OperatorProcess | undefined
test.before(async (t) => {
  t.timeout(450_000)
  scene = await startScene()
})
test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await scene?.[Symbol.asyncDispose]()
})

interface Declared {
  readonly name: string
  readonly home: string
  readonly spec: object
}

const tenantOn = (server: string, isolation: string, name: string, home = 'customers', spec = {}): Declared => ({
  name,
  home,
  spec: { displayName: name, provisioning: 'Immediate', database: { server, isolation }, ...spec },
})

/** Both kinds of isolation on both servers; the second is a customer of the first. */
const tenants = [
  tenantOn('new', 'Database', 'acme', 'customers', { type: 'MSP' }),
  tenantOn('old', 'Schema', 'bakery', 'tenant-acme'),
  tenantOn('new', 'Schema', 'small'),
  tenantOn('old', 'Database', 'large'),
]
const adminName = (name: string) => `${name}-ada`

const servers = (): readonly Postgres[] => Object.values(scene.servers)
const uninstall = (heading: string, language?: string) => blocksOf('uninstall', heading, language)

async function follow(heading: string): Promise<void> {
  for (const block of await uninstall(heading)) await scene.shell(block)
}

type Kind = Parameters<typeof pathOf>[0]
const kinds = { tenants: 'Tenant', tenantadmins: 'TenantAdmin', accessgrants: 'AccessGrant' } as const

/** As soon as the namespace is there, and known to belong to an MSP. */
async function declare(kind: Kind, within: string, name: string, spec: object): Promise<void> {
  const body = { apiVersion: 'tenantry.dev/v1alpha1', kind: kinds[kind], metadata: { name }, spec }
  const sent = () => scene.api.send('POST', pathOf(kind, within), body).then(() => true)
  await eventually(() => sent().catch(notYet), { ...longWait, describe: `${kinds[kind]} ${name} to be taken` })
}

function notYet(error: unknown): false {
  if (error instanceof ApiError && [403, 404, 422].includes(error.status)) return false
  throw error
}

async function until(path: string, check: (found: Stored | undefined) => boolean): Promise<void> {
  const look = async () => {
    const found = await scene.api.get(path)
    if (check(found)) return true
    throw new Error(JSON.stringify(found?.status ?? found?.metadata ?? 'not there'))
  }
  await eventually(look, { ...longWait, describe: path })
}

/** A tenant that can be used, and its admin, who has accepted. `round` tells apart the mails of several. */
async function inhabit({ name, home, spec }: Declared, round: string): Promise<void> {
  await declare('tenants', home, name, spec)
  const email = `ada@${name}-${round}.example.com`
  await declare('tenantadmins', home, adminName(name), { tenantRef: { name }, username: 'ada', email })
  await until(pathOf('tenants', home, name), (found) => conditionOf(found, 'Available')?.status === 'True')
  const mail = await scene.mail.waitFor(({ to }) => to.includes(email), { timeout: 60_000 })
  const answer = await acceptInvite(mail.links.at(-1) ?? '')
  if (answer !== 'accepted') throw new Error(`the invite of ${name} was answered with ${answer}`)
  const admin = pathOf('tenantadmins', home, adminName(name))
  await until(admin, (found) => inviteOf(found)['status'] === 'Accepted')
}

/** All tenants and their people, one of them in the tenant's own namespace, and a grant that waits for its technician. */
async function inhabitAll(round: string): Promise<void> {
  await Promise.all(tenants.map((tenant) => inhabit(tenant, round)))
  const helper = { username: 'helper', email: `helper@${round}.example.com` }
  await declare('tenantadmins', 'tenant-large', 'helper', helper)
  await until(pathOf('tenantadmins', 'tenant-large', 'helper'), (found) => isBound(found))
  const grant = { type: 'Delegation', tenantRef: { name: 'bakery' }, username: 'tom', reason: 'Ticket 4711' }
  await declare('accessgrants', 'tenant-acme', 'tom-at-the-bakery', grant)
}

const isBound = (found: Stored | undefined) => found?.metadata.finalizers?.includes(finalizer) === true
const isGone = (found: Stored | undefined) => found === undefined
const namespaceOf = (name: string) => scene.api.get(`/api/v1/namespaces/tenant-${name}`)

async function end(running: OperatorProcess | undefined): Promise<void> {
  await running?.[Symbol.asyncDispose]()
  operator = undefined
}

/** What a person runs that such a query prints. */
async function runPrinted(server: Postgres, query: string): Promise<readonly string[]> {
  const rows = await server.query<{ format: string }>(query)
  for (const { format } of rows) await server.query(format)
  return rows.map(({ format }) => format)
}

/** Part 4 of the how-to, where no tenant is left. Answers the databases that had to be dropped. */
async function closeAccount(server: Postgres): Promise<readonly string[]> {
  const [roles = '', databases = '', account = ''] = await uninstall('4. The account on each server', 'sql')
  const left = await server.query(roles)
  if (left.length > 0) throw new Error(`There are roles of tenants left: ${JSON.stringify(left)}.`)
  const dropped = await runPrinted(server, databases)
  await server.query(account)
  return dropped
}

test.serial('the operator went first: Tenants and TenantAdmins wait, and go when the chart is back', async (t) => {
  t.timeout(450_000)
  operator = await install(scene)
  await inhabitAll('first')
  await end(operator)
  await follow('2. The release')
  const { kubectl } = scene.controlPlane
  const doomed = { tenants: 'small', tenantadmins: adminName('small') } as const
  for (const [kind, name] of Object.entries(doomed))
    await kubectl(['delete', kind, name, '-n', 'customers', '--wait=false'])
  const before = await onServer(scene.servers.new)
  await Promise.all(
    Object.entries(doomed).map(([kind, name]) =>
      t.throwsAsync(kubectl(['wait', '--for=delete', `${kind}/${name}`, '-n', 'customers', '--timeout=2s']), {
        message: /timed out waiting/,
      }),
    ),
  )
  t.is((await namespaceOf('small'))?.metadata.deletionTimestamp, undefined)
  t.deepEqual(await onServer(scene.servers.new), before)

  const [id = ''] = await uninstall('If the operator went first')
  t.is((await scene.shell(id)).trim(), 'test')
  operator = await install(scene)
  for (const kind of ['tenants', 'tenantadmins'] as const) await until(pathOf(kind, 'customers', doomed[kind]), isGone)
  t.is(await namespaceOf('small'), undefined)
  // The three roles: the database is shared, and stays.
  t.is((await onServer(scene.servers.new)).length, before.length - 3)
})

test.serial('in the order of the how-to nothing waits, and nothing is left', async (t) => {
  t.timeout(450_000)
  await follow('1. The tenants and their people')
  t.deepEqual(await scene.api.list('/apis/tenantry.dev/v1alpha1/tenantadmins'), [])
  await end(operator)
  await follow('2. The release')
  await policiesGone(scene)
  await follow('3. The rest')
  t.deepEqual(await inCluster(scene), [])
  for (const server of servers()) {
    const dropped = await closeAccount(server)
    t.is(dropped.length, 1, 'the database that tenants shared')
    t.deepEqual(await onServer(server), [])
  }
})

test.serial(
  'without an operator finalizers are taken off by hand, all data stays, and can be removed by hand',
  async (t) => {
    t.timeout(450_000)
    for (const server of servers()) await makeAccount(server)
    operator = await install(scene)
    await inhabitAll('second')
    const made = () =>
      Promise.all([
        ...servers().map(onServer),
        ...tenants.map(async ({ name }) => (await namespaceOf(name))?.metadata.uid),
        scene.api.list('/api/v1/namespaces/tenantry-system/secrets?fieldSelector=type=tenantry.dev/acceptance'),
      ])
    await operator.kill()
    await end(operator)
    await follow('2. The release')
    await policiesGone(scene)
    const before = await made()
    await follow('If it cannot come back')
    for (const kind of ['tenants', 'tenantadmins', 'accessgrants'])
      t.deepEqual(await scene.api.list(`/apis/tenantry.dev/v1alpha1/${kind}`), [], kind)
    t.deepEqual(await made(), before)

    await follow('If data stayed that should not have')
    const [remains = ''] = await uninstall('If data stayed that should not have', 'sql')
    for (const server of servers()) t.is((await runPrinted(server, remains)).length, 8, 'two databases and six roles')
    await follow('3. The rest')
    t.deepEqual(await inCluster(scene), [])
    for (const server of servers()) {
      t.deepEqual(await closeAccount(server), [])
      t.deepEqual(await onServer(server), [])
    }
  },
)
