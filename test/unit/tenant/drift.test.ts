/** What somebody changed is put back; what is somebody else's is left alone. */
import test from 'ava'
import type { ExecutionContext } from 'ava'

import { annotations, labels } from '../../../operator/api/names.ts'
import type { KubeObject } from '../../../operator/kube/port.ts'
import type { Namespace, NetworkPolicy, RoleBinding, Secret } from '../../../operator/kube/resources.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { DeadlineExceeded } from '../../../operator/runtime/base/deadline.ts'
import { condition, databaseServer, tenant, tenantAdmin, tenantPlan } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

async function provisioned(): Promise<World> {
  const world = ground()
  world.cluster.put(tenantPlan({ spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] } }))
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  world.cluster.writes.length = 0
  world.postgres.statements.length = 0
  return world
}

const children = [
  'Secret tenantry-database',
  'RoleBinding tenantry-admins',
  'NetworkPolicy tenantry-isolation',
  'LimitRange tenantry-limits',
  'ResourceQuota tenantry-quota',
  'ConfigMap tenantry-access',
].map((child) => child.split(' ') as [string, string])

for (const [kind, name] of children) {
  test(`${kind}: deleted by anyone, it is made again in one write`, async (t) => {
    const world = await provisioned()
    world.cluster.remove(kind, `tenant-acme/${name}`)
    await world.pass()
    t.truthy(world.cluster.find(kind, `tenant-acme/${name}`))
    const made = world.cluster.writes.filter((write) => !write.includes('status'))
    t.deepEqual(made, [`create ${kind} tenant-acme/${name}`])
  })

  test(`${kind}: a label of ours taken off is put back, other people's stay`, async (t) => {
    const world = await provisioned()
    const before = world.cluster.find(kind, `tenant-acme/${name}`)
    t.truthy(before)
    if (before === undefined) return
    world.cluster.put({ ...before, metadata: { ...before.metadata, labels: { team: 'red' } } })
    await world.settle()
    const after = world.cluster.find(kind, `tenant-acme/${name}`)
    t.deepEqual(after?.metadata.labels, { team: 'red', ...before.metadata.labels })
    t.is(world.cluster.writes.filter((write) => write.startsWith('replace')).length, 1)
  })
}

const edits: readonly (readonly [string, string, (object: never) => KubeObject])[] = [
  ['RoleBinding', 'tenantry-admins', (each: RoleBinding) => ({ ...each, subjects: [] })],
  [
    'NetworkPolicy',
    'tenantry-isolation',
    (each: NetworkPolicy) => ({ ...each, spec: { podSelector: {}, ingress: [{}] } }),
  ],
  ['ResourceQuota', 'tenantry-quota', (each: KubeObject) => ({ ...each, spec: { hard: {} } }) as KubeObject],
  ['LimitRange', 'tenantry-limits', (each: KubeObject) => ({ ...each, spec: { limits: [] } }) as KubeObject],
  ['Secret', 'tenantry-database', (each: Secret) => ({ ...each, data: { ...each.data, host: 'eA==' } })],
]

for (const [kind, name, edit] of edits) {
  test(`${kind}: edited by anyone, it is put right in one write`, async (t) => {
    const world = await provisioned()
    const key = `tenant-acme/${name}`
    const specOf = () => {
      const { metadata: _metadata, ...rest } = world.cluster.find(kind, key) ?? { metadata: {} }
      return rest
    }
    const before = specOf()
    world.cluster.put(edit(world.cluster.find(kind, key) as never))
    await world.settle()
    t.deepEqual(specOf(), before)
    t.deepEqual(world.cluster.writes, [`replace ${kind} ${key}`])
  })
}

test('a RoleBinding to another role is replaced by a new one, as its role cannot be changed', async (t) => {
  const world = await provisioned()
  const key = 'tenant-acme/tenantry-admins'
  const binding = world.cluster.find<RoleBinding>('RoleBinding', key)
  t.truthy(binding)
  if (binding === undefined) return
  world.cluster.put({ ...binding, roleRef: { ...binding.roleRef, name: 'cluster-admin' } })
  await world.settle()
  t.deepEqual(world.cluster.writes, [`delete RoleBinding ${key}`, `create RoleBinding ${key}`])
})

test('the namespace: our labels are put back, those of others stay', async (t) => {
  const world = await provisioned()
  const before = world.cluster.find<Namespace>('Namespace', 'tenant-acme')
  t.truthy(before)
  if (before === undefined) return
  const changed = { ...before.metadata.labels, 'pod-security.kubernetes.io/enforce': 'privileged', team: 'red' }
  world.cluster.put({ ...before, metadata: { ...before.metadata, labels: changed } })
  await world.settle()
  const after = world.cluster.find('Namespace', 'tenant-acme')
  t.deepEqual(after?.metadata.labels, { ...before.metadata.labels, team: 'red' })
  t.deepEqual(world.cluster.writes, ['patch Namespace tenant-acme'])
})

test('the namespace deleted by anyone: waited for, and all of it is made again', async (t) => {
  const world = await provisioned()
  world.cluster.heldNamespaces.add('tenant-acme')
  world.cluster.remove('Namespace', 'tenant-acme')
  await world.settle()
  t.true(world.conditions().includes('Ready=False NamespaceTerminating'))
  world.cluster.release('tenant-acme')
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
  await logsIn(t, world)
})

