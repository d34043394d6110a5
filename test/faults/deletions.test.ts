/**
 * All tenants deleted at once: some go, the others are held, and come back by the commands of docs/how-to/undo-a-deletion.md.
 */
import test from 'ava'
import { temporaryFolder } from '../harness/folder.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorOptions, OperatorProcess } from '../harness/operator.ts'
import type { Session } from '../harness/postgres-access.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { blocksOf, inShell } from './how-to.ts'
import { violations } from './judged.ts'
import {
  accept,
  addressOf,
  available,
  conditionOf,
  credentialsOf,
  declareAdmin,
  declareTenant,
  inviteOf,
  adminOf,
  tenantOf,
} from './life.ts'
import { eventsOf } from './told.ts'

let world: World
let operator: OperatorProcess

/** Five at once, and for the time of the test. */
const env = { TENANTRY_DELETION_BRAKE_INSTALLATION: '5', TENANTRY_DELETION_BRAKE_MSP: '3' }
const limit = 450_000

test.before(async (t) => {
  t.timeout(limit)
  world = await startWorld()
  operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env })
})
test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

/** The operator is killed, and another process begins. */
async function restart(more: Pick<OperatorOptions, 'entry' | 'env'> = {}): Promise<void> {
  await operator.kill()
  await operator[Symbol.asyncDispose]()
  operator = await startOperator({
    cluster: world.cluster,
    mail: world.mail,
    web: world.web,
    ...more,
    env: { ...env, ...more.env },
  })
}

async function town(names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => declareTenant(world, name)))
  await Promise.all(names.map((name) => available(world, name)))
}

/** As it stands in the how-to, for the tenant `name`. */
async function shell(folder: string, script: string, name = 'bakery'): Promise<string> {
  return inShell(script.replaceAll('bakery', name), world.cluster, folder)
}

async function isHeld(name: string): Promise<boolean> {
  return conditionOf(await tenantOf(world, name), 'Stalled')?.reason === 'DeletionHeld'
}

async function isGone(name: string): Promise<boolean> {
  return (await tenantOf(world, name)) === undefined
}

const until = (what: string, check: () => Promise<boolean>) =>
  eventually(check, { timeout: 90_000, interval: 200, describe: what })

async function rest(): Promise<readonly string[]> {
  const found = await world.api.list(`/apis/tenantry.dev/v1alpha1/namespaces/${world.installation.home}/tenants`)
  return found.map(({ metadata }) => metadata.name).toSorted()
}

const heldEvents = () => eventsOf(world, 'DeletionHeld')

const secretOf = (name: string) => credentialsOf(world, name)

async function session(secret: Readonly<Record<string, string>>): Promise<Session> {
  const { database = '', username = '', password = '' } = secret
  return world.postgres.connect({ user: username, password, database, applicationName: 'an application' })
}

async function oidOf(database: string | undefined): Promise<unknown> {
  return world.postgres.query('SELECT oid FROM pg_database WHERE datname = $1', [database])
}

test.serial(
  'eight at once: five go, three are held and untouched; released one by one, by namespace, all',
  async (t) => {
    t.timeout(limit)
    const folder = await temporaryFolder('deletions')
    t.teardown(() => folder.remove())
    await town(['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8'])
    const before = await Promise.all(['t6', 't7', 't8'].map(secretOf))
    await shell(folder.path, `kubectl delete tenants --all -n ${world.installation.home} --wait=false`)
    await until('five to go and three to be held', async () => {
      const left = await rest()
      return left.length === 3 && (await Promise.all(left.map(isHeld))).every(Boolean)
    })
    t.deepEqual(await rest(), ['t6', 't7', 't8'])
    for (const secret of before) {
      await using open = await session(secret)
      t.deepEqual((await open.query('SELECT 1 AS one')).rows, [{ one: 1 }])
    }
    // The metric is read from a cache, and the Event is sent after the status.
    const isCounted = async () => /^tenantry_deletions_held 3$/m.test((await operator.probe('/metrics')).body)
    await until('the held ones to be counted', isCounted)
    await until('each of them to be told', async () => (await heldEvents()).length >= 3)
    t.is((await heldEvents()).length, 3)
    t.regex(await operator.logs(), /deletion held/)

    // Another process counts as well: what is held stays held, and one more is.
    await restart()
    await declareTenant(world, 't9')
    await available(world, 't9')
    await shell(folder.path, `kubectl delete tenant t9 -n ${world.installation.home} --wait=false`)
    await until('t9 to be held', () => isHeld('t9'))
    t.deepEqual(await rest(), ['t6', 't7', 't8', 't9'])
    t.deepEqual(await violations(world, { logs: await operator.logs() }), [])

    const [one = '', namespace = '', all = '', ended = ''] = await blocksOf('undo-a-deletion', 'Release held deletions')
    await shell(folder.path, one, 't7')
    await until('t7 to go', () => isGone('t7'))
    t.deepEqual(await rest(), ['t6', 't8', 't9'])
    await shell(folder.path, namespace)
    await until('the others to go', async () => (await rest()).length === 0)
    await shell(folder.path, ended)

    await declareTenant(world, 'u1')
    await available(world, 'u1')
    await shell(folder.path, `kubectl delete tenant u1 -n ${world.installation.home} --wait=false`)
    await until('u1 to be held', () => isHeld('u1'))
    await shell(folder.path, all)
    await until('u1 to go', () => isGone('u1'))
    await shell(folder.path, ended)
    await until('nothing to be wrong', async () => (await violations(world)).length === 0)
  },
)

