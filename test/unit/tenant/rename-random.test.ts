/**
 * Random renames of several tenants, with crashes before and after any write, lost answers, and caches that lag, all or one
 * alone: nobody is without a name at any moment, former names stay reserved, no name has two holders, and everybody comes
 * to rest.
 */
import test from 'ava'
import { fc } from '../../random.ts'

import { KubeError } from '../../../operator/kube/port.ts'
import type { ConfigMap } from '../../../operator/kube/resources.ts'
import { claimView } from '../../../operator/domain/caches.ts'
import type { NameClaim } from '../../../operator/domain/caches.ts'
import { wantedCloudId } from '../../../operator/domain/desired-names.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import { tenant } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

const month = 30 * 86_400_000
const keys = ['home/a', 'home/b', 'home/c', 'home/m', 'tenant-m/x', 'tenant-m/y'] as const
type Key = (typeof keys)[number]
const names = ['a', 'b', 'c', 'm', 'x', 'y', 'free'] as const

type Event = readonly [what: string, act: (world: World) => void | Promise<void>]

const edit = (key: Key, what: object) => (world: World) => {
  if (world.cluster.find('Tenant', key) !== undefined) world.edit({ ...what }, key)
}
const pass = (key: Key) => async (world: World) => {
  await world.pass(key).catch(() => {})
  noteFormer(world)
}

const claimsIn = (world: World) => world.cluster.all<ConfigMap>('ConfigMap').map(claimView)

/** The former names that were seen after some pass, by claim, and those that were given up while their Tenant lives. */
interface Former {
  readonly seen: Map<string, NameClaim>
  readonly givenUp: Set<string>
}
const formers = new WeakMap<World, Former>()

/** After each pass, as the next one may tell nothing any more of what was lost. */
function noteFormer(world: World): void {
  const { seen, givenUp } = formers.get(world) ?? { seen: new Map<string, NameClaim>(), givenUp: new Set<string>() }
  const now = new Map(claimsIn(world).map((claim) => [claim.name, claim]))
  const living = new Set(world.cluster.all<Tenant>('Tenant').map(({ metadata }) => metadata.uid))
  for (const [name, { holder, until = '' }] of seen) {
    const isOver = Date.parse(until) <= world.clock.now() || !living.has(holder)
    if (!isOver && now.get(name)?.holder !== holder) givenUp.add(`${name} was given up before its time`)
  }
  const kept = [...now].filter(([, { until }]) => until !== undefined)
  formers.set(world, { seen: new Map(kept), givenUp })
}

/** The operator ends, or an answer is lost, at the `at`-th write of a pass. */
const struck = (key: Key, at: number, blow: 'before' | 'after' | 'lost') => async (world: World) => {
  let writes = 0
  let dead = false
  const strike = (when: 'before' | 'after') => {
    if (dead) throw new Error('no longer running')
    if (when === 'before') writes += 1
    if (writes !== at || when !== (blow === 'before' ? 'before' : 'after')) return
    if (blow === 'lost') throw new KubeError('Timeout', 'no answer', 0)
    dead = true
    throw new Error('killed')
  }
  world.cluster.before = () => strike('before')
  world.cluster.after = () => strike('after')
  await pass(key)(world)
  Object.assign(world.cluster, { before: () => {}, after: () => {} })
  if (!dead) return
  world.restart()
  world.cluster.catchUp()
}

/** Each wants the name that the next one has, and the last that of the first; the operator is struck on the way. */
const cycles: fc.Arbitrary<Event> = fc
  .tuple(
    fc.shuffledSubarray(['home/a', 'home/b', 'home/c'] as const, { minLength: 2 }),
    fc.integer({ min: 1, max: 9 }),
    fc.constantFrom('before', 'after', 'lost'),
  )
  .map(([members, at, blow]) => [
    `a ring of ${members.join()}, struck ${blow} write ${at}`,
    async (world) => {
      const living = members.filter((key) => world.cluster.find('Tenant', key) !== undefined)
      const called = living.map((key) => world.tenant(key).status?.cloudId)
      for (const [index, key] of living.entries()) edit(key, { cloudId: called[(index + 1) % living.length] })(world)
      for (const key of living.toSorted()) await struck(key, at, blow)(world)
    },
  ])

/** A rename of which the cache of one kind hears no more from some pass on. */
const deaf: fc.Arbitrary<Event> = fc
  .tuple(
    fc.constantFrom(...keys),
    fc.constantFrom(...names),
    fc.constantFrom('ConfigMap', 'Tenant'),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([key, name, kind, from]) => [
    `${key} wants ${name}, and ${kind}s are not heard of from pass ${from} on`,
    async (world) => {
      edit(key, { cloudId: name })(world)
      for (let passes = 0; passes < 4; passes += 1) {
        if (passes === from) world.cluster.lag(kind)
        await pass(key)(world)
      }
    },
  ])

