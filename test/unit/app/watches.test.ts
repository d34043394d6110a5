/** Whom a change wakes: everybody whom it tells something, and nobody else. */
import test from 'ava'
import type { ExecutionContext } from 'ava'

import { databaseServers } from '../../../operator/api/databaseserver.ts'
import type { DatabaseServer } from '../../../operator/api/databaseserver.ts'
import { licenseSecretType } from '../../../operator/api/names.ts'
import { tenants } from '../../../operator/api/tenant.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import { configMaps, secrets } from '../../../operator/kube/resources.ts'
import { tenantAdmins } from '../../../operator/api/tenantadmin.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { createSources } from '../../../operator/app/sources.ts'
import { cloudIdClaim, claimObject } from '../../../operator/tenant/model/name-claim.ts'
import { identityOf } from '../../../operator/domain/marks.ts'
import { namesOf } from '../../../operator/tenant/model/naming.ts'
import { Pace } from '../../../operator/runtime/base/pace.ts'
import { watchTable } from '../../../operator/app/watches.ts'
import type { Condition } from '../../../operator/api/conditions.ts'
import { tenantPlans } from '../../../operator/api/tenantplan.ts'
import type { TenantPlan } from '../../../operator/api/tenantplan.ts'
import { acceptedSpecOf } from '../../../operator/domain/plan-in-force.ts'
import { planRevision } from '../../../operator/domain/plan-revision.ts'
import { condition, databaseServer, tenant, tenantAdmin, tenantPlan, tenantSettings } from '../../gen.ts'
import { FakeClock, seededRandom } from '../runtime/fake-clock.ts'
import { FakeKube } from '../runtime/fake-kube.ts'

/** A tenant that is placed on the server `main`, and one that waits for a place. */
async function scene(t: ExecutionContext) {
  const { operatorNamespace, webNamespace, installation } = tenantSettings
  const kube = new FakeKube()
  const clock = new FakeClock()
  const ports = { watcher: kube, clock, random: seededRandom(), log: silent }
  const sources = createSources(ports, { namespace: operatorNamespace, webNamespace }, installation)
  const plan = await kube.create(tenantPlans, tenantPlan())
  const server = await kube.create(databaseServers, databaseServer())
  const placed = await kube.create(tenants, asPlaced(tenant()))
  await kube.create(tenants, tenant({ name: 'waiting' }))
  const identity = identityOf(placed, installation)
  const names = namesOf({
    tenant: placed,
    identity,
    parent: undefined,
    current: { cloudId: undefined, host: undefined },
    claims: sources.claims.cache,
    namespaces: sources.namespaces.cache,
    desiredIsolation: 'Database',
    settings: tenantSettings,
  })
  await kube.create(
    configMaps,
    claimObject(
      identity,
      cloudIdClaim(identity, names, { server: 'main', systemIdentifier: undefined }),
      operatorNamespace,
    ),
  )
  const woken: string[] = []
  for (const row of watchTable(sources, new Pace(clock, 10)))
    row.connect(({ controller, key, after }) => {
      const turn = typeof after === 'function' ? ` in ${after()}` : ''
      woken.push(`${controller} ${key}${turn}`)
    })
  const ending = new AbortController()
  const running = [
    sources.servers,
    sources.tenants,
    sources.admins,
    sources.claims,
    sources.licenses,
    sources.plans,
  ].map((source) => source.run(ending.signal))
  await clock.advance(0)
  t.teardown(async () => {
    ending.abort()
    await Promise.all(running)
  })
  woken.length = 0
  /** Who is woken when the server's status is another one. */
  const wakes = async (status: DatabaseServer['status']): Promise<readonly string[]> => {
    const patch = { status }
    await kube.patch(databaseServers, { name: server.metadata.name }, patch)
    await clock.advance(0)
    return [...new Set(woken.splice(0))].toSorted()
  }
  /** Who is woken by a Secret of this name in the home namespace, once it is there. */
  const wakesOf = async (name: string): Promise<readonly string[]> => {
    const metadata = { name, namespace: 'home' }
    await kube.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata, type: licenseSecretType })
    await clock.advance(0)
    return [...new Set(woken.splice(0))].toSorted()
  }
  let generation = 1
  const wokenBy = async (patch: object): Promise<readonly string[]> => {
    await kube.patch<TenantPlan>(tenantPlans, { name: plan.metadata.name }, patch)
    await clock.advance(1000)
    return [...new Set(woken.splice(0))].toSorted()
  }
  /** Who is woken when the plan is another one. */
  const wakesOfPlan = (spec: Readonly<Record<string, unknown>>) =>
    wokenBy({ metadata: { generation: (generation += 1) }, spec })
  /** Who is woken when that was tried, and taken. */
  const wakesOfTrial = async (status: object = {}) => {
    const { spec } = (await kube.get<TenantPlan>(tenantPlans, { name: plan.metadata.name })) ?? plan
    return wokenBy({ status: { observedGeneration: generation, acceptedSpec: acceptedSpecOf(spec), ...status } })
  }
  /** Who is woken when it was tried, and refused. */
  const wakesOfRefusal = (message: string) => {
    const conditions = [{ ...condition('Stalled', 'True', 'PlanRefused'), message }]
    return wokenBy({ status: { observedGeneration: generation, conditions } })
  }
  return { wakes, wakesOf, wakesOfPlan, wakesOfTrial, wakesOfRefusal, kube, clock, woken }
}

