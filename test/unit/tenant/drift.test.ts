/** Drift on the server and in the Secret is put right; a foreign role is left alone. */
import test from 'ava'

import type { KubeObject } from '../../../operator/kube/port.ts'
import type { Secret } from '../../../operator/kube/resources.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { DeadlineExceeded } from '../../../operator/runtime/base/deadline.ts'
import { condition, databaseServer, tenant, tenantAdmin } from '../../gen.ts'
import { logsIn, provisioned } from './provisioned.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

test("somebody else's role under our name is a conflict; deleting the Tenant leaves it where it is", async (t) => {
  const world = ground()
  world.cluster.put(tenant({ spec: { provisioning: 'OnAccept' } }))
  await world.settle()
  const { owner } = (await namesOf(world)) ?? { owner: '' }
  const role = { canLogin: true, connectionLimit: -1, attributes: [], memberOf: [], members: [], settings: [] }
  const databaseState = { operator: 'op', version: 180_004, owner: role, logins: {}, complete: false, sessions: 0 }
  world.postgres.databases.set(owner, databaseState)
  world.edit({ provisioning: 'Immediate' })
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DatabaseConflict'))
  t.true(world.conditions().includes('NamespaceReady=True Provisioned'))
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.is(world.postgres.databases.get(owner), databaseState)
  t.deepEqual(world.cluster.all('Tenant'), [])
})

async function namesOf(world: World) {
  const [claim] = world.cluster.all<KubeObject & { data: Record<string, string> }>('ConfigMap')
  return claim === undefined ? undefined : { owner: claim.data['owner'] ?? '' }
}

test('drift in the catalogue: the poll wakes the tenant, which is put right; then silence', async (t) => {
  const world = await provisioned()
  await world.poll()
  const owner = world.tenant().status?.database?.name ?? ''
  const databaseState = world.postgres.databases.get(owner)
  t.truthy(databaseState?.logins.a)
  if (databaseState?.logins.a === undefined) return
  world.postgres.databases.set(owner, {
    ...databaseState,
    logins: { ...databaseState.logins, a: { ...databaseState.logins.a, connectionLimit: -1 } },
  })
  t.deepEqual(await world.poll(), ['uid-acme'])
  world.postgres.statements.length = 0
  await world.settle()
  t.deepEqual(world.postgres.statements, [`EnsureRoles ${owner}`])
  await world.poll()
  t.deepEqual(await world.poll(), [])
})

test('what a tenant made as its login is given to its role at the poll, and no status is written for it', async (t) => {
  const world = await provisioned()
  await world.poll()
  const owner = world.tenant().status?.database?.name ?? ''
  const databaseState = world.postgres.databases.get(owner)
  if (databaseState?.logins.a === undefined) return t.fail()
  world.postgres.databases.set(owner, {
    ...databaseState,
    logins: { ...databaseState.logins, a: { ...databaseState.logins.a, owns: [owner] } },
  })
  t.deepEqual(await world.poll(), ['uid-acme'])
  world.postgres.statements.length = 0
  world.cluster.writes.length = 0
  await world.settle()
  t.deepEqual(world.postgres.statements, [`GiveToOwner ${owner}`])
  t.deepEqual(world.cluster.writes, [])
  await world.poll()
  t.deepEqual(await world.poll(), [])
})

test('what a crash left of a dump is removed from a tenant that lives on', async (t) => {
  const world = await provisioned()
  await world.poll()
  const owner = world.tenant().status?.database?.name ?? ''
  const databaseState = world.postgres.databases.get(owner)
  if (databaseState === undefined) return t.fail()
  world.postgres.databases.set(owner, { ...databaseState, dump: 'Expired' })
  t.deepEqual(await world.poll(), ['uid-acme'])
  world.postgres.statements.length = 0
  await world.settle()
  t.true(world.postgres.statements.includes(`EndDump ${owner}`))
  t.is(world.postgres.databases.get(owner)?.dump, undefined)
})

test('a tenant that changed its own password is found by the probe, and the Secret is right again', async (t) => {
  const world = await provisioned()
  const login = world.tenant().status?.database?.roles?.logins.a ?? ''
  world.postgres.verifiers.set(login, 'SCRAM-SHA-256$4096:AAAA$AAAA:AAAA')
  await world.pass()
  await world.clock.advance(world.settings.probeInterval)
  await world.settle()
  await logsIn(t, world)
  t.deepEqual(
    world.conditions().filter((each) => each.includes('False')),
    [],
  )
})

