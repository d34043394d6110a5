/**
 * The operator ends before, or after, each of its effects in turn, or the answer to it is lost; another one begins with
 * nothing in its memory. In the end the world is always the same.
 */
import test from 'ava'
import type { ExecutionContext } from 'ava'

import { KubeError } from '../../../operator/kube/port.ts'
import type { Secret } from '../../../operator/kube/resources.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { tenant, tenantAdmin } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

/** Thrown into the midst of a pass: nothing of it goes on. */
class Killed extends Error {}

type Blow = 'before' | 'after' | 'lost'

/** Lets the operator be struck at its `at`-th effect. Resolves to whether there was such an effect. */
async function struck(world: World, at: number, blow: Blow): Promise<boolean> {
  let effects = 0
  let hit = false
  let dead = false
  const strike = (when: 'before' | 'after', lost: () => Error) => {
    if (dead) throw new Killed()
    if (when === 'before') effects += 1
    const moment = blow === 'before' ? 'before' : 'after'
    if (hit || effects !== at || when !== moment) return
    hit = true
    if (blow === 'lost') throw lost()
    dead = true
    throw new Killed()
  }
  const kubeLost = () => new KubeError('Timeout', 'no answer', 0)
  const postgresLost = () => new PostgresError('Unavailable', 'connection reset')
  world.cluster.before = () => strike('before', kubeLost)
  world.cluster.after = () => strike('after', kubeLost)
  world.postgres.before = (statement) => statement.startsWith('Ensure') && strike('before', postgresLost)
  world.postgres.after = (statement) => statement.startsWith('Ensure') && strike('after', postgresLost)
  const removal = /^(Disable|Terminate|Drop|Write|End)/
  const { before, after } = world.postgres
  world.postgres.before = (statement) => (removal.test(statement) ? strike('before', postgresLost) : before(statement))
  world.postgres.after = (statement) => (removal.test(statement) ? strike('after', postgresLost) : after(statement))
  await world.settle().catch(() => {})
  const quiet = () => {}
  Object.assign(world.cluster, { before: quiet, after: quiet })
  Object.assign(world.postgres, { before: quiet, after: quiet })
  world.restart()
  await world.settle()
  return hit
}

