/** What a deletion takes away, what it waits for, and when it takes nothing at all. */
import { webNamespaceOf } from '../harness/chart.ts'
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { harness, testNamespace } from '../harness/context.ts'
import { startPostgres } from '../harness/postgres.ts'
import { eventually, throughout } from '../harness/wait.ts'
import { declareServer } from './server-scene.ts'
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
import { isToldAs, toldAs } from './told-as.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

/** All that there is in PostgreSQL under the names of the tenant. */
async function inPostgres(tenant: Tenant): Promise<readonly string[]> {
  const { name, owner, a, b } = databaseOf(tenant)
  const rows = await harness().postgres.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles WHERE rolname = ANY($1) UNION ALL
     SELECT datname || '/' FROM pg_database WHERE datname = $2 ORDER BY 1`,
    [[owner, a, b], name],
  )
  return rows.map((row) => row.name)
}

async function acceptances(uid: string | undefined): Promise<number> {
  const label = encodeURIComponent(`tenantry.dev/admin-uid=${uid ?? ''}`)
  const path = `/api/v1/namespaces/${webNamespaceOf(harness().operator.namespace)}/secrets?labelSelector=${label}`
  return (await scene.api.list(path)).length
}

const isThere = async (path: string) => (await scene.api.get(path)) !== undefined
const startDeletion = ({ metadata }: Tenant) =>
  scene.api.send('DELETE', paths.tenant(metadata.namespace ?? '', metadata.name))
const gone = ({ metadata }: Tenant) =>
  eventually(async () => !(await isThere(paths.tenant(metadata.namespace ?? '', metadata.name))), {
    timeout: 120_000,
    describe: `the Tenant ${metadata.name} to be gone`,
  })

test('A deletion takes everything away: database and roles, namespace, claims, acceptances; sessions are ended', async (t) => {
  t.timeout(240_000)
  const declared = await scene.declare()
  const admin = await scene.declareAdmin(declared)
  await scene.accept(admin)
  const tenant = await scene.when(declared, isReady)
  t.is(await acceptances(admin.metadata.uid), 1)
  t.is((await inPostgres(tenant)).length, 4)
  const session = await logIn(await bindingOf(scene, tenant))
  const ended = new Promise((resolve) => session.once('error', resolve))
  await scene.deleted(tenant)
  await ended
  t.deepEqual(await inPostgres(tenant), [])
  t.false(await isThere(paths.namespace(namespaceOf(tenant))))
  t.false(await isThere(paths.claim(`claim-cloud-id-${tenant.metadata.name}`)))
  t.false(await isThere(paths.claim(`claim-host-${tenant.metadata.name}.tenants.example.com`)))
  await scene.api.send('DELETE', paths.admin(scene.home, admin.metadata.name))
  await eventually(async () => (await acceptances(admin.metadata.uid)) === 0, {
    timeout: 30_000,
    describe: 'the acceptance to be gone with its TenantAdmin',
  })
})

test('Its name is free afterwards: a new tenant under it shares nothing with the old one', async (t) => {
  const old = await scene.provisioned()
  const binding = await bindingOf(scene, old)
  await scene.deleted(old)
  const again = await scene.when(await scene.declare({}, { name: old.metadata.name }), isReady)
  t.not(databaseOf(again).name, databaseOf(old).name)
  t.false(await logsIn(binding))
  t.false(await logsIn({ ...binding, ...pick(await bindingOf(scene, again), 'database', 'username') }))
})

function pick(from: Readonly<Record<string, string>>, ...keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, from[key] ?? '']))
}

test('The status tells each step, in their order, and the claims are the last to go', async (t) => {
  const tenant = await scene.provisioned()
  const seen: string[] = []
  const watching = new AbortController()
  const note = (each: Tenant) => {
    const message = conditionOf(each, 'Ready')?.message
    if (each.metadata.name === tenant.metadata.name && message !== undefined && seen.at(-1) !== message)
      seen.push(message)
  }
  const began = Promise.withResolvers<void>()
  const watched = scene.api.watch(paths.tenants(scene.home), watching.signal, note, began.resolve)
  await began.promise
  await eventually(() => seen.length > 0, { describe: 'the watch to tell what is there' })
  // What a workload of the tenant would do: the namespace stays until somebody lets it go.
  const held = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', finalizers: ['example.com/held'] } }
  const configMap = `${paths.namespace(namespaceOf(tenant))}/configmaps`
  await scene.api.send('POST', configMap, held)
  await startDeletion(tenant)
  const waiting = await scene.when(tenant, (each) =>
    /example\.com\/held/.test(conditionOf(each, 'NamespaceReady')?.message ?? ''),
  )
  t.is(waiting.status?.phase, 'Deleting')
  t.true(await isThere(paths.claim(`claim-cloud-id-${tenant.metadata.name}`)))
  t.deepEqual(await inPostgres(tenant), [])
  await scene.change(`${configMap}/held`, { metadata: { finalizers: null } })
  await gone(tenant)
  watching.abort()
  await watched
  const steps = [/database|logins|sessions/i, /namespace/i]
  const places = steps.map((step) => seen.findIndex((message) => message !== seen[0] && step.test(message)))
  t.true((places[0] ?? -1) > 0 && (places[1] ?? -1) >= (places[0] ?? 0), seen.join('\n'))
})

test('An MSP with customers waits, lists them, and keeps everything; it goes when they have gone', async (t) => {
  t.timeout(240_000)
  const parent = await scene.provisioned({ type: 'MSP' })
  const customer = await scene.when(await scene.declare({}, { namespace: namespaceOf(parent) }), isReady)
  await startDeletion(parent)
  const waiting = await scene.when(parent, waitsFor('HasCustomers'))
  t.is(
    conditionOf(waiting, 'Stalled')?.message,
    `The MSP still has customers: ${customer.metadata.name}. Delete them first; until then nothing of the MSP is removed.`,
  )
  t.is((await inPostgres(parent)).length, 4)
  t.true(await logsIn(await bindingOf(scene, customer)))
  t.true(await logsIn(await bindingOf(scene, parent)))
  await scene.deleted(customer)
  await gone(parent)
  t.deepEqual(await inPostgres(parent), [])
})

test('A protected tenant is not deleted: the request is refused with the way out', async (t) => {
  const tenant = await scene.provisioned({ deletion: { protected: true } })
  await t.throwsAsync(startDeletion(tenant), { message: /spec\.deletion\.protected is true: set it to false before/ })
  await scene.change(paths.tenant(scene.home, tenant.metadata.name), { spec: { deletion: { protected: false } } })
  await scene.deleted(tenant)
  t.deepEqual(await inPostgres(tenant), [])
})

test('A deletion of the namespace that Tenants lie in was not meant for the data: all of it is kept', async (t) => {
  t.timeout(240_000)
  const home = await testNamespace(t, { labels: { 'tenantry.dev/home': 'true' } })
  const tenant = await scene.when(await scene.declare({}, { namespace: home }), isReady)
  const binding = await bindingOf(scene, tenant)
  await scene.api.send('DELETE', paths.namespace(home))
  await gone(tenant)
  t.is((await inPostgres(tenant)).length, 4)
  t.true(await isThere(paths.namespace(namespaceOf(tenant))))
  t.true(await logsIn(binding))
  await eventually(async () => !(await isThere(paths.namespace(home))), {
    timeout: 60_000,
    describe: 'the home to be gone',
  })
  await throughout(1500, async () => void t.true(await logsIn(binding)), 500)
})

test('With deletion.policy Retain the Tenant goes, and namespace, database and credentials stay', async (t) => {
  const tenant = await scene.provisioned({ deletion: { policy: 'Retain' } })
  const binding = await bindingOf(scene, tenant)
  await scene.deleted(tenant)
  t.is((await inPostgres(tenant)).length, 4)
  t.true(await isThere(paths.namespace(namespaceOf(tenant))))
  t.true(await logsIn(binding))
})

test('Of a tenant that was kept the former names are free when their time is over, and the present ones stay', async (t) => {
  t.timeout(240_000)
  const tenant = await scene.provisioned({ deletion: { policy: 'Retain' } })
  const { name } = tenant.metadata
  const next = tenantName('n')
  await scene.change(paths.tenant(scene.home, name), { spec: { cloudId: next } })
  await scene.when(tenant, ({ status }) => status?.aliases?.length === 2)
  await scene.deleted(tenant)
  const [formerId, formerHost] = [`claim-cloud-id-${name}`, `claim-host-${name}.tenants.example.com`].map(paths.claim)
  for (const path of [formerId, formerHost]) {
    t.true(await isThere(path ?? ''))
    // As if a month had gone by.
    await scene.change(path ?? '', { data: { until: '2020-01-01T00:00:00Z' } })
    await eventually(async () => !(await isThere(path ?? '')), { timeout: 30_000, describe: `${path} to be released` })
  }
  t.true(await isThere(paths.claim(`claim-cloud-id-${next}`)))
  t.true(await isThere(paths.claim(`claim-host-${next}.tenants.example.com`)))
})

test('A tenant that was never made goes at once, and leaves no claim', async (t) => {
  const tenant = await scene.declare({ provisioning: 'OnAccept' })
  await scene.when(tenant, (each) => conditionOf(each, 'Ready')?.status === 'True')
  t.true(await isThere(paths.claim(`claim-cloud-id-${tenant.metadata.name}`)))
  await scene.deleted(tenant)
  t.false(await isThere(paths.claim(`claim-cloud-id-${tenant.metadata.name}`)))
})

test('While its database server refuses the look at it a tenant stays, tells a person, and goes when the right is back', async (t) => {
  t.timeout(420_000)
  await using postgres = await startPostgres()
  const declared = await declareServer(scene, postgres, { capacity: { maxTenants: 1 } })
  const tenant = await scene.provisioned({ database: { server: declared.name } })
  await postgres.query('REVOKE SELECT ON pg_catalog.pg_shdescription FROM PUBLIC')
  await startDeletion(tenant)
  const told = await scene.when(tenant, (each) => isToldAs(each, 'LookRefused'))
  toldAs(t, told, 'LookRefused')
  t.is(told.status?.phase, 'Deleting')
  t.true(await isThere(paths.namespace(namespaceOf(tenant))))
  await postgres.query('GRANT SELECT ON pg_catalog.pg_shdescription TO PUBLIC')
  await gone(tenant)
  await declared.remove()
})

test('While its database server cannot be reached a tenant stays, says so, and goes when it is back', async (t) => {
  t.timeout(300_000)
  await using postgres = await startPostgres()
  // Full from its first tenant on, so that no other test's is placed here.
  const declared = await declareServer(scene, postgres, { capacity: { maxTenants: 1 } })
  const server = declared.name
  const tenant = await scene.provisioned({ database: { server } })
  await postgres.down()
  await startDeletion(tenant)
  // What is under way when it ends is told otherwise, until the server itself has been looked at; a pass may have begun before the deletion.
  const cannotBeUsed = new RegExp(`The DatabaseServer ${server} cannot be used now`)
  const isTold = (each: Tenant) =>
    each.status?.observedGeneration === each.metadata.generation &&
    waitsFor('DatabaseUnavailable')(each) &&
    cannotBeUsed.test(conditionOf(each, 'Ready')?.message ?? '')
  const told = await scene.when(tenant, isTold)
  toldAs(t, told, 'ServerUnusable')
  t.is(told.status?.phase, 'Deleting')
  t.true(await isThere(paths.namespace(namespaceOf(tenant))))
  t.true(await isThere(paths.claim(`claim-cloud-id-${tenant.metadata.name}`)))
  await postgres.up()
  await gone(tenant)
  t.deepEqual(await postgres.query(`SELECT FROM pg_roles WHERE rolname LIKE 't\\_%'`), [])
  await declared.remove()
})
