/** What a license does to a tenant and to the customers of an MSP. */
import test from 'ava'

import { licenseSecretType } from '../../../operator/api/names.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import type { License } from '../../../operator/license/license.ts'
import { TenantSeats } from '../../../operator/tenant/observe/seats.ts'
import type { Decision } from '../../../operator/tenant/model/decision.ts'
import type { Snapshot } from '../../../operator/tenant/model/snapshot.ts'
import { databaseServer, tenant, tenantAdmin, tenantPlan } from '../../gen.ts'
import { issuer } from '../../licenses.ts'
import { World } from './world.ts'

const licenses = issuer()
const day = 86_400_000

function licensedWorld(): World {
  const world = new World()
  world.publicKeys = licenses.publicKeys
  world.restart()
  world.cluster.put(tenantPlan())
  world.cluster.put(databaseServer())
  world.cluster.put(tenantAdmin())
  return world
}

const key = (world: World, over: Partial<License> = {}) =>
  licenses.issue({ issuedAt: world.clock.now(), expiresAt: world.clock.now() + day, ...over })

const conditions = (world: World, pattern: RegExp, of = 'home/acme') =>
  world.conditions(of).filter((each) => pattern.test(each))

test('a good license is recorded in the status, which holds nothing of its key', async (t) => {
  const world = licensedWorld()
  const text = await key(world, { customers: 5 })
  world.cluster.put(tenant({ spec: { license: { key: text } } }))
  await world.settle()
  t.deepEqual(conditions(world, /^(Ready|LicenseValid|Stalled)/), ['LicenseValid=True Valid', 'Ready=True Provisioned'])
  t.like(world.tenant().status?.license, { id: 'license-1', customers: 5 })
  t.false(JSON.stringify(world.tenant().status).includes(text.slice(-30)))
  const writes = world.cluster.writes.length
  await world.pass()
  t.is(world.cluster.writes.length, writes)
})

test('garbage in place of a license stalls the tenant and takes nothing, not even its end', async (t) => {
  const world = licensedWorld()
  world.cluster.put(tenant({ spec: { license: { key: await key(world) } } }))
  await world.settle()
  const before = world.tenant().status
  world.edit({ license: { key: 'garbage' } })
  await world.settle()
  t.deepEqual(conditions(world, /^(Available|LicenseValid|Stalled)/), [
    'Available=True Provisioned',
    'LicenseValid=False LicenseInvalid',
    'Stalled=True LicenseInvalid',
  ])
  t.deepEqual(world.tenant().status?.license, before?.license)
  await world.clock.advance(day)
  await world.settle()
  t.is(world.tenant().status?.phase, 'Expired')
  world.edit({ license: { key: await key(world) } })
  await world.settle()
  t.is(world.tenant().status?.phase, 'Active')
  t.deepEqual(conditions(world, /^(Ready|Stalled)/), ['Ready=True Provisioned'])
})

test('a pass is due when the license ends, and when one that is early begins', async (t) => {
  const world = licensedWorld()
  world.cluster.put(tenant({ spec: { license: { key: await key(world) } } }))
  await world.settle()
  t.true((world.due.get('home/acme') ?? Infinity) <= day)
  world.edit({ license: { key: await key(world, { notBefore: world.clock.now() + 90_000 }) } })
  await world.settle()
  t.true((world.due.get('home/acme') ?? Infinity) <= 30_000)
})

test('a license for a former Cloud ID is good, also when its alias is over', async (t) => {
  const world = licensedWorld()
  const bare = tenant({ spec: { license: { key: await key(world, { cloudId: 'before' }) } } })
  world.cluster.put({ ...bare, status: { observedGeneration: 0, formerCloudIds: ['before'] } })
  await world.settle()
  t.deepEqual(conditions(world, /^(Ready|LicenseValid)/), ['LicenseValid=True Valid', 'Ready=True Provisioned'])
  t.deepEqual(world.tenant().status?.formerCloudIds, ['before'])
})

