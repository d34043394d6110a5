import test from 'ava'

import { databaseServer, tenant, tenantPlan } from '../../gen.ts'
import { World } from './world.ts'

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

for (const [what, servers, wish, planned, expected] of table) {
  test(`placed ${what}`, async (t) => {
    const world = new World()
    world.cluster.put(tenantPlan({ spec: { database: planned } }))
    for (const each of servers) world.cluster.put(each)
    world.cluster.put(tenant({ spec: { database: wish } }))
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