/** Logs in anew and reads and writes, over and over, by the credentials that its pod has mounted. */
function application(secret: Readonly<Record<string, string>>): { readonly end: () => Promise<Failures> } {
  const failures: unknown[] = []
  let requests = 0
  const ending = new AbortController()
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        await using open = await session(secret)
        await open.query('INSERT INTO orders DEFAULT VALUES')
        requests += 1
      } catch (error) {
        failures.push(error)
      }
    }
  }
  const running = run()
  return {
    end: async () => {
      ending.abort()
      await running
      return { failures, requests }
    },
  }
}

interface Failures {
  readonly failures: readonly unknown[]
  readonly requests: number
}

test.serial(
  'held, undone and applied again: the same database and password, nobody is asked, and no request fails',
  async (t) => {
    t.timeout(limit)
    const folder = await temporaryFolder('deletions')
    t.teardown(() => folder.remove())
    // Whether these five go depends on what was deleted before them.
    await town(['v1', 'v2', 'v3', 'v4', 'v5', 'yard'])
    await declareTenant(world, 'zoo', { provisioning: 'OnAccept' })
    await declareAdmin(world, 'zoo')
    await accept(world, 'zoo')
    const tenant = await available(world, 'zoo')
    const secret = await secretOf('zoo')
    const oid = await oidOf(secret['database'])
    {
      await using open = await session(secret)
      await open.query('CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT now())')
    }
    const app = application(secret)
    t.teardown(app.end)
    await shell(folder.path, `kubectl delete tenants --all -n ${world.installation.home} --wait=false`)
    await until('zoo to be held', () => isHeld('zoo'))

    const [manifest = '', undo = '', apply = '', all = ''] = await blocksOf('undo-a-deletion', 'Get the tenant back')
    for (const script of [manifest, undo, apply]) await shell(folder.path, script, 'zoo')
    const again = await available(world, 'zoo')
    t.not(again.metadata.uid, tenant.metadata.uid)
    t.is(again.metadata.annotations?.['tenantry.dev/adopt'], undefined)
    t.deepEqual(again.status?.['adopted'], [tenant.metadata.uid])
    t.is(again.status?.['phase'], 'Active')
    t.deepEqual(await secretOf('zoo'), secret)
    t.deepEqual(await oidOf(secret['database']), oid)
    await until('its admin to be known', async () => {
      const admin = await adminOf(world, 'zoo')
      return inviteOf(admin)['status'] === 'Accepted' && conditionOf(admin, 'Ready')?.status === 'True'
    })

    await until('the others to go or to be held', async () => {
      const left = (await rest()).filter((name) => name !== 'zoo')
      return left.includes('yard') && (await Promise.all(left.map(isHeld))).every(Boolean)
    })
    const held = await rest()
    await shell(folder.path, all)
    for (const name of held) t.is((await available(world, name)).metadata.deletionTimestamp, undefined)
    const { failures, requests } = await app.end()
    t.deepEqual(failures, [])
    t.true(requests > 20, `${requests} requests`)
    t.is((await world.mail.all()).filter(({ to }) => to.includes(addressOf('zoo'))).length, 1)
    await until(
      'nothing to be wrong',
      async () => (await violations(world, { logs: await operator.logs() })).length === 0,
    )
  },
)

