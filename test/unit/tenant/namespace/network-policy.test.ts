/** Isolation Schema as the tenant's reconciler has it; what it is on a server is in test/integration/postgres-schema. */
import test from 'ava'
import { databaseNames } from '../../../../operator/api/names.ts'
import { databaseServer, tenant, tenantPlan } from '../../../gen.ts'
import { World } from '../world.ts'

async function worldWith(isolation: 'Database' | 'Schema' | undefined): Promise<World> {
  const world = new World()
  world.cluster.put(tenantPlan())
  world.cluster.put(databaseServer({ spec: { isolation: ['Database', 'Schema'] } }))
  world.cluster.put(tenant({ spec: { database: isolation === undefined ? {} : { isolation } } }))
  await world.settle()
  return world
}

const secretOf = (world: World) => {
  const [secret] = world.cluster.all('Secret').filter(({ metadata }) => metadata.name === 'tenantry-database')
  const { data } = secret as unknown as { data: Record<string, string> } // the cluster in memory keeps plain objects
  return (key: string) => (data[key] === undefined ? undefined : Buffer.from(data[key], 'base64').toString())
}

test('status and Secret tell the shared database and the schema in it', async (t) => {
  const world = await worldWith('Schema')
  const status = world.tenant().status?.database
  const { database, schema } = databaseNames('main', 'uid-acme', 'Schema')
  t.like(status, { name: database, schema, isolation: 'Schema' })
  t.not(database, schema)
  const entry = secretOf(world)
  t.is(entry('database'), database)
  t.is(entry('schema'), schema)
  t.is(entry('directory'), `${schema}_directory`)
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('how its data is kept is recorded with the place, before anything is made there', async (t) => {
  const world = await worldWith('Schema')
  const { data } = world.cluster.find('ConfigMap', 'tenantry-system/claim-cloud-id-acme') as unknown as { data: object } // as above
  t.like(data, { server: 'main', isolation: 'Schema', database: databaseNames('main', 'uid-acme', 'Schema').database })
})

for (const [from, to] of [
  ['Database', 'Schema'],
  ['Schema', 'Database'],
] as const)
  test(`a change from ${from} to ${to} is refused, and everything goes on as it is`, async (t) => {
    const world = await worldWith(from)
    const before = world.tenant().status?.database
    world.edit({ database: { isolation: to } })
    await world.settle()
    t.true(world.conditions().includes('Stalled=True IsolationFixed'), world.conditions().join())
    t.true(world.conditions().includes('Available=True Provisioned'))
    t.deepEqual(world.tenant().status?.database, before)
    world.edit({ database: { isolation: from } })
    await world.settle()
    t.true(world.conditions().includes('Ready=True Provisioned'))
  })

test("a plan's new default is for later tenants", async (t) => {
  const world = await worldWith(undefined)
  const before = world.tenant().status?.database
  world.cluster.put(tenantPlan({ spec: { database: { isolation: 'Schema' } } }))
  await world.settle()
  t.deepEqual(world.tenant().status?.database, before)
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('without a server that offers it, it waits and says so', async (t) => {
  const world = new World()
  world.cluster.put(tenantPlan())
  world.cluster.put(databaseServer())
  world.cluster.put(tenant({ spec: { database: { isolation: 'Schema' } } }))
  await world.settle()
  t.true(world.conditions().includes('Ready=False IsolationNotOffered'), world.conditions().join())
})