test('the Secret: nothing is made before it is there, and what is made outlives it', async (t) => {
  const world = licensedWorld()
  world.cluster.put(tenant({ spec: { license: { secretRef: { name: 'license' } } } }))
  await world.settle()
  const waiting = ['LicenseValid=False SecretNotFound', 'Ready=False SecretNotFound', 'Reconciling=True SecretNotFound']
  t.deepEqual(conditions(world, /^(Ready|LicenseValid|Stalled|Reconciling)/), waiting)
  t.is(world.cluster.find('Namespace', 'tenant-acme'), undefined)
  const data = { license: Buffer.from(`${await key(world)}\n`).toString('base64') }
  const metadata = { name: 'license', namespace: 'home' }
  world.cluster.put({ apiVersion: 'v1', kind: 'Secret', metadata, type: licenseSecretType, data })
  await world.settle()
  t.deepEqual(conditions(world, /^(Ready|LicenseValid)/), ['LicenseValid=True Valid', 'Ready=True Provisioned'])
  world.cluster.remove('Secret', 'home/license')
  await world.settle()
  t.deepEqual(conditions(world, /^(Ready|LicenseValid|Stalled|Reconciling)/), waiting)
  t.deepEqual(conditions(world, /^Available/), ['Available=True Provisioned'])
})

test('no public key: what is missing is said, with the way out', async (t) => {
  const world = licensedWorld()
  world.publicKeys = new Map()
  world.restart()
  world.cluster.put(tenant({ spec: { license: { key: await key(world) } } }))
  await world.settle()
  t.regex(world.message('LicenseValid') ?? '', /no public key.*license\.publicKeys of the chart/)
})

test('the lower of the license and spec.customers.max counts', async (t) => {
  for (const [max, licensed, by] of [
    [1, 5, /spec\.customers\.max/],
    [5, 1, /of its license \(1\)/],
  ] as const) {
    const world = licensedWorld()
    const text = await key(world, { cloudId: 'northwind', customers: licensed })
    const msp = { type: 'MSP', customers: { max }, license: { key: text } }
    world.cluster.put(tenant({ name: 'northwind', uid: 'uid-northwind', spec: msp }))
    await world.settle('home/northwind')
    for (const name of ['one', 'two']) {
      world.cluster.put(tenant({ name, uid: `uid-${name}`, namespace: 'tenant-northwind' }))
      await world.settle(`tenant-northwind/${name}`)
    }
    t.deepEqual(conditions(world, /^Ready/, 'tenant-northwind/one'), ['Ready=True Provisioned'])
    t.deepEqual(conditions(world, /^Stalled/, 'tenant-northwind/two'), ['Stalled=True CustomerLimitReached'])
    t.regex(world.message('Stalled', 'tenant-northwind/two') ?? '', by)
  }
})

test('without its license an MSP has no limit from it', async (t) => {
  const world = licensedWorld()
  const text = await key(world, { cloudId: 'northwind', customers: 0 })
  world.cluster.put(tenant({ name: 'northwind', uid: 'uid-northwind', spec: { type: 'MSP', license: { key: text } } }))
  await world.settle('home/northwind')
  world.cluster.put(tenant({ name: 'one', uid: 'uid-one', namespace: 'tenant-northwind' }))
  await world.settle('tenant-northwind/one')
  t.deepEqual(conditions(world, /^Stalled/, 'tenant-northwind/one'), ['Stalled=True CustomerLimitReached'])
  await world.settle('home/northwind')
  t.deepEqual(conditions(world, /^LicenseValid/, 'home/northwind'), ['LicenseValid=False LicenseExceeded'])
  world.edit({ license: undefined }, 'home/northwind')
  await world.settle('home/northwind')
  t.is(world.tenant('home/northwind').status?.license, undefined)
  await world.settle('tenant-northwind/one')
  t.deepEqual(conditions(world, /^Ready/, 'tenant-northwind/one'), ['Ready=True Provisioned'])
})

test('passes side by side begin no more customers than the license is for', (t) => {
  const seats = new TenantSeats({ by: () => [] })
  const parent: Tenant = {
    ...tenant({ name: 'northwind', spec: { type: 'MSP', license: { key: 'x' } } }),
    status: { observedGeneration: 1, license: { id: '1', expiresAt: '2031-01-01T00:00:00Z', customers: 2 } },
  }
  const home = { kind: 'Msp', parent, ancestors: [parent] }
  const decision: Decision = { stages: [[{ target: 'Database', actions: [] }]], outlook: undefined }
  const taken = ['a', 'b', 'c'].map((uid) => {
    // All that the seats look at.
    const seen = { home, identity: { uid }, names: {}, tenant: tenant({ namespace: 'tenant-northwind' }) }
    return seats.take(seen as unknown as Snapshot, decision)
  })
  t.deepEqual(taken, [true, true, false])
})
