/** Tenants are renamed while people use them. */
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { ConfigMap } from '../../operator/kube/resources.ts'
import { harness } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import {
  bindingOf,
  conditionOf,
  databaseOf,
  isReady,
  logIn,
  logsIn,
  namespaceOf,
  openScene,
  paths,
  tenantName,
  waitsFor,
} from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const domain = 'tenants.example.com'

const edit = ({ metadata }: Tenant, spec: object) =>
  scene.change(paths.tenant(metadata.namespace ?? '', metadata.name), { spec })

/** At rest, under this Cloud ID and the host that goes with it. */
const isCalled = (cloudId: string) => (each: Tenant) =>
  isReady(each) && each.status?.cloudId === cloudId && each.status.observedGeneration === each.metadata.generation

const called = (tenant: Tenant, cloudId: string) => scene.when(tenant, isCalled(cloudId))

const claim = (name: string) => scene.api.get<ConfigMap>(paths.claim(`claim-${name}`))

/** Who holds a Cloud ID and its host name, and whether as a former name. */
async function holders(cloudId: string): Promise<readonly (string | undefined)[]> {
  const both = await Promise.all([claim(`cloud-id-${cloudId}`), claim(`host-${cloudId}.${domain}`)])
  return both.map((each) => each && `${each.data?.['uid']}${each.data?.['until'] === undefined ? '' : ' alias'}`)
}

async function isUsable(t: ExecutionContext, tenant: Tenant): Promise<void> {
  t.true(await logsIn(await bindingOf(scene, tenant)), tenant.metadata.name)
}

test('A rename: everything that bears the name follows, and open connections notice nothing', async (t) => {
  t.timeout(240_000)
  const before = await scene.provisioned()
  const [old, next] = [before.metadata.name, tenantName('n')]
  const binding = await bindingOf(scene, before)
  await using session = await logIn(binding)
  await session.query('CREATE TABLE kept (n int)')
  const backend = async (): Promise<unknown> => (await session.query('SELECT pg_backend_pid() AS pid')).rows
  const pid = await backend()
  await session.query(`SET ROLE NONE; ALTER ROLE CURRENT_USER SET statement_timeout = '7s'; RESET ROLE`)
  await edit(before, { cloudId: next })
  const after = await called(before, next)
  t.like(after.status, {
    subdomain: next,
    host: `${next}.${domain}`,
    url: `https://${next}.${domain}`,
    namespace: namespaceOf(before),
    formerCloudIds: [old],
  })
  t.deepEqual(databaseOf(after), databaseOf(before))
  t.deepEqual(
    after.status?.aliases?.map(({ cloudId, host }) => cloudId ?? host),
    [old, `${old}.${domain}`],
  )
  const namespace = await scene.api.get(paths.namespace(namespaceOf(after)))
  t.is(namespace?.metadata.labels?.['tenantry.dev/cloud-id'], next)
  t.is(namespace?.metadata.annotations?.['tenantry.dev/hosts'], `${next}.${domain},${old}.${domain}`)
  const { uid = '' } = before.metadata
  t.deepEqual(await holders(next), [uid, uid])
  t.deepEqual(await holders(old), [`${uid} alias`, `${uid} alias`])
  t.deepEqual(await backend(), pid)
  await session.query('INSERT INTO kept VALUES (1)')
  t.deepEqual(await bindingOf(scene, after), binding)
  await using again = await logIn(binding)
  t.deepEqual((await again.query('SHOW statement_timeout')).rows, [{ statement_timeout: '7s' }])
  await edit(after, { cloudId: old })
  const back = await called(after, old)
  t.deepEqual(await holders(old), [uid, uid])
  t.deepEqual(back.status?.formerCloudIds, [next])
  t.deepEqual(await backend(), pid)
  await scene.deleted(back)
  t.deepEqual(
    [await holders(old), await holders(next)],
    [
      [undefined, undefined],
      [undefined, undefined],
    ],
  )
})

test('A name that is taken: everything stays as it was; the rename goes on as soon as the name is free', async (t) => {
  t.timeout(240_000)
  const [first, second] = await Promise.all([scene.provisioned(), scene.provisioned()])
  await edit(second, { cloudId: first.metadata.name, subdomain: second.metadata.name })
  const conflict = await scene.when(second, waitsFor('CloudIdConflict'))
  t.is(conditionOf(conflict, 'Available')?.status, 'True')
  t.is(conflict.status?.cloudId, second.metadata.name)
  await scene.deleted(first)
  const began = performance.now()
  const after = await called(second, first.metadata.name)
  t.true(performance.now() - began < 25_000, 'it is told, and does not wait for its timeout of 30 s')
  t.is(after.status?.host, `${second.metadata.name}.${domain}`)
  await isUsable(t, after)
})

