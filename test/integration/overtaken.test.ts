/**
 * Another client acts between the operator's read and its write: the Tenant tells it as the table of failures has it, and the
 * next pass makes up for it. An admission webhook acts in the midst of the write, so that each race has the same end.
 */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { ApiError } from '../harness/api.ts'
import type { Stored } from '../harness/api.ts'
import { harness, uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import type { Refused } from './refusing.ts'
import { story } from './story.ts'
import { isReady, namespaceOf, openScene, paths, tenantName } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { isToldAs } from './told-as.ts'
import { startWebhook } from './webhook.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

/** The first writes of the operator that are `meant` wait for one of `acts` each. */
async function inTheMidst(t: ExecutionContext, meant: Refused, ...acts: readonly (() => Promise<unknown>)[]) {
  const left = [...acts]
  const { user } = harness().operator
  const webhook = await startWebhook(scene.api, uniqueName('midst'), meant, async ({ userInfo }) => {
    const act = userInfo.username === user ? left.shift() : undefined
    await act?.().catch((error: unknown) => t.log(String(error)))
    return { allowed: true }
  })
  t.teardown(() => webhook[Symbol.asyncDispose]())
}

const isTold = (seen: readonly Tenant[], check: (each: Tenant) => boolean) =>
  eventually(() => seen.some(check), { timeout: 60_000, describe: 'it to be told' })

/** Resolves once the API server refuses with this status what is to be created in the namespace. */
const takesNothing = (namespace: string, status: number) =>
  eventually(
    async () => {
      const metadata = { name: uniqueName('probe') }
      const path = `${paths.namespace(namespace)}/configmaps?dryRun=All`
      try {
        await scene.api.send('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata })
        return false
      } catch (error) {
        return error instanceof ApiError && error.status === status
      }
    },
    { describe: `${namespace} to take nothing` },
  )

/** As a person does who means it; resolves to the namespace as it is then. */
async function deleteNamespace(name: string): Promise<Stored | undefined> {
  const path = paths.namespace(name)
  await scene.change(path, { metadata: { annotations: { 'tenantry.dev/allow-deletion': name } } })
  await scene.api.send('DELETE', path)
  return scene.api.get(path)
}

const policiesOf = (namespace: string): Refused => ({
  namespace,
  group: 'networking.k8s.io',
  resource: 'networkpolicies',
  operations: ['CREATE'],
})

test('a namespace that another client deletes while it is filled is told, and is filled once it is made again', async (t) => {
  t.timeout(300_000)
  const name = tenantName()
  const namespace = `tenant-${name}`
  const held = `${paths.namespace(namespace)}/configmaps/held`
  await inTheMidst(t, policiesOf(namespace), async () => {
    const metadata = { name: 'held', finalizers: ['example.com/held'] }
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
    await scene.api.send('POST', `${paths.namespace(namespace)}/configmaps`, configMap)
    await deleteNamespace(namespace)
    await takesNothing(namespace, 403)
  })
  const seen = await story(t, scene, name)
  const tenant = await scene.declare({}, { name })
  await isTold(seen, (each) => isToldAs(each, 'NamespaceEnding'))
  await scene.change(held, { metadata: { finalizers: null } })
  await t.notThrowsAsync(scene.when(tenant, isReady))
})

test('so is one that is gone before it is full', async (t) => {
  t.timeout(300_000)
  const name = tenantName()
  const namespace = `tenant-${name}`
  await inTheMidst(t, policiesOf(namespace), async () => {
    const found = await deleteNamespace(namespace)
    await scene.api.send('PUT', `${paths.namespace(namespace)}/finalize`, { ...found, spec: { finalizers: [] } })
    await takesNothing(namespace, 404)
  })
  const seen = await story(t, scene, name)
  const tenant = await scene.declare({}, { name })
  await isTold(seen, (each) => isToldAs(each, 'ChangedMeanwhile'))
  await t.notThrowsAsync(scene.when(tenant, isReady))
})

test('an object that another client makes in place of one that is being replaced is told, and put right', async (t) => {
  t.timeout(300_000)
  const tenant = await scene.provisioned()
  const namespace = namespaceOf(tenant)
  const { apiVersion, kind, metadata } = (await scene.api.get(paths.quota(namespace))) as Stored // it is Ready
  const { name, labels, annotations } = metadata
  // The scopes of a quota cannot be changed: Tenantry deletes it and creates its own.
  const spec = { hard: { pods: '1' }, scopes: ['BestEffort'] }
  const makes = () =>
    scene.api.send('POST', `${paths.namespace(namespace)}/resourcequotas`, {
      apiVersion,
      kind,
      metadata: { name, labels, annotations },
      spec,
    })
  const meant: Refused = { namespace, group: '', resource: 'resourcequotas', operations: ['CREATE'] }
  await inTheMidst(t, meant, makes, makes)
  const seen = await story(t, scene, tenant.metadata.name)
  await scene.api.send('DELETE', paths.quota(namespace))
  await isTold(seen, (each) => isToldAs(each, 'StaleRead'))
  await scene.when(tenant, isReady)
  t.is((await scene.api.get(paths.quota(namespace)))?.spec?.['scopes'], undefined)
})

test('a claim that changes during a rename is told, and the rename comes to its end', async (t) => {
  t.timeout(300_000)
  const tenant = await scene.provisioned()
  const [old, next] = [tenant.metadata.name, tenantName('n')]
  const { namespace } = harness().operator
  const meant: Refused = {
    namespace,
    name: `claim-cloud-id-${old}`,
    group: '',
    resource: 'configmaps',
    operations: ['UPDATE'],
  }
  await inTheMidst(t, meant, () =>
    scene.change(paths.claim(`claim-host-${old}.tenants.example.com`), { data: { revision: '2' } }),
  )
  const seen = await story(t, scene, old)
  await scene.change(paths.tenant(scene.home, old), { spec: { cloudId: next } })
  await isTold(seen, (each) => isToldAs(each, 'StaleNames'))
  await scene.when(tenant, (each) => isReady(each) && each.status?.cloudId === next)
  t.pass()
})
