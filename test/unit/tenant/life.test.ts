/** Whole lives, with every effect in order: golden traces. */
import test from 'ava'

import { databaseServer, homeNamespace, tenant, tenantAdmin, tenantPlan } from '../../gen.ts'
import { ground } from './world.ts'

test('declared with an accepted admin: everything in one pass, in twelve writes', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.pass()
  t.snapshot(world.effects)
  t.true(world.cluster.writes.length <= 12)
  t.deepEqual(world.conditions(), [
    'AdminAccepted=True Accepted',
    'Available=True Provisioned',
    'DatabaseReady=True Provisioned',
    'LicenseValid=True NoLicense',
    'NamespaceReady=True Provisioned',
    'Ready=True Provisioned',
  ])
  t.snapshot(world.tenant().status)
})

test('converged: not one write, not one statement', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  const before = [world.effects.length, world.postgres.statements.length]
  for (let pass = 0; pass < 5; pass += 1) await world.pass()
  t.deepEqual([world.effects.length, world.postgres.statements.length], before)
})

test('turned off right after its database was made: nothing is set up inside it again', async (t) => {
  const world = ground()
  await world.poll()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  const { statements } = world.postgres
  const before = statements.length
  world.edit({ state: 'Deactivated' })
  await world.settle()
  const since = statements.slice(before).map((statement) => statement.split(' ')[0])
  t.true(since.includes('TerminateSessions'))
  t.false(since.includes('EnsureInside'))
})

test('OnAccept: only the names are claimed until an admin accepts, then all is made', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin({ invite: 'Pending' }))
  world.cluster.put(tenant({ spec: { provisioning: 'OnAccept' } }))
  await world.settle()
  t.snapshot(world.effects)
  t.deepEqual(world.conditions(), [
    'AdminAccepted=False AwaitingAnswer',
    'Available=False AwaitingAcceptance',
    'DatabaseReady=False AwaitingAcceptance',
    'LicenseValid=True NoLicense',
    'NamespaceReady=False AwaitingAcceptance',
    'Ready=True AwaitingAcceptance',
  ])
  t.is(world.tenant().status?.phase, 'Pending')
  world.cluster.put(tenantAdmin())
  await world.settle()
  t.snapshot(world.effects)
  t.true(world.cluster.writes.length <= 14)
  t.is(world.tenant().status?.phase, 'Active')
})

test('an acceptance is not undone: with its admin gone, the tenant stays', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { provisioning: 'OnAccept' } }))
  await world.settle()
  world.cluster.remove('TenantAdmin', 'home/jane')
  await world.settle()
  t.is(world.message('Ready'), 'The tenant is provisioned.')
  t.is(world.cluster.find('RoleBinding', 'tenant-acme/tenantry-admins'), undefined)
})

test('deleted: said first, then the database, the namespace, the claims, the finalizer', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  const made = world.effects.length
  const trace: string[] = []
  world.cluster.before = (write) => trace.push(write)
  world.postgres.before = (statement) => trace.push(statement)
  world.cluster.heldNamespaces.add('tenant-acme')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.is(world.message('Ready'), 'Tenantry waits for the deletion of the namespace tenant-acme.')
  t.is(world.message('Reconciling'), 'Tenantry waits for the deletion of the namespace tenant-acme.')
  world.cluster.release('tenant-acme')
  await world.settle()
  t.snapshot(trace.filter((step) => step !== 'catalogue'))
  t.true(world.effects.length > made)
  t.is(world.cluster.find('Tenant', 'home/acme'), undefined)
  t.deepEqual(world.cluster.all('ConfigMap'), [])
  t.deepEqual([...world.postgres.databases.keys()], [])
})

test('never provisioned: the deletion only releases the names', async (t) => {
  const world = ground()
  world.cluster.put(tenant({ spec: { provisioning: 'OnAccept' } }))
  await world.settle()
  world.cluster.writes.length = 0
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.deepEqual(world.effects, [
    'delete ConfigMap tenantry-system/claim-cloud-id-acme',
    'delete ConfigMap tenantry-system/claim-host-acme.example.com',
    'patch Tenant home/acme',
  ])
})

test('an MSP and its customer: admins inherited, hosts joined, no deletion before the customers', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { type: 'MSP' } }))
  await world.settle()
  const key = 'tenant-acme/globex'
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex', namespace: 'tenant-acme' }))
  await world.settle(key)
  await world.settle()
  t.is(world.tenant(key).status?.url, 'https://globex-acme.example.com')
  t.is(world.tenant().status?.customers, 1)
  t.like(world.cluster.find('RoleBinding', 'tenant-globex/tenantry-inherited-admins'), {
    roleRef: { name: 'tenantry-tenant-admin' },
    subjects: [{ kind: 'User', name: 'oidc:jane@example.com' }],
  })
  t.like(world.postgres.directories.get(world.tenant(key).status?.database?.name ?? ''), [
    { origin: 'msp:acme', username: 'jane' },
  ])
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.is(
    world.message('Stalled'),
    'The MSP still has customers: globex. Delete them first; until then nothing of the MSP is removed.',
  )
  world.cluster.remove('Tenant', key)
  await world.settle(key)
  await world.settle()
  t.deepEqual(world.cluster.all('Tenant'), [])
  t.deepEqual([...world.postgres.databases.keys()], [])
})

test('a demotion in the MSP takes the access to every customer away', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { type: 'MSP' } }))
  await world.settle()
  const key = 'tenant-acme/globex'
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex', namespace: 'tenant-acme' }))
  await world.settle(key)
  world.cluster.put(tenantAdmin({ spec: { role: 'Technician' } }))
  await world.settle(key)
  t.is(world.cluster.find('RoleBinding', 'tenant-globex/tenantry-inherited-admins'), undefined)
  t.deepEqual(world.postgres.directories.get(world.tenant(key).status?.database?.name ?? ''), [])
})

test('nothing there yet: the condition says what is missing, and all goes on when it comes', async (t) => {
  const world = ground({ empty: true })
  world.cluster.put(tenant())
  await world.settle()
  t.is(
    world.message('Reconciling'),
    'No TenantPlan is marked default and spec.plan names none. Create a TenantPlan with spec.default: true, or name one in spec.plan.',
  )
  world.cluster.put(tenantPlan())
  await world.settle()
  t.is(
    world.message('Reconciling'),
    'There is no DatabaseServer. Create one with the address of PostgreSQL and the credentials of an administrator.',
  )
  t.is(world.cluster.find('Namespace', 'tenant-acme'), undefined)
  world.cluster.put(databaseServer())
  await world.settle()
  t.is(world.message('Ready'), 'The tenant is provisioned.')
  t.is(world.message('Reconciling'), undefined)
})

test('a second home namespace: the same Cloud ID is refused, and given up it is free', async (t) => {
  const world = ground()
  world.cluster.put(homeNamespace('other'))
  world.cluster.put(tenant())
  await world.settle()
  world.cluster.put(tenant({ namespace: 'other', uid: 'uid-second', creationTimestamp: '2020-01-01T00:00:00Z' }))
  await world.settle('other/acme')
  t.is(
    world.message('Stalled', 'other/acme'),
    'The Cloud ID acme is taken by another tenant. Choose another one in spec.cloudId.',
  )
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  await world.settle('other/acme')
  t.is(world.message('Ready', 'other/acme'), 'The tenant is provisioned.')
})
