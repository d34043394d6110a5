/** A person who could read the Secret loses access: the password changes. */
import test from 'ava'
import { tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'
import { credentialsOf, logsIn, provisioned, john, spec } from './rotation-scene.ts'

type Change = (world: World) => void

const people: readonly (readonly [string, boolean, Change])[] = [
  ['is deleted', true, (world) => world.cluster.remove('TenantAdmin', 'home/john')],
  [
    'is deactivated',
    true,
    (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, state: 'Deactivated' } })),
  ],
  ['is archived', true, (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, state: 'Archived' } }))],
  [
    'becomes a sub-admin who only looks',
    true,
    (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, role: 'SubAdmin', permissions: ['look'] } })),
  ],
  [
    'becomes a sub-admin who runs pods',
    false,
    (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, role: 'SubAdmin', permissions: ['run'] } })),
  ],
  [
    'is another Kubernetes user',
    true,
    (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, user: 'jd' } })),
  ],
  [
    'is joined by a third',
    false,
    (world) =>
      world.cluster.put(
        tenantAdmin({ name: 'jill', uid: 'uid-jill', spec: { ...spec, email: 'jill@example.com', username: 'jill' } }),
      ),
  ],
  [
    'changes his name',
    false,
    (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, lastName: 'Doe' } })),
  ],
]

const bindableRoles = ['tenantry-tenant-viewer', 'tenantry-tenant-developer']

const roles = { look: 'tenantry-tenant-viewer', run: 'tenantry-tenant-developer' }

for (const [what, rotates, change] of people) {
  test(`an admin ${what}: ${rotates ? 'another password' : 'the same password'}`, async (t) => {
    const world = ground({ settings: { bindableRoles } })
    world.cluster.put(tenantPlan({ spec: { roles } }))
    world.cluster.put(tenantAdmin())
    world.cluster.put(tenantAdmin({ ...john, spec }))
    world.cluster.put(tenant())
    await world.settle()
    const before = credentialsOf(world)
    const trace: string[] = []
    world.cluster.before = (write) => trace.push(write)
    change(world)
    await world.settle()
    t.is(credentialsOf(world).username !== before.username, rotates)
    const [access, secret] = ['RoleBinding', 'replace Secret'].map((part) =>
      trace.findIndex((each) => each.includes(part)),
    )
    if (rotates) t.true((access ?? 0) < (secret ?? 0), 'access ends before there is a new password to read')
    t.false(JSON.stringify(world.tenant().status?.database).includes('john'))
  })
}

test('an admin of the MSP is none any more: the passwords of its customers change, and that of the MSP', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenantAdmin({ ...john, spec }))
  world.cluster.put(tenant({ spec: { type: 'MSP' } }))
  await world.settle()
  const key = 'tenant-acme/globex'
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex', namespace: 'tenant-acme' }))
  await world.settle(key)
  const before = [credentialsOf(world), credentialsOf(world, 'tenant-globex')]
  world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, role: 'Technician' } }))
  await world.settle()
  await world.settle(key)
  const after = [credentialsOf(world), credentialsOf(world, 'tenant-globex')]
  t.true(after.every(({ username }, index) => username !== before[index]?.username))
})

test('off: an admin who goes changes the password without opening a login; back again, the new one logs in', async (t) => {
  const world = await provisioned()
  const old = credentialsOf(world)
  world.edit({ state: 'Deactivated' })
  await world.settle()
  t.deepEqual(credentialsOf(world), old, 'who may only look meanwhile has not gone')
  const opened: string[] = []
  world.postgres.after = (statement) => {
    const [databaseState] = world.postgres.databases.values()
    if (databaseState?.logins.a?.canLogin === true || databaseState?.logins.b?.canLogin === true) opened.push(statement)
  }
  world.cluster.remove('TenantAdmin', 'home/john')
  await world.settle()
  t.deepEqual(opened, [])
  const now = credentialsOf(world)
  t.not(now.username, old.username)
  t.is(world.tenant().status?.database?.formerLoginUntil, undefined)
  world.edit({ state: 'Active' })
  await world.settle()
  t.deepEqual([logsIn(world, now), logsIn(world, old)], [true, false])
  t.deepEqual(credentialsOf(world), now)
})