const within = '/apis/tenantry.dev/v1alpha1/namespaces/tenant-isp/tenants'
const declareCustomer = (name: string) =>
  world.api.send('POST', within, {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'Tenant',
    metadata: { name },
    spec: { displayName: name, provisioning: 'Immediate' },
  })
const customers = () => world.api.list(within)
const areThere = async () => (await customers()).every((each) => conditionOf(each, 'Available')?.status === 'True')

test.serial(
  'the deletion of an MSP is undone: its customers keep their passwords, and its people their access, also where the operator hears late of these',
  async (t) => {
    t.timeout(limit)
    const folder = await temporaryFolder('deletions')
    t.teardown(() => folder.remove())
    await declareTenant(world, 'isp', { type: 'MSP' })
    await declareAdmin(world, 'isp')
    await accept(world, 'isp')
    await available(world, 'isp')
    await declareCustomer('w1')
    await until('the customer to be there', areThere)
    const inherited = () =>
      world.api.get('/apis/rbac.authorization.k8s.io/v1/namespaces/tenant-w1/rolebindings/tenantry-inherited-admins')
    await until('the people of the MSP to have access', async () => (await inherited()) !== undefined)
    const before = [await secretOf('w1'), (await inherited())?.metadata.uid]
    await shell(folder.path, `kubectl delete tenant isp -n ${world.installation.home} --wait=false`)
    await until(
      'isp to wait for its customers',
      async () => conditionOf(await tenantOf(world, 'isp'), 'Stalled') !== undefined,
    )
    const [manifest = '', undo = '', apply = ''] = await blocksOf('undo-a-deletion', 'Get the tenant back')
    for (const script of [manifest, undo]) await shell(folder.path, script, 'isp')
    await until('w1 to say that its MSP is away', async () => {
      const [customer] = await customers()
      return conditionOf(customer, 'Stalled')?.reason === 'Misplaced' && areThere()
    })
    await restart({ entry: 'test/faults/operator-that-hears-late.ts', env: { HEARS_LATE: 'tenantadmins=2000' } })
    await shell(folder.path, apply, 'isp')
    const { uid } = (await available(world, 'isp')).metadata
    await until('its admin to be known', async () => {
      const admin = await adminOf(world, 'isp')
      const { uid: of } = Object(admin?.status?.['tenant']) as { readonly uid?: string } // of our own schema
      return inviteOf(admin)['status'] === 'Accepted' && of === uid
    })
    // Who is declared after that is heard of after that.
    const { apiVersion, kind, metadata, spec } = (await adminOf(world, 'isp')) ?? t.fail()
    await world.api.send('POST', `/apis/${apiVersion}/namespaces/${metadata.namespace}/tenantadmins`, {
      apiVersion,
      kind,
      metadata: { name: 'isp-bob' },
      spec: { ...spec, username: 'bob', email: 'bob@isp.example.com' },
    })
    await until('all to be heard of', async () => (await tenantOf(world, 'isp'))?.status?.['admins'] === 2)
    await until('w1 to be as before', async () => conditionOf((await customers())[0], 'Ready')?.status === 'True')
    t.deepEqual([await secretOf('w1'), (await inherited())?.metadata.uid], before)
    await restart()
  },
)

test.serial('of one MSP’s customers three go and the fourth is held, whatever the installation allows', async (t) => {
  t.timeout(limit)
  await restart({ env: { TENANTRY_DELETION_BRAKE_INSTALLATION: '0' } })
  const names = ['w1', 'w2', 'w3', 'w4']
  for (const name of names.slice(1)) await declareCustomer(name)
  await until('the customers to be there', async () => (await customers()).length === 4 && (await areThere()))
  await Promise.all(names.map((name) => world.api.send('DELETE', `${within}/${name}`)))
  await until('three to go and one to be held', async () => {
    const left = await customers()
    return left.length === 1 && left.every((each) => conditionOf(each, 'Stalled')?.reason === 'DeletionHeld')
  })
  const [held] = await customers()
  t.regex(conditionOf(held, 'Stalled')?.message ?? '', /MSP/)
  t.is((await world.api.get(`/api/v1/namespaces/tenant-${held?.metadata.name}`))?.metadata.deletionTimestamp, undefined)
})
