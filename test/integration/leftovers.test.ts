/** A Tenant that was torn out, as people do with a stuck object: what is left is told, and both ways out work. */
import test from 'ava'
import type { DatabaseServer } from '../../operator/api/databaseserver.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import { tearOut } from '../faults/life.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { declareServer, isConnected } from './server-scene.ts'
import type { DeclaredServer } from './server-scene.ts'
import { bindingOf, conditionOf, isReady, logsIn, namespaceOf, openScene, paths, tenantName } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
let postgres: Postgres
let server: DeclaredServer
test.before(async (t) => {
  t.timeout(240_000)
  scene = await openScene()
  postgres = await startPostgres()
  server = await declareServer(scene, postgres)
  await server.when(isConnected)
})
test.after.always(async () => {
  await postgres?.stop()
  await scene?.[Symbol.asyncDispose]()
})

const leftovers = ({ status }: DatabaseServer) => status?.conditions?.find(({ type }) => type === 'Leftovers')

async function tornOut(): Promise<Tenant> {
  const tenant = await scene.provisioned({ database: { server: server.name } })
  await tearOut(scene.api, paths.tenant(scene.home, tenant.metadata.name))
  return tenant
}

const declaredAgain = (name: string, annotations: Readonly<Record<string, string>>) =>
  scene.api.send<Tenant>('POST', paths.tenants(scene.home), {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'Tenant',
    metadata: { name, annotations },
    spec: { displayName: name, provisioning: 'Immediate', database: { server: server.name } },
  })

test.serial(
  'given up: it is told at the server, the new Tenant begins empty, and the old data stays and opens',
  async (t) => {
    t.timeout(240_000)
    const earlier = await tornOut()
    const { name, uid = '' } = earlier.metadata
    const binding = await bindingOf(scene, earlier)
    const told = await server.when((each) => leftovers(each)?.message.includes(uid) === true)
    t.is(told.status?.leftovers, 1)
    t.is(told.status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'True')
    // An Event is written after the status.
    const events = () =>
      scene.api.list(
        `/apis/events.k8s.io/v1/events?fieldSelector=regarding.kind=DatabaseServer,regarding.name=${server.name},reason=TenantGone`,
      )
    await eventually(async () => (await events()).length === 1, { timeout: 30_000, describe: 'the Warning, once' })

    const again = await declaredAgain(name, {})
    const stuck = await scene.when(again, (each) => conditionOf(each, 'Stalled')?.reason === 'CloudIdConflict')
    t.regex(conditionOf(stuck, 'Stalled')?.message ?? '', new RegExp(`uid ${uid}.*adopt: ${uid}.*give-up: ${name}`))
    await scene.change(paths.tenant(scene.home, name), { metadata: { annotations: { 'tenantry.dev/give-up': name } } })
    const madeAnew = await scene.when(again, isReady)
    t.is(madeAnew.status?.cloudId, name)
    t.not(namespaceOf(madeAnew), namespaceOf(earlier))
    t.not(madeAnew.status?.database?.name, earlier.status?.database?.name)
    t.true(await logsIn(binding), 'nothing of the earlier one is removed')
    t.true(await logsIn(await bindingOf(scene, madeAnew)))
    t.truthy(await scene.api.get(paths.namespace(namespaceOf(earlier))))
    await scene.deleted(madeAnew)

    // Its claims are gone; its marks still tell whose it is.
    const heir = await declaredAgain(tenantName(), { 'tenantry.dev/adopt': uid })
    const whole = await scene.when(heir, isReady)
    t.is(whole.status?.database?.name, earlier.status?.database?.name)
    t.true(await logsIn(await bindingOf(scene, whole)))
    await server.when((each) => leftovers(each) === undefined && each.status?.leftovers === undefined)
    await scene.deleted(heir)
  },
)

test.serial('taken over: the same uid is adopted, and the server has no leftovers any more', async (t) => {
  t.timeout(240_000)
  const earlier = await tornOut()
  const { name, uid = '' } = earlier.metadata
  const binding = await bindingOf(scene, earlier)
  await server.when((each) => each.status?.leftovers === 1)
  const again = await declaredAgain(name, { 'tenantry.dev/adopt': uid })
  const whole = await scene.when(again, isReady)
  t.is(namespaceOf(whole), namespaceOf(earlier))
  t.true(await logsIn(binding))
  await server.when((each) => each.status?.leftovers === undefined)
  await scene.deleted(whole)
})