async function logsIn(t: ExecutionContext, world: World): Promise<void> {
  const secret = world.cluster.find<Secret>('Secret', 'tenant-acme/tenantry-database')
  const entry = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString()
  const { signal } = new AbortController()
  t.true(await world.postgres.probe(entry('database'), entry('username'), entry('password'), signal))
}

test('a plan whose limits go: the LimitRange of ours goes too, that of somebody else stays', async (t) => {
  const world = await provisioned()
  const foreign = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'theirs', namespace: 'tenant-acme' } }
  world.cluster.put(foreign)
  world.cluster.put(tenantPlan())
  await world.settle()
  t.deepEqual(world.cluster.writes, ['delete LimitRange tenant-acme/tenantry-limits', 'patch Tenant/status home/acme'])
  t.truthy(world.cluster.find('LimitRange', 'tenant-acme/theirs'))
})

test("a LimitRange that bears another tenant's mark is not surplus of ours", async (t) => {
  const world = await provisioned()
  world.cluster.put(tenantPlan())
  const marks = { [labels.installation]: 'main', [labels.tenantUid]: 'another' }
  const metadata = { name: 'tenantry-limits', namespace: 'tenant-acme', labels: marks, uid: 'uid-theirs' }
  world.cluster.remove('LimitRange', 'tenant-acme/tenantry-limits')
  world.cluster.put({ apiVersion: 'v1', kind: 'LimitRange', metadata })
  await world.settle()
  t.deepEqual(world.cluster.writes, ['patch Tenant/status home/acme'])
})

test('a quantity in another spelling is the same', async (t) => {
  const world = await provisioned()
  const quota = world.cluster.find<KubeObject & { spec: object }>('ResourceQuota', 'tenant-acme/tenantry-quota')
  t.truthy(quota)
  if (quota === undefined) return
  const hard = { 'requests.cpu': '2000m', pods: '20', 'services.loadbalancers': '0', 'services.nodeports': '0' }
  world.cluster.put({ ...quota, spec: { hard } })
  await world.settle()
  t.deepEqual(world.cluster.writes, [])
})

const strangers: readonly (readonly [string, KubeObject])[] = [
  [
    'ObjectConflict',
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tenantry-database', namespace: 'tenant-acme' } },
  ],
  [
    'ObjectConflict',
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: {
        name: 'tenantry-quota',
        namespace: 'tenant-acme',
        labels: { [labels.installation]: 'main', [labels.tenantUid]: 'another' },
        annotations: { [annotations.tenant]: 'home/acme' },
      },
    },
  ],
  ['NamespaceConflict', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tenant-acme' } }],
]

for (const [reason, stranger] of strangers) {
  test(`somebody else's ${stranger.kind} under our name is a ${reason}, and is neither changed nor deleted`, async (t) => {
    const world = ground()
    world.cluster.put(tenant())
    const theirs = world.cluster.put(stranger)
    await world.settle()
    t.true(world.conditions().includes(`Stalled=True ${reason}`), world.conditions().join())
    world.cluster.remove('Tenant', 'home/acme')
    if (stranger.kind === 'Namespace') await world.settle()
    const after = world.cluster.find(
      stranger.kind,
      theirs.metadata.namespace === undefined ? 'tenant-acme' : `tenant-acme/${theirs.metadata.name}`,
    )
    t.is(after, theirs)
  })
}

test("somebody else's role under our name is a conflict; deleting the Tenant leaves it where it is", async (t) => {
  const world = ground()
  world.cluster.put(tenant({ spec: { provisioning: 'OnAccept' } }))
  await world.settle()
  const { owner } = (await namesOf(world)) ?? { owner: '' }
  const role = { canLogin: true, connectionLimit: -1, attributes: [], memberOf: [], members: [], settings: [] }
  const databaseState = { operator: 'op', version: 180_004, owner: role, logins: {}, complete: false, sessions: 0 }
  world.postgres.corners.set(owner, databaseState)
  world.edit({ provisioning: 'Immediate' })
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DatabaseConflict'))
  t.true(world.conditions().includes('NamespaceReady=True Provisioned'))
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.is(world.postgres.corners.get(owner), databaseState)
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
  const databaseState = world.postgres.corners.get(owner)
  t.truthy(databaseState?.logins.a)
  if (databaseState?.logins.a === undefined) return
  world.postgres.corners.set(owner, {
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
  const databaseState = world.postgres.corners.get(owner)
  if (databaseState?.logins.a === undefined) return t.fail()
  world.postgres.corners.set(owner, {
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
  const databaseState = world.postgres.corners.get(owner)
  if (databaseState === undefined) return t.fail()
  world.postgres.corners.set(owner, { ...databaseState, dump: 'Expired' })
  t.deepEqual(await world.poll(), ['uid-acme'])
  world.postgres.statements.length = 0
  await world.settle()
  t.true(world.postgres.statements.includes(`EndDump ${owner}`))
  t.is(world.postgres.corners.get(owner)?.dump, undefined)
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
  t.true(slow.conditions().includes('Ready=False Provisioning'))
})