const events: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: cycles },
  { weight: 2, arbitrary: deaf },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...keys), fc.constantFrom(...names))
      .map(([key, name]): Event => [`${key} wants ${name}`, edit(key, { cloudId: name })]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...keys), fc.constantFrom(...names))
      .map(([key, name]): Event => [`${key} wants to be at ${name}`, edit(key, { subdomain: name })]),
  },
  { weight: 6, arbitrary: fc.constantFrom(...keys).map((key): Event => [`pass ${key}`, pass(key)]) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...keys), fc.integer({ min: 1, max: 7 }), fc.constantFrom('before', 'after', 'lost'))
      .map(([key, at, blow]): Event => [`${blow} write ${at} of ${key}`, struck(key, at, blow)]),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Event>(
      ['caches lag', (world) => void (world.cluster.lagging = true)],
      ['caches catch up', (world) => world.cluster.catchUp()],
      ['a month passes', (world) => world.clock.advance(month)],
      ['a is deactivated', edit('home/a', { state: 'Deactivated' })],
      ['a is active', edit('home/a', { state: 'Active' })],
      ['b is deleted', (world) => world.cluster.remove('Tenant', 'home/b')],
      [
        'b is retained',
        (world) => (
          edit('home/b', { deletion: { policy: 'Retain', protected: false } })(world),
          world.cluster.remove('Tenant', 'home/b')
        ),
      ],
    ),
  },
)

async function declared(): Promise<World> {
  const world = ground()
  for (const key of keys) {
    const [namespace = '', name = ''] = key.split('/')
    world.cluster.put(tenant({ name, namespace, uid: `uid-${name}`, spec: name === 'm' ? { type: 'MSP' } : {} }))
    await world.settle(key)
  }
  return world
}

const present = (claims: readonly NameClaim[], uid: string | undefined, kind: NameClaim['kind']) =>
  claims.filter((claim) => claim.holder === uid && claim.kind === kind && claim.until === undefined)

/** At any moment: each that lives has a Cloud ID by a claim, or by an exchange that is decided. */
function nameless(world: World): readonly string[] {
  const claims = claimsIn(world)
  const heirs = new Set(claims.flatMap(({ handovers }) => handovers.map(({ data }) => data['uid'])))
  return world.cluster
    .all<Tenant>('Tenant')
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ metadata: { uid } }) => present(claims, uid, 'CloudId').length === 0 && !heirs.has(uid))
    .map(({ metadata }) => `${metadata.name} has no name`)
}

/** At rest. */
function disorder(world: World): readonly string[] {
  const claims = claimsIn(world)
  const ofTenant = (one: Tenant): readonly string[] => {
    const { uid, name } = one.metadata
    const [cloudId, ...more] = present(claims, uid, 'CloudId')
    const [host, ...others] = present(claims, uid, 'Host')
    const stalled = one.status?.conditions?.find(({ type }) => type === 'Stalled')?.reason
    const same =
      cloudId?.value === one.status?.cloudId &&
      host?.value === one.status?.host &&
      cloudId?.namespace === one.status?.namespace &&
      cloudId?.server === one.status?.database?.server
    return [
      ...(more.length + others.length === 0 ? [] : [`${name} has too many names`]),
      ...(same ? [] : [`the status of ${name} tells otherwise than its claims`]),
      ...(one.status?.url === `https://${host?.value}` ? [] : [`${name} is told another URL`]),
      ...(wantedCloudId(one) === cloudId?.value || stalled !== undefined ? [] : [`${name} has not what it wants`]),
      ...(stalled === undefined && one.status?.conditions?.some(({ type }) => type === 'Reconciling')
        ? [`${name} waits`]
        : []),
    ]
  }
  return [
    ...world.cluster.all<Tenant>('Tenant').flatMap(ofTenant),
    ...claims
      .filter(({ bound, handovers }) => bound !== undefined || handovers.length > 0)
      .map(({ name }) => `${name} is in an exchange`),
    ...circles(world, claims),
  ]
}

/** Names that are wanted crosswise and were not exchanged. */
function circles(world: World, claims: readonly NameClaim[]): readonly string[] {
  const wants = new Map(
    world.cluster.all<Tenant>('Tenant').flatMap((one) => {
      const [own] = present(claims, one.metadata.uid, 'CloudId')
      return own === undefined || own.value === wantedCloudId(one) ? [] : [[own.value, wantedCloudId(one)] as const]
    }),
  )
  return [...wants.keys()].filter((start) => {
    let at = wants.get(start)
    for (let steps = 0; at !== undefined && at !== start && steps < 10; steps += 1) at = wants.get(at)
    return at === start
  })
}

test('after any renames, whatever happened in between: each has one name, nobody another’s, and there is rest', async (t) => {
  t.timeout(300_000)
  const life = fc.array(events, { minLength: 4, maxLength: 40 })
  const property = fc.asyncProperty(life, async (lived) => {
    const world = await declared()
    for (const [what, act] of lived) {
      await act(world)
      const without = [...nameless(world), ...(formers.get(world)?.givenUp ?? [])]
      if (without.length > 0) throw new Error(`${without.join('; ')} after ${what}`)
    }
    world.cluster.catchUp()
    await world.settleAll()
    const found = disorder(world)
    if (found.length > 0) throw new Error(`${found.join('; ')} after ${lived.map(([what]) => what).join('; ')}`)
  })
  const numRuns = Number(process.env['TENANTRY_TEST_LIVES'] ?? 60)
  await fc.assert(property, { numRuns })
  t.pass()
})