test('a password changed in the Secret: tried at once, and the roles follow it', async (t) => {
  const world = await provisioned()
  await world.pass()
  const secret = world.cluster.find<Secret>('Secret', 'tenant-acme/tenantry-database')
  t.truthy(secret)
  if (secret === undefined) return
  const old = Buffer.from(secret.data?.['password'] ?? '', 'base64').toString()
  const swap = (value: string) =>
    Buffer.from(Buffer.from(value, 'base64').toString().replaceAll(old, 'N'.repeat(40))).toString('base64')
  world.cluster.put({
    ...secret,
    data: Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, value]) => [key, swap(value)])),
  })
  await world.settle()
  await logsIn(t, world)
  t.deepEqual(world.cluster.writes, [])
})

test('a password that is too weak is not taken over', async (t) => {
  const world = await provisioned()
  const secret = world.cluster.find<Secret>('Secret', 'tenant-acme/tenantry-database')
  t.truthy(secret)
  if (secret === undefined) return
  world.cluster.put({ ...secret, data: { ...secret.data, password: Buffer.from('secret').toString('base64') } })
  await world.settle()
  const after = world.cluster.find<Secret>('Secret', 'tenant-acme/tenantry-database')
  t.is(Buffer.from(after?.data?.['password'] ?? '', 'base64').toString().length, 43)
  await logsIn(t, world)
})

test('the server down while a tenant is made: the namespace is made all the same, and the rest when it is back', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.poll()
  world.postgres.down = new PostgresError('Unavailable', 'connection refused')
  await t.throwsAsync(world.pass(), { instanceOf: PostgresError })
  t.true(world.conditions().includes('NamespaceReady=True Provisioned'))
  t.true(world.conditions().includes('DatabaseReady=False DatabaseUnavailable'))
  t.true(world.conditions().includes('Reconciling=True DatabaseUnavailable'))
  t.truthy(world.cluster.find('ResourceQuota', 'tenant-acme/tenantry-quota'))
  world.postgres.down = undefined
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('a server that says of itself that it is down makes its tenants unavailable, until it is back', async (t) => {
  const world = await provisioned()
  const down = { observedGeneration: 1, conditions: [condition('Ready', 'False', 'DatabaseUnavailable')] }
  world.cluster.put({ ...databaseServer(), status: down })
  await world.settle()
  t.true(world.conditions().includes('Available=False DatabaseUnavailable'))
  world.cluster.put(databaseServer())
  await world.settle()
  t.true(world.conditions().includes('Available=True Provisioned'))
})

test('a login that is due while the server is out of reach waits with everything else', async (t) => {
  const world = await provisioned()
  world.postgres.down = new PostgresError('Unavailable', 'connection refused')
  world.cluster.put(tenantAdmin({ name: 'second', uid: 'admin-second', spec: { username: 'second' } }))
  await t.throwsAsync(world.pass(), { instanceOf: PostgresError })
  await world.clock.advance(2 * world.settings.probeInterval)
  await world.pass()
  t.true(world.conditions().includes('DatabaseReady=False DatabaseUnavailable'))
  t.is(world.due.get('home/acme'), world.settings.retryInterval)
})

test('a pass that is stopped in the middle says nothing of the tenant; one that takes too long does', async (t) => {
  const stopped = ground()
  stopped.cluster.put(tenantAdmin())
  stopped.cluster.put(tenant())
  const stopping = new AbortController()
  stopped.postgres.before = () => stopping.abort(new Error('the operator is stopping'))
  await t.throwsAsync(stopped.pass('home/acme', stopping.signal), { message: 'the operator is stopping' })
  t.deepEqual(stopped.conditions(), [])
  const slow = ground()
  slow.cluster.put(tenantAdmin())
  slow.cluster.put(tenant())
  const late = new AbortController()
  slow.postgres.before = () => late.abort(new DeadlineExceeded('no answer within 120000 ms'))
  await t.throwsAsync(slow.pass('home/acme', late.signal), { instanceOf: DeadlineExceeded })
  t.true(slow.conditions().includes('Ready=False Retrying'))
})
