/** When nothing, or not everything, may be removed. */
import test from 'ava'

import type { KubeObject } from '../../../../operator/kube/port.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { tenant, tenantAdmin } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

async function provisioned(spec: object = {}): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { ...spec } }))
  await world.settle()
  world.cluster.writes.length = 0
  world.postgres.statements.length = 0
  return world
}

const removals = (world: World) => world.effects.filter((effect) => /^(Drop|Disable|Terminate|delete)/.test(effect))

function definition(deletionTimestamp: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: 'tenants.tenantry.dev',
      deletionTimestamp,
      finalizers: ['customresourcecleanup.apiextensions.k8s.io'],
    },
  }
}

test('with the CRD going, the Tenant is let go and everything is kept', async (t) => {
  const world = await provisioned()
  world.cluster.put(definition('2030-01-01T00:00:00Z'))
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.deepEqual(world.effects, ['patch Tenant home/acme'])
  t.is(world.postgres.databases.size, 1)
  t.is(world.cluster.claims().length, 2)
  t.truthy(world.cluster.find('Namespace', 'tenant-acme'))
})

test('with its home namespace going, likewise', async (t) => {
  const world = await provisioned()
  world.cluster.heldNamespaces.add('home')
  world.cluster.remove('Namespace', 'home')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.deepEqual(removals(world), [])
  t.deepEqual(world.cluster.all('Tenant'), [])
})

test('turned off by a pass that could not say so, and then refused to go: the status says that it is off', async (t) => {
  const world = await provisioned({ deletion: { policy: 'Delete', protected: true } })
  world.edit({ state: 'Deactivated' })
  world.cluster.before = (write) => {
    if (write === 'patch Tenant/status home/acme') throw new Error('lost')
  }
  await t.throwsAsync(world.pass())
  world.cluster.before = () => {}
  t.true(world.conditions().includes('Available=True Provisioned'))
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DeletionProtected'))
  t.true(world.conditions().includes('Available=False Deactivated'))
})

test('spec.deletion.policy: Retain keeps everything, the names too', async (t) => {
  const world = await provisioned({ deletion: { policy: 'Retain' } })
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.deepEqual(removals(world), [])
  t.is(world.cluster.claims().length, 2)
})

test('protected: nothing is removed until the protection is lifted', async (t) => {
  const world = await provisioned({ deletion: { protected: true } })
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DeletionProtected'))
  t.deepEqual(removals(world), [])
  world.edit({ deletion: { protected: false, policy: 'Delete' } })
  await world.settle()
  t.deepEqual(world.cluster.all('Tenant'), [])
})

const parts = (world: World) =>
  world.conditions().filter((each) => /^(Available|NamespaceReady|DatabaseReady)=/.test(each))

test('a deletion that is refused says of namespace and database what is so: they are there, and can be used', async (t) => {
  const world = await provisioned({ deletion: { protected: true } })
  const before = parts(world)
  t.deepEqual(before, [
    'Available=True Provisioned',
    'DatabaseReady=True Provisioned',
    'NamespaceReady=True Provisioned',
  ])
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.deepEqual(parts(world), before)
})

test('one that is off is as much off while its deletion is refused', async (t) => {
  const world = await provisioned({ deletion: { protected: true } })
  world.edit({ state: 'Deactivated' })
  await world.settle()
  const before = parts(world)
  t.true(before.includes('Available=False Deactivated'))
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.deepEqual(parts(world), before)
})

test('one whose deletion is refused is turned off like any other, and mended like any other', async (t) => {
  const world = await provisioned({ deletion: { protected: true } })
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  world.edit({ state: 'Deactivated' })
  world.cluster.remove('NetworkPolicy', 'tenant-acme/tenantry-isolation')
  await world.settle()
  const [databaseState] = world.postgres.databases.values()
  t.deepEqual([databaseState?.logins.a?.canLogin, databaseState?.logins.b?.canLogin], [false, false])
  t.truthy(world.cluster.find('ResourceQuota', 'tenant-acme/tenantry-suspension'))
  t.truthy(world.cluster.find('NetworkPolicy', 'tenant-acme/tenantry-isolation'))
  t.is(world.tenant().status?.phase, 'Deleting')
  t.true(world.conditions().includes('Stalled=True DeletionProtected'))
  t.true(world.conditions().includes('Available=False Deactivated'))
})

test('a deletion that is refused when the data is gone already makes nothing anew', async (t) => {
  const world = await provisioned()
  world.cluster.heldNamespaces.add('tenant-acme')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.is(world.postgres.databases.size, 0)
  world.edit({ deletion: { protected: true } })
  world.cluster.writes.length = 0
  world.postgres.statements.length = 0
  await world.settle()
  t.deepEqual(world.effects, ['patch Tenant/status home/acme'])
  t.is(world.postgres.databases.size, 0)
  t.true(world.conditions().includes('Stalled=True DeletionProtected'))
  t.true(world.conditions().includes('Available=False DeletionProtected'))
})