test('A tenant that is deactivated is renamed too', async (t) => {
  const tenant = await scene.provisioned()
  const next = tenantName('n')
  await edit(tenant, { state: 'Deactivated' })
  await scene.when(tenant, ({ status }) => status?.phase === 'Deactivated')
  await edit(tenant, { cloudId: next })
  const renamed = await scene.when(
    tenant,
    (each) => each.status?.url === `https://${next}.${domain}` && conditionOf(each, 'Ready')?.status === 'True',
  )
  t.is(renamed.status?.phase, 'Deactivated')
  await edit(tenant, { state: 'Active' })
  await isUsable(t, await called(tenant, next))
})

test('Three in a ring', async (t) => {
  t.timeout(240_000)
  const ring = await Promise.all(Array.from({ length: 3 }, () => scene.provisioned()))
  const names = ring.map(({ metadata }) => metadata.name)
  await Promise.all(ring.map((tenant, at) => edit(tenant, { cloudId: names[(at + 1) % 3] })))
  for (const [at, tenant] of ring.entries()) {
    const cloudId = names[(at + 1) % 3] ?? ''
    const after = await called(tenant, cloudId)
    t.is(after.status?.host, `${cloudId}.${domain}`)
    t.is(after.status?.aliases, undefined)
    t.is(namespaceOf(after), namespaceOf(tenant))
    await isUsable(t, after)
  }
})

/** Forty who ask as often as one would keep the API server busy themselves. */
const many = { timeout: 180_000, interval: 400 }

// Before all others, which run side by side: it keeps the operator busy.
test.serial('Twenty pairs that swap their names, both edited at once', async (t) => {
  t.timeout(420_000)
  const tenants = await Promise.all(Array.from({ length: 40 }, () => scene.declare()))
  const ready = await Promise.all(tenants.map((tenant) => scene.when(tenant, isReady, many)))
  const other = (at: number) => ready[at ^ 1]?.metadata.name ?? ''
  await Promise.all(ready.map((tenant, at) => edit(tenant, { cloudId: other(at) })))
  const began = performance.now()
  const after = await Promise.all(ready.map((tenant, at) => scene.when(tenant, isCalled(other(at)), many)))
  t.log(`20 swaps after ${Math.round(performance.now() - began)} ms`)
  for (const [at, tenant] of after.entries()) {
    const { uid = '' } = tenant.metadata
    t.is(tenant.status?.host, `${other(at)}.${domain}`)
    t.is(namespaceOf(tenant), namespaceOf(ready[at] ?? tenant))
    t.deepEqual(databaseOf(tenant), databaseOf(ready[at] ?? tenant))
    t.deepEqual(await holders(other(at)), [uid, uid])
  }
  for (const tenant of after.slice(0, 4)) await isUsable(t, tenant)
})

test('Another subdomain of an MSP: the hosts of its customers follow, and its name in their directories', async (t) => {
  t.timeout(240_000)
  const parent = await scene.provisioned({ type: 'MSP' })
  const namespace = namespaceOf(parent)
  const admin = await scene.declareAdmin(parent)
  const customers = await Promise.all(
    [1, 2].map(async () => scene.when(await scene.declare({}, { namespace }), isReady)),
  )
  await scene.accept(admin)
  const next = tenantName('m')
  await edit(parent, { cloudId: next })
  await called(parent, next)
  const { postgres } = harness()
  for (const customer of customers) {
    const { name } = customer.metadata
    const host = `${name}-${next}.${domain}`
    const after = await scene.when(customer, (each) => isReady(each) && each.status?.host === host)
    t.is(after.status?.url, `https://${host}`)
    t.deepEqual(
      after.status?.aliases?.map((alias) => alias.host),
      [`${name}-${parent.metadata.name}.${domain}`],
    )
    const origins = () => postgres.query('SELECT DISTINCT origin FROM tenantry.admins', [], databaseOf(after).name)
    const wanted = [{ origin: `msp:${next}` }]
    // The name of the MSP and its admin come to the operator by different watches.
    await eventually(async () => isDeepStrictEqual(await origins(), wanted), {
      timeout: 90_000,
      describe: `the origin msp:${next}`,
    })
  }
})
