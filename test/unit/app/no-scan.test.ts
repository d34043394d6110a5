/** What an event costs does not grow with the number of tenants. */
import test from 'ava'
import { annotations, labels } from '../../../operator/api/names.ts'
import { accessGrants } from '../../../operator/api/accessgrant.ts'
import { databaseServers } from '../../../operator/api/databaseserver.ts'
import { tenantAdmins } from '../../../operator/api/tenantadmin.ts'
import { tenantPlans } from '../../../operator/api/tenantplan.ts'
import { tenants } from '../../../operator/api/tenant.ts'
import { createSources } from '../../../operator/app/sources.ts'
import type { Sources } from '../../../operator/app/sources.ts'
import { releaseRow } from '../../../operator/app/watch-release.ts'
import { watchTable } from '../../../operator/app/watches.ts'
import type { KubeObject, Resource } from '../../../operator/kube/port.ts'
import * as kinds from '../../../operator/kube/resources.ts'
import { Pace } from '../../../operator/runtime/base/pace.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { condition, databaseServer, homeNamespace, tenant, tenantAdmin, tenantPlan, tenantSettings } from '../../gen.ts'
import { FakeClock, seededRandom } from '../runtime/fake-clock.ts'
import { FakeKube } from '../runtime/fake-kube.ts'

const count = 300
/** How many objects an event that concerns one tenant may look at. */
const few = 30

type Caches = Pick<Sources, 'tenants' | 'admins' | 'claims'>

/** Counts the objects that are read from these caches. */
function countReads({ tenants: one, admins, claims }: Caches): { read: number } {
  const counted = { read: 0 }
  for (const { cache } of [one, admins, claims]) {
    for (const name of ['values', 'keys'] as const) {
      const all = cache[name].bind(cache)
      Object.defineProperty(cache, name, {
        value: () => {
          counted.read += cache.size
          return all()
        },
      })
    }
    const by: (index: never, term: string) => readonly unknown[] = cache.by.bind(cache)
    Object.defineProperty(cache, 'by', {
      value: (index: never, term: string) => {
        const found = by(index, term)
        counted.read += found.length
        return found
      },
    })
  }
  return counted
}

/** Many tenants that are as declared, each with an admin and a claim, and one of each other kind. */
async function scene() {
  const kube = new FakeKube()
  const clock = new FakeClock()
  const { operatorNamespace, webNamespace, installation } = tenantSettings
  const sources = createSources(
    { watcher: kube, clock, random: seededRandom(), log: silent },
    { namespace: operatorNamespace, webNamespace },
    installation,
  )
  await kube.create(kinds.namespaces, homeNamespace())
  await kube.create(tenantPlans, tenantPlan())
  await kube.create(databaseServers, databaseServer())
  for (let index = 0; index < count; index += 1) {
    const name = `t${index}`
    const spec = { cloudId: name, subdomain: name, plan: 'standard' }
    const made = {
      observedGeneration: 1,
      plan: 'standard',
      cloudId: name,
      subdomain: name,
      namespace: `tenant-${name}`,
    }
    const declared = tenant({ name, spec })
    const { metadata } = await kube.create(tenants, { ...declared, status: { ...made, database: { server: 'main' } } })
    const admin = tenantAdmin({ name: `${name}-jane`, spec: { tenantRef: { name } } })
    const invite = {
      status: 'Accepted',
      sequence: 1,
      address: 'a@example.com',
      acceptedAt: '2030-01-01T00:00:00Z',
    } as const
    await kube.create(tenantAdmins, { ...admin, status: { observedGeneration: 1, invite } })
    const claim = { uid: metadata.uid ?? '', tenant: `home/${name}`, kind: 'CloudId', value: name, server: 'main' }
    await kube.create(kinds.configMaps, object('ConfigMap', operatorNamespace, `claim-${name}`, { data: claim }))
  }
  const rows = [...watchTable(sources, new Pace(clock, 10)), releaseRow(sources, operatorNamespace)]
  let woken = 0
  for (const row of rows) row.connect(() => void (woken += 1))
  const followed = [...new Set(rows.map(({ source }) => source))]
  const ending = new AbortController()
  const running = followed.map((source) => source.run(ending.signal))
  await clock.advance(0)
  const counted = countReads(sources)
  const costOf = async (change: () => Promise<unknown>) => {
    counted.read = 0
    woken = 0
    await change()
    await clock.advance(0)
    return { read: counted.read, woken }
  }
  const end = async () => {
    ending.abort()
    await Promise.all(running)
  }
  return { kube, sources, followed, costOf, end }
}