function asPlaced(given: Tenant): Tenant {
  return { ...given, status: { observedGeneration: 1, plan: 'standard', database: { server: 'main' } } }
}

test("a server's counts wake nobody but those who wait for a place", async (t) => {
  const { wakes } = await scene(t)
  const ready = condition('Ready', 'True', 'Connected')
  await wakes({ observedGeneration: 1, tenants: 1, sizeBytes: 1, conditions: [ready] })
  t.deepEqual(await wakes({ observedGeneration: 1, tenants: 1, sizeBytes: 2, conditions: [ready] }), [])
  t.deepEqual(await wakes({ observedGeneration: 1, tenants: 2, sizeBytes: 2, conditions: [ready] }), [
    'tenant home/waiting',
  ])
})

test('a server that goes down or comes back wakes the tenants on it', async (t) => {
  const { wakes } = await scene(t)
  const down = condition('Ready', 'False', 'DatabaseUnavailable')
  await wakes({ observedGeneration: 1, conditions: [condition('Ready', 'True', 'Connected')] })
  t.deepEqual(await wakes({ observedGeneration: 1, conditions: [down] }), ['tenant home/acme', 'tenant home/waiting'])
})

test('a Secret with a license wakes the tenant whose license it is', async (t) => {
  const { wakesOf, kube, clock, woken } = await scene(t)
  await kube.create(tenants, tenant({ name: 'licensed', spec: { license: { secretRef: { name: 'its-license' } } } }))
  await clock.advance(0)
  woken.length = 0
  t.deepEqual(await wakesOf('another'), [])
  t.deepEqual(await wakesOf('its-license'), ['tenant home/licensed'])
})

test('an edit of a plan wakes its tenants one after the other once it was tried, and its counts nobody', async (t) => {
  const { wakesOfPlan, wakesOfTrial } = await scene(t)
  t.deepEqual(await wakesOfPlan({ quota: { pods: '7' } }), ['tenantplan standard'])
  t.deepEqual(await wakesOfTrial(), ['tenant home/acme in 0', 'tenant home/waiting'])
  t.deepEqual(await wakesOfTrial({ tenants: 7 }), [])
  t.deepEqual(await wakesOfPlan({ default: false }), [
    'tenant home/acme in 0',
    'tenant home/waiting',
    'tenant home/waiting in 100',
    'tenantplan standard',
  ])
})

