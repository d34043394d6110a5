import test from 'ava'

import { databaseServer, tenant, tenantPlan } from '../../../gen.ts'
import { World } from '../world.ts'

type Over = Parameters<typeof databaseServer>[0]
const server = (name: string, over: Over = {}) => databaseServer({ name, uid: `uid-${name}`, ...over })
const labelled = (name: string, region: string) => server(name, { labels: { region } })
const sharing = (name: string) => server(name, { spec: { isolation: ['Database', 'Schema'] } })
const limited = (name: string, maxTenants: number) => server(name, { spec: { capacity: { maxTenants } } })

const table: readonly (readonly [string, readonly ReturnType<typeof server>[], object, object, string | undefined])[] =
  [
    ['by name where all have the same room', [server('b'), server('a')], {}, {}, 'a'],
    ['where the most room is', [limited('a', 5), limited('b', 9)], {}, {}, 'b'],
    ['not where none may be placed', [server('a', { spec: { unschedulable: true } }), server('b')], {}, {}, 'b'],
    ['not where it is full', [limited('a', 0), limited('b', 1)], {}, {}, 'b'],
    ['where its isolation is offered', [server('a'), sharing('b')], { isolation: 'Schema' }, {}, 'b'],
    ['where the isolation of the plan is offered', [server('a'), sharing('b')], {}, { isolation: 'Schema' }, 'b'],
    ['nowhere where its isolation is not offered', [server('a')], { isolation: 'Schema' }, {}, undefined],
    ['where the spec says', [server('a'), server('b')], { server: 'b' }, {}, 'b'],
    ['where the plan says', [server('a'), server('b')], {}, { server: 'b' }, 'b'],
    ["the spec's word before the plan's", [server('a'), server('b')], { server: 'a' }, { server: 'b' }, 'a'],
    [
      'by label',
      [labelled('a', 'eu'), labelled('b', 'us')],
      { serverSelector: { matchLabels: { region: 'us' } } },
      {},
      'b',
    ],
    [
      'by expression',
      [labelled('a', 'eu'), labelled('b', 'us')],
      { serverSelector: { matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['eu'] }] } },
      {},
      'b',
    ],
    [
      'nowhere without a match',
      [labelled('a', 'eu')],
      { serverSelector: { matchLabels: { region: 'us' } } },
      {},
      undefined,
    ],
  ]

for (const [what, servers, desired, planned, expected] of table) {
  test(`placed ${what}`, async (t) => {
    const world = new World()
    world.cluster.put(tenantPlan({ spec: { database: planned } }))
    for (const each of servers) world.cluster.put(each)
    world.cluster.put(tenant({ spec: { database: desired } }))
    await world.settle()
    t.is(world.tenant().status?.database?.server, expected)
  })
}

test('a tenant stays where it was placed, whatever becomes roomier', async (t) => {
  const world = new World()
  world.cluster.put(tenantPlan())
  world.cluster.put(limited('a', 5))
  world.cluster.put(tenant())
  await world.settle()
  world.cluster.put(limited('b', 500))
  await world.settle()
  t.is(world.tenant().status?.database?.server, 'a')
})

test('which PostgreSQL server it was placed on is recorded in its claim, and goes with it through a rename', async (t) => {
  const world = new World()
  const { status, ...rest } = databaseServer()
  world.cluster.put({ ...rest, status: { ...status, observedGeneration: 1, systemIdentifier: '75' } })
  world.cluster.put(tenantPlan())
  world.cluster.put(tenant())
  await world.settle()
  const recorded = () => [...world.cluster.caches.claims.by('holder', world.tenant().metadata.uid ?? '')]
  const current = () => recorded().find(({ kind, until }) => kind === 'CloudId' && until === undefined)
  t.like(current(), { value: 'acme', systemIdentifier: '75' })
  world.cluster.put({ ...rest, status: { ...status, observedGeneration: 1, systemIdentifier: '76' } })
  world.edit({ cloudId: 'acme2' })
  await world.settle()
  t.like(current(), { value: 'acme2', systemIdentifier: '75' })
  t.deepEqual(
    recorded().filter(({ kind, systemIdentifier }) => kind === 'Host' && systemIdentifier !== undefined),
    [],
  )
})

test('places are counted: the second tenant goes to the server that has more room then', async (t) => {
  const world = new World()
  world.cluster.put(tenantPlan())
  world.cluster.put(limited('a', 5))
  world.cluster.put(limited('b', 5))
  world.cluster.put(tenant())
  await world.settle()
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex' }))
  await world.settle('home/globex')
  t.deepEqual(
    [world.tenant().status?.database?.server, world.tenant('home/globex').status?.database?.server],
    ['a', 'b'],
  )
})

/** What a customer is told whose MSP may use none of the servers that fit; `planned` and `desired`: spec.database of both. */
const excluded: readonly (readonly [string, object, object, string, string])[] = [
  [
    'the server that the spec names',
    { server: 'a' },
    {},
    'Stalled=True DatabaseServerNotAllowed',
    'spec.database.server: a is not among the servers that the parent MSP northwind may use for its customers (its spec.customers.servers: c). Name one of those, or none, or ask for a change of that list.',
  ],
  [
    'the server that the plan names',
    {},
    { server: 'a' },
    'Stalled=True DatabaseServerNotAllowed',
    'spec.database.server of the TenantPlan standard: a is not among the servers that the parent MSP northwind may use for its customers (its spec.customers.servers: c). Name one of those in spec.database.server, or ask for a change of that list.',
  ],
  [
    'every server that there is',
    {},
    {},
    'Reconciling=True DatabaseServerNotAllowed',
    'None of the database servers (a, b) is among the servers that the parent MSP northwind may use for its customers (its spec.customers.servers: c). Add a DatabaseServer of such a name, or ask for a change of that list.',
  ],
  [
    'every server with the labels that are asked for',
    { serverSelector: { matchLabels: { region: 'eu' } } },
    {},
    'Reconciling=True DatabaseServerNotAllowed',
    'None of the database servers that spec.database.serverSelector asks for (a) is among the servers that the parent MSP northwind may use for its customers (its spec.customers.servers: c). Change the selector, or ask for a change of that list.',
  ],
  [
    'a server that is not there, as the plan names it',
    {},
    { server: 'c' },
    'Reconciling=True DatabaseServerNotFound',
    'spec.database.server of the TenantPlan standard names the DatabaseServer c, which does not exist. Create it, or name another one.',
  ],
]

for (const [what, desired, planned, condition, message] of excluded) {
  test(`an MSP that may not use what its customer would get is named: ${what}`, async (t) => {
    const world = new World()
    const key = 'tenant-northwind/acme'
    world.cluster.put(tenantPlan())
    world.cluster.put(labelled('a', 'eu'))
    world.cluster.put(labelled('b', 'us'))
    const customers = { servers: ['c'] }
    world.cluster.put(tenant({ name: 'northwind', uid: 'uid-northwind', spec: { type: 'MSP', customers } }))
    await world.settle('home/northwind')
    world.cluster.put(tenantPlan({ spec: { database: planned } }))
    world.cluster.put(tenant({ namespace: 'tenant-northwind', spec: { database: desired } }))
    await world.settle(key)
    t.true(world.conditions(key).includes(condition), world.conditions(key).join())
    t.is(world.message('Ready', key), message)
  })
}