function object(kind: string, namespace: string, name: string, more: object = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { namespace, name, labels: { [labels.tenantUid]: 'uid-4' } }, ...more }
}

const grant = { apiVersion: 'tenantry.dev/v1alpha1', kind: 'AccessGrant', metadata: { name: 'g', namespace: 'home' } }

/** One object of each kind that the operator follows, each of one tenant or of none. */
const events: readonly (readonly [resource: Resource, object: KubeObject])[] = [
  [tenants, tenant({ name: 'new' })],
  [tenantAdmins, tenantAdmin({ name: 'new-jane', spec: { tenantRef: { name: 't1' } } })],
  [accessGrants, { ...grant, spec: { tenantRef: { name: 't1' }, username: 'x', type: 'Technician' } } as KubeObject],
  [tenantPlans, tenantPlan({ name: 'other' })],
  [databaseServers, databaseServer({ name: 'other' })],
  [kinds.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } }],
  [kinds.configMaps, object('ConfigMap', 'tenantry-system', 'claim-new', { data: { kind: 'CloudId', value: 'new' } })],
  [kinds.secrets, object('Secret', 'home', 'some', { data: {} })],
  [kinds.roleBindings, object('RoleBinding', 'tenant-t1', 'b')],
  [kinds.networkPolicies, object('NetworkPolicy', 'tenant-t1', 'b')],
  [kinds.limitRanges, object('LimitRange', 'tenant-t1', 'b')],
  [kinds.resourceQuotas, object('ResourceQuota', 'tenant-t1', 'b')],
]

test('an event of any kind looks at few tenants, claims and admins, however many there are', async (t) => {
  const { kube, followed, costOf, end } = await scene()
  const kindsOfEvents = new Set(events.map(([{ plural }]) => plural))
  t.deepEqual(
    followed.map(({ name }) => name).filter((name) => !kindsOfEvents.has(name)),
    [],
    'each source has an event here',
  )
  for (const [resource, declared] of events) {
    const { namespace, name } = declared.metadata
    const key = namespace === undefined ? { name } : { namespace, name }
    const costs = [
      await costOf(() => kube.create(resource, declared)),
      await costOf(() => kube.patch(resource, key, { spec: { note: 'x' }, metadata: { annotations: { note: 'x' } } })),
      await costOf(async () => {
        const { metadata } = (await kube.get(resource, key)) ?? declared
        await kube.delete(resource, key, { uid: metadata.uid ?? '' })
      }),
    ]
    for (const { read } of costs) t.true(read <= few, `${declared.kind}: ${costs.map((each) => each.read).join(', ')}`)
  }
  await end()
})

test('of a change to the home namespace only its labels, its end and a release concern the tenants in it', async (t) => {
  const { kube, costOf, end } = await scene()
  const key = { name: homeNamespace().metadata.name }
  const note = await costOf(() => kube.patch(kinds.namespaces, key, { metadata: { annotations: { note: 'x' } } }))
  t.is(note.woken, 0)
  t.true(note.read <= few)
  const released = { [annotations.releaseDeletion]: key.name }
  t.is((await costOf(() => kube.patch(kinds.namespaces, key, { metadata: { annotations: released } }))).woken, count)
  const home = { [labels.home]: null }
  t.is((await costOf(() => kube.patch(kinds.namespaces, key, { metadata: { labels: home } }))).woken, count)
  await end()
})

test('a server that has room again looks at those who wait for a place, and not at the tenants that have one', async (t) => {
  const { kube, costOf, end } = await scene()
  await kube.create(tenants, tenant({ name: 'waiting', spec: { plan: 'standard' } }))
  const status = { tenants: 7, conditions: [condition('Ready', 'True', 'Connected')] }
  const cost = await costOf(() => kube.patch(databaseServers, { name: 'main' }, { status }))
  t.true(cost.read <= few, `${cost.read}`)
  await end()
})