test('an edit that changes nothing for the tenants of a plan wakes none that is as the plan asks', async (t) => {
  const { wakesOfPlan, wakesOfTrial, kube } = await scene(t)
  await wakesOfTrial()
  const status = { planRevision: planRevision(tenantPlan()), conditions: [condition('Ready', 'True', 'Provisioned')] }
  await kube.patch(tenants, { namespace: 'home', name: 'acme' }, { status })
  await wakesOfPlan({ admins: { max: 7, invitesPerDay: 200 } })
  t.deepEqual(await wakesOfTrial(), ['tenant home/waiting'])
})

test('a refusal wakes who waits for the plan and no tenant that follows it; its end wakes who changed to it too', async (t) => {
  const { wakesOfPlan, wakesOfTrial, wakesOfRefusal, kube } = await scene(t)
  await wakesOfTrial()
  const status = { planRevision: planRevision(tenantPlan()), conditions: [condition('Ready', 'True', 'Provisioned')] }
  await kube.patch(tenants, { namespace: 'home', name: 'acme' }, { status })
  await wakesOfPlan({ quota: { pods: '1.5' } })
  t.deepEqual(await wakesOfRefusal('One field.'), ['tenant home/waiting'])
  t.deepEqual(await wakesOfRefusal('Another field.'), ['tenant home/waiting'])
  const gold = { ...asPlaced(tenant({ name: 'moved', uid: 'uid-moved', spec: { plan: 'standard' } })) }
  await kube.create(tenants, { ...gold, status: { observedGeneration: 1, plan: 'gold' } })
  await wakesOfPlan({ quota: { pods: '2' } })
  const taken = await wakesOfTrial({ conditions: [] })
  t.true(taken.includes('tenant home/moved'))
  t.true(taken.includes('tenant home/acme in 0'))
})

test('an edit of how deletions wait wakes a deleted tenant that waits, and none that is as the plan asks', async (t) => {
  const { wakesOfPlan, wakesOfTrial, kube } = await scene(t)
  await wakesOfTrial()
  const told = async (ready: Condition) => {
    const status = { planRevision: planRevision(tenantPlan()), conditions: [ready] }
    await kube.patch(tenants, { namespace: 'home', name: 'acme' }, { status })
  }
  await told(condition('Ready', 'True', 'Provisioned'))
  t.false((await wakesOfPlan({ deletion: { grace: '1h' } })).includes('tenant home/acme in 0'))
  await told(condition('Ready', 'False', 'DeletionPostponed'))
  t.true((await wakesOfPlan({ deletion: { grace: '2h' } })).includes('tenant home/acme in 0'))
})

test("an edit of an MSP's plan wakes the admins of its customers, who are invited in its name", async (t) => {
  const { wakesOfPlan, kube, clock, woken } = await scene(t)
  const status = { observedGeneration: 1, plan: 'standard', namespace: 'tenant-msp' }
  await kube.create(tenants, { ...tenant({ name: 'msp', uid: 'uid-msp', spec: { type: 'MSP' } }), status })
  const of = { namespace: 'tenant-msp', spec: { tenantRef: { name: 'customer' } } }
  await kube.create(tenantAdmins, tenantAdmin({ name: 'ann', ...of }))
  await clock.advance(0)
  woken.length = 0
  const woke = await wakesOfPlan({ admins: { invitesPerDay: 300 } })
  t.deepEqual(
    woke.filter((each) => each.startsWith('tenantadmin ')),
    ['tenantadmin tenant-msp/ann'],
  )
})

test('another default plan concerns every plan; a count of tenants concerns none', async (t) => {
  const { wakesOfPlan, kube, clock, woken } = await scene(t)
  await kube.create(tenantPlans, tenantPlan({ name: 'gold', uid: 'uid-gold', spec: { default: false } }))
  await clock.advance(0)
  woken.length = 0
  const woke = await wakesOfPlan({ default: false })
  t.deepEqual(
    woke.filter((each) => each.startsWith('tenantplan')),
    ['tenantplan gold', 'tenantplan standard'],
  )
  await kube.patch<TenantPlan>(tenantPlans, { name: 'standard' }, { status: { observedGeneration: 1, tenants: 7 } })
  await clock.advance(1000)
  t.deepEqual(woken, [])
})
