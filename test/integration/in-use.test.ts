/** A DatabaseServer and a TenantPlan that tenants use are not pulled away; where they go nevertheless, the tenants go on. */
import test from 'ava'
import { ApiError } from '../harness/api.ts'
import type { Stored } from '../harness/api.ts'
import { harness } from '../harness/context.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { conditionOf as conditionIn, deletePastPolicy } from '../faults/life.ts'
import { declareServer, isConnected } from './server-scene.ts'
import type { DeclaredServer } from './server-scene.ts'
import { bindingOf, conditionOf, isReady, logsIn, namespaceOf, openScene, paths, waitsFor } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

const waitTimeout = 60_000

let scene: Scene & AsyncDisposable
let postgres: Postgres
let server: DeclaredServer
test.before(async (t) => {
  t.timeout(240_000)
  scene = await openScene()
  postgres = await startPostgres()
  server = await declareServer(scene, postgres, { unschedulable: true, isolation: ['Database', 'Schema'] })
  await server.when(isConnected)
})
test.after.always(async () => {
  await postgres?.stop()
  await scene?.[Symbol.asyncDispose]()
})

/** Provisioned there, and counted. */
async function tenantOn(plan: string, spec: object = {}) {
  await server.change({ unschedulable: false })
  const tenant = await scene.provisioned({ plan, database: { server: server.name }, ...spec })
  await server.change({ unschedulable: true })
  for (const path of [paths.server(server.name), paths.plan(plan)]) await when(path, isCounted)
  return tenant
}

async function when(path: string, check: (found: Stored | undefined) => boolean): Promise<Stored | undefined> {
  let last: Stored | undefined
  const look = async () => check((last = await scene.api.get(path)))
  await eventually(look, { timeout: waitTimeout, describe: path })
  return last
}

const isHeld = (found: Stored | undefined) => found?.metadata.finalizers?.includes('tenantry.dev/in-use') === true
/** The policy goes by the count, which is written after the finalizer. */
const isCounted = (found: Stored | undefined) => isHeld(found) && Number(found?.status?.['tenants'] ?? 0) > 0
const isFree = (found: Stored | undefined) => !isHeld(found) && (found?.status?.['tenants'] ?? 0) === 0
const isGone = (found: Stored | undefined) => found === undefined
const stalled = (found: Stored | undefined) => conditionIn(found, 'Stalled')

async function deleteMeant(path: string, name: string): Promise<Stored> {
  await scene.change(path, { metadata: { annotations: { 'tenantry.dev/allow-deletion': name } } })
  const found = await scene.api.get(path)
  await scene.api.send('DELETE', path)
  await when(path, isGone)
  if (found === undefined) throw new Error(`there was no ${path}`)
  return found
}

/** As it was declared. */
async function declareAgain({ apiVersion, kind, metadata: { name, labels }, ...rest }: Stored, path: string) {
  const { spec } = rest as { readonly spec?: unknown }
  await scene.api.send('POST', path.slice(0, path.lastIndexOf('/')), {
    apiVersion,
    kind,
    metadata: { name, labels },
    spec,
  })
}

test.serial(
  'while tenants use them, a deletion is refused in a sentence with the number and the way out',
  async (t) => {
    t.timeout(300_000)
    const plan = await scene.declarePlan()
    const tenant = await tenantOn(plan)
    const refused = (path: string, message: RegExp) =>
      t.throwsAsync(scene.api.send('DELETE', path), { instanceOf: ApiError, message })
    await refused(
      paths.server(server.name),
      /allow-deletion: server-\S+ before you delete this DatabaseServer, as tenants are placed on it \(1, including retained ones\); or delete those Tenants first\./,
    )
    await refused(
      paths.plan(plan),
      /before you delete this TenantPlan, as tenants use it \(1\); or give those Tenants another plan first\./,
    )
    await scene.deleted(tenant)
    await when(paths.plan(plan), isFree)
    await when(paths.server(server.name), isFree)
    await scene.api.send('DELETE', paths.plan(plan))
    await when(paths.plan(plan), isGone)
  },
)

test.serial(
  'past the policy they wait for their last tenant, name it, serve it, and take no further one',
  async (t) => {
    t.timeout(300_000)
    const plan = await scene.declarePlan()
    const tenant = await tenantOn(plan)
    await using second = await startPostgres()
    const own = await declareServer(scene, second, { isolation: ['Schema'], unschedulable: true })
    await own.when(isConnected)
    await own.change({ unschedulable: false })
    const guest = await scene.provisioned({ plan, database: { server: own.name, isolation: 'Schema' } })
    await when(paths.server(own.name), isHeld)
    await deletePastPolicy(harness().cluster, 'tenantplan', plan)
    await deletePastPolicy(harness().cluster, 'databaseserver', own.name)
    for (const path of [paths.plan(plan), paths.server(own.name)]) {
      const found = await when(path, (each) => stalled(each)?.reason === 'InUse')
      t.regex(stalled(found)?.message ?? '', new RegExp(`use it: .*${guest.metadata.name}`))
    }
    t.true(isReady(await scene.when(guest, isReady)))
    const late = await scene.declare({ database: { server: own.name, isolation: 'Schema' } })
    await scene.when(late, waitsFor('DatabaseServerNotReady'))
    await scene.deleted(late)
    await scene.deleted(guest)
    await when(paths.server(own.name), isGone)
    await scene.deleted(tenant)
    await when(paths.plan(plan), isGone)
  },
)

for (const what of ['plan', 'server'] as const) {
  test.serial(
    `a ${what} that is deleted on purpose: its tenant stays Active and usable, is stopped when told, and comes back by itself`,
    async (t) => {
      t.timeout(240_000)
      const plan = await scene.declarePlan()
      const tenant = await tenantOn(plan)
      const binding = await bindingOf(scene, tenant)
      const path = what === 'plan' ? paths.plan(plan) : paths.server(server.name)
      const before = await deleteMeant(path, what === 'plan' ? plan : server.name)
      const reason = what === 'plan' ? 'PlanNotFound' : 'DatabaseServerNotFound'
      const left = await scene.when(tenant, waitsFor(reason))
      t.is(left.status?.phase, 'Active')
      t.is(conditionOf(left, 'Available')?.status, 'True')
      t.is(conditionOf(left, what === 'plan' ? 'NamespaceReady' : 'DatabaseReady')?.reason, reason)
      t.true(await logsIn(binding))

      const at = paths.tenant(scene.home, tenant.metadata.name)
      await scene.change(at, { spec: { state: 'Deactivated' } })
      const off = await scene.when(tenant, ({ status }) => status?.phase === 'Deactivated')
      t.is(conditionOf(off, 'Available')?.reason, 'Deactivated')
      const quota = `/api/v1/namespaces/${namespaceOf(left)}/resourcequotas/tenantry-suspension`
      await when(quota, (found) => found !== undefined)
      if (what === 'plan')
        await eventually(async () => !(await logsIn(binding)), { timeout: waitTimeout, describe: 'no login' })
      await scene.change(at, { spec: { state: 'Active' } })
      await scene.when(tenant, waitsFor(reason))

      await declareAgain(before, path)
      const back = await scene.when(tenant, isReady)
      t.is(back.status?.phase, 'Active')
      t.deepEqual(await bindingOf(scene, tenant), binding)
      t.true(await logsIn(binding))
      await scene.deleted(tenant)
    },
  )
}
