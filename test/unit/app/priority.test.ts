/** Ten thousand tenants are looked at when a replica begins to lead; what a person changed comes before. */
import test from 'ava'
import { KubeConfig } from '@kubernetes/client-node'
import { TenantryOperator } from '../../../operator/app/operator.ts'
import { createSources } from '../../../operator/app/sources.ts'
import { watchTable } from '../../../operator/app/watches.ts'
import { controllers } from '../../../operator/app/watch-mappings.ts'
import { annotations } from '../../../operator/api/names.ts'
import { databaseServers } from '../../../operator/api/databaseserver.ts'
import { tenants } from '../../../operator/api/tenant.ts'
import { Pace } from '../../../operator/runtime/base/pace.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { createMetrics } from '../../../operator/runtime/metrics/metrics.ts'
import { done } from '../../../operator/runtime/queue/reconcile.ts'
import { condition, databaseServer, tenant, tenantSettings } from '../../gen.ts'
import { FakeClock, seededRandom } from '../runtime/fake-clock.ts'
import { FakeKube } from '../runtime/fake-kube.ts'

const most = 10_000
const some = 2_000
const workers = 16
/** Milliseconds that each pass takes: those of ten thousand tenants together 12.5 s. */
const passTime = 20

const nameOf = (index: number) => `t${index}`

/** A standby that knows so many tenants, all reconciled by another leader. */
async function standby(count: number) {
  const kube = new FakeKube()
  const clock = new FakeClock()
  const random = seededRandom()
  const sources = createSources(
    { watcher: kube, clock, random, log: silent },
    { namespace: tenantSettings.operatorNamespace, webNamespace: tenantSettings.webNamespace },
    tenantSettings.installation,
  )
  await kube.create(databaseServers, databaseServer())
  const status = { observedGeneration: 1 }
  const declared = tenant({ generation: 1 })
  for (let index = 0; index < count; index += 1)
    await kube.create(tenants, { ...declared, metadata: { ...declared.metadata, name: nameOf(index) }, status })
  const begun = new Map<string, number>()
  const reconcile = async (key: string) => {
    if (!begun.has(key)) begun.set(key, clock.monotonic())
    await new Promise<void>((resolve) => clock.after(passTime, resolve))
    return done
  }
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'c', server: 'https://localhost:1', skipTLSVerify: false }, { name: 'u' })
  const operator = new TenantryOperator({
    config,
    clock,
    random,
    log: silent,
    metrics: createMetrics(clock.monotonic),
    rows: watchTable(sources, new Pace(clock, 10)),
    controllers: () => Object.values(controllers).map((name) => ({ name, concurrency: workers, reconcile })),
  })
  const started = operator.start()
  await clock.advance(0)
  await started
  let edits = 0
  const edit = (index: number) =>
    kube.patch(tenants, { namespace: 'home', name: nameOf(index) }, { spec: { displayName: `Edited ${(edits += 1)}` } })
  /** How long after `since` the tenant was first looked at; undefined while it was not. */
  const lookedAtAfter = (index: number, since: number) => {
    const at = begun.get(`home/${nameOf(index)}`)
    return at === undefined ? undefined : at - since
  }
  const end = async () => {
    const ending = operator.shutDown(1_000)
    await clock.advance(3_000)
    await ending
  }
  return { kube, clock, operator, begun, edit, lookedAtAfter, end }
}

test('an edit in the second after a failover is reconciled within a second, and all others are looked at in the end', async (t) => {
  const { clock, operator, begun, edit, lookedAtAfter, end } = await standby(most)
  const failover = clock.monotonic()
  operator.lead()
  await clock.advance(500)
  await edit(most - 1)
  await clock.advance(1_000)
  const waited = lookedAtAfter(most - 1, failover + 500)
  t.true(waited !== undefined && waited <= passTime, `${waited}`)
  t.true(begun.size < most / 2, 'the replay is under way')
  await clock.advance((most * passTime) / workers + 1_000)
  t.is(begun.size, most + 1, 'all tenants, and the DatabaseServer')
  await end()
})

test('what a person changed while nobody led is the first to be looked at', async (t) => {
  const { clock, operator, edit, lookedAtAfter, end } = await standby(some)
  await edit(some - 1)
  await clock.advance(15_000)
  const failover = clock.monotonic()
  operator.lead()
  await clock.advance(100)
  t.is(lookedAtAfter(some - 1, failover), 0)
  await end()
})

test('what an annotation asks for that was set while nobody led comes as early, and what was handled does not', async (t) => {
  const { kube, clock, operator, lookedAtAfter, end } = await standby(some)
  const annotate = (index: number, lastHandledRotation: string) =>
    kube.patch(
      tenants,
      { namespace: 'home', name: nameOf(index) },
      {
        metadata: { annotations: { [annotations.rotateRequestedAt]: 'now' } },
        status: { database: { lastHandledRotation } },
      },
    )
  await annotate(some - 1, 'then')
  await annotate(some - 2, 'now')
  await clock.advance(15_000)
  const failover = clock.monotonic()
  operator.lead()
  await clock.advance(100)
  t.is(lookedAtAfter(some - 1, failover), 0)
  t.is(lookedAtAfter(some - 2, failover), undefined)
  await end()
})

test('a steady stream of edits does not hold the replay up for ever', async (t) => {
  const { clock, operator, begun, edit, end } = await standby(some)
  operator.lead()
  for (let round = 0; round < 20; round += 1) {
    for (let index = 0; index < 2 * workers; index += 1) await edit(index)
    await clock.advance(passTime)
  }
  const replayed = [...begun.keys()].filter((key) => Number(key.slice('home/t'.length)) >= 2 * workers)
  t.true(replayed.length >= (20 * workers) / 8 - workers, `${replayed.length}`)
  await end()
})

test('a change that concerns all tenants of a server comes after an edit', async (t) => {
  const { kube, clock, operator, begun, edit, lookedAtAfter, end } = await standby(some)
  operator.lead()
  await clock.advance((some * passTime) / workers + 1_000)
  begun.clear()
  const key = { name: databaseServer().metadata.name }
  await kube.patch(databaseServers, key, {
    status: { conditions: [condition('Ready', 'False', 'DatabaseUnavailable')] },
  })
  await clock.advance(passTime)
  t.true(begun.size > 0, 'those that have no server are woken')
  const edited = clock.monotonic()
  await edit(some - 1)
  await clock.advance(1_000)
  const waited = lookedAtAfter(some - 1, edited)
  t.true(waited !== undefined && waited <= passTime, `${waited}`)
  await end()
})
