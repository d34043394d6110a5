/** What a Tenant needs before it is made, and what it says while that is missing: a plan, a server, a home namespace. */
import test from 'ava'
import { testNamespace, uniqueName } from '../harness/context.ts'
import { startPostgres } from '../harness/postgres.ts'
import { declareServer } from './server-scene.ts'
import { conditionOf, isReady, openScene, paths, waitsFor } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable

test.before(async (t) => {
  t.timeout(120_000)
  scene = await openScene()
})
test.after.always(() => scene?.[Symbol.asyncDispose]())

test('Without its plan a Tenant says what is missing, is not Stalled, and goes on by itself when the plan comes', async (t) => {
  const plan = uniqueName('plan')
  const tenant = await scene.declare({ plan })
  const waiting = await scene.when(tenant, waitsFor('PlanNotFound'))
  t.is(
    conditionOf(waiting, 'Ready')?.message,
    `spec.plan names the TenantPlan ${plan}, which does not exist. Create it, or name another one.`,
  )
  t.is(conditionOf(waiting, 'Reconciling')?.status, 'True')
  t.is(conditionOf(waiting, 'Stalled'), undefined)
  const object = { apiVersion: 'tenantry.dev/v1alpha1', kind: 'TenantPlan', metadata: { name: plan }, spec: {} }
  await scene.api.send('POST', '/apis/tenantry.dev/v1alpha1/tenantplans', object)
  const ready = await scene.when(tenant, isReady)
  t.is(ready.status?.plan, plan)
})

test('Without its database server a Tenant says what is missing, and goes on by itself when the server comes', async (t) => {
  t.timeout(300_000)
  const server = uniqueName('server')
  const tenant = await scene.declare({ database: { server } })
  const waiting = await scene.when(tenant, waitsFor('DatabaseServerNotFound'))
  t.regex(
    conditionOf(waiting, 'Ready')?.message ?? '',
    new RegExp(`names the DatabaseServer ${server}, which does not`),
  )
  await using postgres = await startPostgres()
  const declared = await declareServer(scene, postgres, { capacity: { maxTenants: 1 } }, {}, server)
  const ready = await scene.when(tenant, isReady)
  t.is(ready.status?.database?.server, server)
  await scene.deleted(tenant)
  await declared.remove()
})

test('A selector that no server has the labels for is answered with what to do', async (t) => {
  const tenant = await scene.declare({ database: { serverSelector: { matchLabels: { region: uniqueName() } } } })
  const waiting = await scene.when(tenant, waitsFor('NoDatabaseServer'))
  t.regex(conditionOf(waiting, 'Ready')?.message ?? '', /Label one, or change the selector\.$/)
})

test('Outside a home namespace a Tenant is refused, with the way out', async (t) => {
  const namespace = await testNamespace(t)
  await t.throwsAsync(scene.declare({}, { namespace }), {
    message: /must be a home namespace, labelled tenantry\.dev\/home/,
  })
})

test('In a namespace that is no home any more a Tenant is Stalled, and goes on when it is one again', async (t) => {
  const namespace = await testNamespace(t, { labels: { 'tenantry.dev/home': 'true' } })
  const plan = uniqueName('plan')
  const tenant = await scene.declare({ plan }, { namespace })
  await scene.when(tenant, waitsFor('PlanNotFound'))
  const label = (value: string | null) =>
    scene.change(paths.namespace(namespace), { metadata: { labels: { 'tenantry.dev/home': value } } })
  await label(null)
  const misplaced = await scene.when(tenant, waitsFor('Misplaced'))
  t.is(conditionOf(misplaced, 'Stalled')?.status, 'True')
  await label('true')
  await scene.when(tenant, waitsFor('PlanNotFound'))
  await scene.deleted(tenant)
})