test('protected after its database was dropped: that is no loss, nothing is made anew, and unprotected it ends', async (t) => {
  const world = await provisioned()
  world.cluster.before = (write) => {
    if (write.startsWith('delete Namespace')) throw new Error('killed')
  }
  world.cluster.remove('Tenant', 'home/acme')
  await t.throwsAsync(world.pass())
  t.is(world.postgres.databases.size, 0)
  world.cluster.before = () => {}
  world.restart()
  world.edit({ deletion: { policy: 'Delete', protected: true } })
  await world.settle()
  t.false(world.events.includes('Warning DatabaseMissing'))
  t.is(world.tenant().status?.database?.missingSince, undefined)
  const told = world.conditions().filter((line) => /^(Available|Database|Ready|Stalled)/.test(line))
  t.true(
    told.every((line) => line.endsWith(' DeletionProtected')),
    told.join(),
  )
  t.is(world.postgres.databases.size, 0)
  world.edit({ deletion: { policy: 'Delete', protected: false } })
  await world.settle()
  t.deepEqual(world.cluster.all('Tenant'), [])
})

test('one that was never made is not said to be there while its deletion is refused', async (t) => {
  const world = ground({ empty: true })
  world.cluster.put(tenant({ spec: { deletion: { protected: true } } }))
  await world.settle()
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.deepEqual(parts(world), [
    'Available=False DeletionProtected',
    'DatabaseReady=False DeletionProtected',
    'NamespaceReady=False DeletionProtected',
  ])
})

test('the server unreachable: waits and says so, and goes on when it answers', async (t) => {
  const world = await provisioned()
  world.postgres.down = new PostgresError('Unavailable', 'connection refused')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.true(world.conditions().includes('Ready=False DatabaseUnavailable'))
  t.is(world.tenant().status?.phase, 'Deleting')
  t.truthy(world.cluster.find('Namespace', 'tenant-acme'))
  world.postgres.down = undefined
  await world.settle()
  t.deepEqual(world.cluster.all('Tenant'), [])
  t.is(world.postgres.databases.size, 0)
})

test('the server refuses the look: a person is told, and it goes on when the server tells', async (t) => {
  const world = await provisioned()
  world.postgres.down = new PostgresError('InsufficientPrivilege', 'Permission denied (SQLSTATE 42501).', '42501')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.true(world.conditions().includes('Stalled=True DatabaseRefused'))
  t.truthy(world.cluster.find('Namespace', 'tenant-acme'))
  world.postgres.down = undefined
  await world.settle()
  t.deepEqual(world.cluster.all('Tenant'), [])
})

test('the DatabaseServer gone: waits for it, and lets go when told to retain', async (t) => {
  const world = await provisioned()
  world.cluster.remove('DatabaseServer', 'main')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.true(world.conditions().includes('Ready=False DatabaseServerNotFound'))
  world.edit({ deletion: { protected: false, policy: 'Retain' } })
  await world.settle()
  t.deepEqual(world.cluster.all('Tenant'), [])
})

test('what somebody removed by hand before counts as removed', async (t) => {
  const world = await provisioned()
  world.postgres.databases.clear()
  world.cluster.remove('Namespace', 'tenant-acme')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.deepEqual(removals(world), [
    'delete ConfigMap tenantry-system/claim-cloud-id-acme',
    'delete ConfigMap tenantry-system/claim-host-acme.example.com',
  ])
  t.deepEqual(world.cluster.all('Tenant'), [])
})

test('a stuck namespace: the condition names what holds it', async (t) => {
  const world = await provisioned()
  world.cluster.heldNamespaces.add('tenant-acme')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  const namespace = world.cluster.find('Namespace', 'tenant-acme')
  t.truthy(namespace)
  if (namespace === undefined) return
  const message = 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances'
  const conditions = [{ type: 'NamespaceFinalizersRemaining', status: 'True', message }]
  world.cluster.put({ ...namespace, status: { conditions } } as KubeObject)
  await world.settle()
  t.is(
    world.message('Ready'),
    `Tenantry waits for the deletion of the namespace tenant-acme. What holds it: ${message}`,
  )
})

test('a login that was due when the deletion began is nothing to hurry for', async (t) => {
  const world = await provisioned()
  world.cluster.heldNamespaces.add('tenant-acme')
  world.cluster.remove('Tenant', 'home/acme')
  await world.clock.advance(2 * world.settings.probeInterval)
  await world.settle()
  t.truthy(world.cluster.find('Namespace', 'tenant-acme'))
  t.is(world.due.get('home/acme'), world.settings.retryInterval)
})

test('a drop that is refused is told once, with the reason for which it was; the next tries write nothing', async (t) => {
  const world = await provisioned()
  world.postgres.before = (statement) => {
    if (statement.startsWith('DropDatabase')) throw new PostgresError('InUse', 'A slot is in use.', '55006')
  }
  world.cluster.remove('Tenant', 'home/acme')
  await world.pass()
  t.is(world.message('Stalled'), 'A slot is in use.')
  const written = world.effects.length
  for (let tries = 0; tries < 3; tries += 1) await world.pass()
  t.deepEqual(
    world.effects.slice(written).filter((effect) => effect.includes('Tenant')),
    [],
  )
  world.postgres.before = () => {}
  await world.settle()
  t.is(world.cluster.find('Tenant', 'home/acme'), undefined)
})