/** Everything that is there, without what differs from run to run: versions, times, the password itself. */
function endState(world: World): unknown {
  const kinds = [
    'Tenant',
    'Namespace',
    'ConfigMap',
    'Secret',
    'RoleBinding',
    'NetworkPolicy',
    'LimitRange',
    'ResourceQuota',
  ]
  const objects = kinds
    .flatMap((kind) => world.cluster.all(kind))
    .map((object) => {
      const { resourceVersion: _version, uid: _uid, generation: _generation, ...metadata } = object.metadata
      const data: unknown = Reflect.get(object, 'data')
      return { ...object, metadata, data: object.kind === 'Secret' ? undefined : data }
    })
  const text = JSON.stringify([objects, [...world.postgres.databases], [...world.postgres.directories]])
  return JSON.parse(text.replaceAll(/"(lastTransitionTime|rotatedAt|formerLoginUntil)":"[^"]*"/g, '"$1":""'))
}

async function logsIn(t: ExecutionContext, world: World): Promise<void> {
  const secret = world.cluster.find<Secret>('Secret', 'tenant-acme/tenantry-database')
  const entry = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString()
  t.true(
    await world.postgres.probe(entry('database'), entry('username'), entry('password'), new AbortController().signal),
  )
}

function declared(): World {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  return world
}

for (const blow of ['before', 'after', 'lost'] as const) {
  test(`creation, struck ${blow} each effect, ends as if nothing had happened`, async (t) => {
    const calm = declared()
    await calm.settle()
    const expected = endState(calm)
    let at = 1
    for (; ; at += 1) {
      const world = declared()
      const hit = await struck(world, at, blow)
      t.deepEqual(endState(world), expected, `at effect ${at}`)
      await logsIn(t, world)
      if (!hit) break
    }
    t.true(at > 10)
  })

  test(`deletion, struck ${blow} each effect, leaves nothing behind`, async (t) => {
    let at = 1
    for (; ; at += 1) {
      const world = declared()
      await world.settle()
      world.cluster.remove('Tenant', 'home/acme')
      const hit = await struck(world, at, blow)
      t.deepEqual([world.cluster.all('Tenant'), world.cluster.all('Namespace').length], [[], 1], `at effect ${at}`)
      t.deepEqual([world.cluster.all('ConfigMap'), [...world.postgres.databases]], [[], []], `at effect ${at}`)
      if (!hit) break
    }
    t.true(at > 5)
  })

  test(`a lost Secret, struck ${blow} each effect, comes back with credentials that work`, async (t) => {
    for (let at = 1; ; at += 1) {
      const world = declared()
      await world.settle()
      world.cluster.remove('Secret', 'tenant-acme/tenantry-database')
      const hit = await struck(world, at, blow)
      await logsIn(t, world)
      t.is(world.message('Ready'), 'The tenant is provisioned.', `at effect ${at}`)
      if (!hit) break
    }
  })
}

/** Somebody asked for another password. */
async function asked(): Promise<World> {
  const world = declared()
  await world.settle()
  const before = world.tenant()
  const annotations = { 'tenantry.dev/rotate-requested-at': 'now' }
  world.cluster.put({ ...before, metadata: { ...before.metadata, annotations } })
  return world
}

for (const blow of ['before', 'after', 'lost'] as const) {
  test(`a rotation, struck ${blow} each effect, ends as if nothing had happened`, async (t) => {
    const grace = 601_001
    const calm = await asked()
    await calm.settle()
    const [changed, over] = [endState(calm), await calm.clock.advance(grace).then(() => calm.settle())]
    t.is(over, undefined)
    const expected = endState(calm)
    let at = 1
    for (; ; at += 1) {
      const world = await asked()
      const early = await struck(world, at, blow)
      t.deepEqual(endState(world), changed, `at effect ${at}`)
      await logsIn(t, world)
      await world.clock.advance(grace)
      await world.settle()
      t.deepEqual(endState(world), expected, `at effect ${at}, when the grace period is over`)
      if (!early) break
    }
    t.is(at, 5)
    for (at = 1; ; at += 1) {
      const world = await asked()
      await world.settle()
      await world.clock.advance(grace)
      const late = await struck(world, at, blow)
      t.deepEqual(endState(world), expected, `at effect ${at} of the end of the grace period`)
      await logsIn(t, world)
      if (!late) break
    }
    t.true(at > 2)
  })
}

test('caches that hear nothing of our own writes make nothing twice', async (t) => {
  const world = declared()
  await world.pass()
  const made = world.cluster.writes.length
  const deaf = declared()
  deaf.cluster.lagging = true
  // The Tenant was heard of before the caches fell behind.
  await deaf.pass()
  await deaf.pass()
  await deaf.pass()
  deaf.cluster.catchUp()
  await deaf.settle()
  t.is(deaf.cluster.writes.length, made)
  t.deepEqual(endState(deaf), endState(world))
})

test('a claim that the cache has not heard of is still a claim: the one who was there first keeps the name', async (t) => {
  const world = declared()
  world.cluster.put(tenant({ name: 'late', uid: 'uid-late', spec: { cloudId: 'acme', subdomain: 'late' } }))
  world.cluster.lagging = true
  await world.pass()
  await world.pass('home/late')
  t.true(world.conditions('home/late').includes('Stalled=True CloudIdConflict'))
  t.is(
    world.cluster.find('ConfigMap', 'tenantry-system/claim-cloud-id-acme')?.metadata.labels?.[
      'tenantry.dev/tenant-uid'
    ],
    'uid-acme',
  )
  t.deepEqual(world.postgres.databases.size, 1)
})
