/** Former names of tenants that were kept when their Tenant went: free when their time is over, and not before. */
import test from 'ava'
import { decide } from '../../../operator/nameclaim/decide.ts'
import { createClaimReconciler } from '../../../operator/nameclaim/reconciler.ts'
import { labels } from '../../../operator/api/names.ts'
import { claimView } from '../../../operator/domain/caches.ts'
import type { NameClaim } from '../../../operator/domain/caches.ts'
import { tenant } from '../../gen.ts'
import { ground } from '../tenant/world.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import type { World } from '../tenant/world.ts'

const until = '2030-02-01T00:00:00Z'
const end = Date.parse(until)
const plain = claimView({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'claim-cloud-id-old' } })
const kept: NameClaim = { ...plain, retained: true, until }

const table: readonly (readonly [string, NameClaim, boolean, number, string])[] = [
  ['before its time is over', kept, false, end - 5, 'Wait 5'],
  ['when it is over', kept, false, end, 'Release'],
  ['long after', kept, false, end + 1e9, 'Release'],
  ['while its Tenant is there', kept, true, end, 'Keep'],
  ['a name of today', { ...kept, until: undefined }, false, end, 'Keep'],
  ['of a tenant that was not kept on purpose', { ...kept, retained: false }, false, end, 'Keep'],
  ['in an exchange', { ...kept, bound: { to: 'claim-cloud-id-x', by: 'uid-x' } }, false, end, 'Keep'],
]

for (const [what, claim, held, now, wanted] of table)
  test(`a claim ${what}: ${wanted}`, (t) => {
    const decision = decide(claim, held, now)
    t.is(decision.kind === 'Wait' ? `Wait ${decision.after}` : decision.kind, wanted)
  })

const claims = (world: World) =>
  world.cluster
    .all('ConfigMap')
    .map(({ metadata }) => metadata.name)
    .toSorted()
const month = 31 * 86_400_000

/** Renamed, and deleted with policy Retain. */
async function renamedAndKept(): Promise<World> {
  const world = ground()
  world.cluster.put(tenant({ spec: { deletion: { protected: false, policy: 'Retain' } } }))
  await world.settle()
  world.edit({ cloudId: 'globex' })
  await world.settle()
  world.cluster.remove('Tenant', 'home/acme')
  await world.pass()
  return world
}

const reconcilerOf = ({ cluster, clock }: World) =>
  createClaimReconciler({ caches: cluster.caches, kube: cluster.kube, clock, log: silent })

async function lookAtAll(world: World): Promise<void> {
  const { signal } = new AbortController()
  for (const name of claims(world)) await reconcilerOf(world)(`tenantry-system/${name}`, signal)
}

const former = ['claim-cloud-id-acme', 'claim-host-acme.example.com']
const present = ['claim-cloud-id-globex', 'claim-host-globex.example.com']

test('what it was called is free after its time, also for another tenant; what it is called stays', async (t) => {
  const world = await renamedAndKept()
  await lookAtAll(world)
  t.deepEqual(claims(world), [...former, ...present].toSorted())
  await world.clock.advance(month)
  await lookAtAll(world)
  t.deepEqual(claims(world), present)
  world.cluster.put(tenant({ name: 'next', uid: 'uid-next', spec: { cloudId: 'acme' } }))
  await world.settle('home/next')
  t.is(world.tenant('home/next').status?.cloudId, 'acme')
})

test('a cache that has not heard of an adoption, or still has what was taken back, releases nothing', async (t) => {
  const world = await renamedAndKept()
  await world.clock.advance(month)
  world.cluster.lagging = true
  for (const { metadata, ...claim } of world.cluster.all('ConfigMap'))
    world.cluster.put({ ...claim, metadata: { ...metadata, labels: { ...metadata.labels, [labels.retained]: '' } } })
  await lookAtAll(world)
  t.deepEqual(claims(world), [...former, ...present].toSorted())
})

test('whoever adopts it without its status knows its former Cloud IDs by their aliases, the latest first', async (t) => {
  const world = ground()
  world.cluster.put(tenant({ spec: { deletion: { protected: false, policy: 'Retain' } } }))
  await world.settle()
  for (const cloudId of ['globex', 'initech']) {
    world.edit({ cloudId })
    await world.settle()
  }
  world.cluster.remove('Tenant', 'home/acme')
  await world.pass()
  const adopt = { 'tenantry.dev/adopt': 'uid-acme' }
  world.cluster.put(tenant({ uid: 'uid-again', annotations: adopt, spec: { cloudId: 'initech' } }))
  await world.settle()
  t.deepEqual(world.tenant().status?.formerCloudIds, ['globex', 'acme'])
  await world.clock.advance(2 * month)
  await world.settle()
  t.deepEqual(world.tenant().status?.formerCloudIds, ['globex', 'acme'], 'they outlive the aliases')
  t.is(world.tenant().status?.aliases, undefined)
})
