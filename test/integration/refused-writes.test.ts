/** What other people's policies and webhooks refuse is told in their words, takes nothing from a tenant, and is made up for. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { mutate, mutateBy } from './mutating.ts'
import { refuseByPolicy } from './refusing.ts'
import type { Refused } from './refusing.ts'
import { conditionOf, isReady, namespaceOf, openScene, paths, tenantName } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { toldAs } from './told-as.ts'
import { refuseByCondition, refuseByWebhook, startWebhook } from './webhook.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const quotas = (namespace: string): Refused => ({
  namespace,
  group: '',
  resource: 'resourcequotas',
  operations: ['CREATE', 'UPDATE'],
})

const quotaOf = (namespace: string) => ({
  kind: 'ResourceQuota',
  name: 'tenantry-quota',
  group: '',
  resource: 'resourcequotas',
  namespace,
})

async function onPlanOfItsOwn(): Promise<{ readonly tenant: Tenant; readonly edit: () => Promise<unknown> }> {
  const plan = await scene.declarePlan({ quota: { pods: '5' } })
  const tenant = await scene.provisioned({ plan })
  return { tenant, edit: () => scene.change(paths.plan(plan), { spec: { quota: { pods: '7' } } }) }
}

const isRefused = (tenant: Tenant) => conditionOf(tenant, 'Stalled')?.reason === 'ApiServerRefused'

function staysUsable(t: ExecutionContext, tenant: Tenant, words: RegExp): void {
  t.is(tenant.status?.phase, 'Active')
  t.is(conditionOf(tenant, 'Available')?.status, 'True')
  t.regex(conditionOf(tenant, 'Ready')?.message ?? '', words)
  t.is(conditionOf(tenant, 'NamespaceReady')?.reason, 'ApiServerRefused')
}

test('a change that a policy refuses is told in its words; the tenant stays Active, and follows once it may', async (t) => {
  t.timeout(300_000)
  const { tenant, edit } = await onPlanOfItsOwn()
  const end = await refuseByPolicy(
    scene.api,
    uniqueName('freeze'),
    quotas(namespaceOf(tenant)),
    'Quotas are frozen until May.',
  )
  await edit()
  const told = await scene.when(tenant, isRefused)
  toldAs(t, told, 'RefusedByPolicy')
  staysUsable(
    t,
    told,
    /refuses the write of the ResourceQuota \S+: .*ValidatingAdmissionPolicy 'freeze\S*' with binding 'freeze\S*' denied request: Quotas are frozen until May\. /,
  )
  await end()
  await scene.when(tenant, isReady)
})

test('so is one that a webhook refuses; and one that cannot be asked is named', async (t) => {
  t.timeout(420_000)
  const { tenant, edit } = await onPlanOfItsOwn()
  const id = uniqueName('guard')
  const webhook = await refuseByWebhook(
    scene.api,
    id,
    quotas(namespaceOf(tenant)),
    '\n\nquota-rules:\n  pods: not on Sundays\n',
  )
  t.teardown(() => webhook.close())
  await edit()
  const told = await scene.when(tenant, isRefused)
  toldAs(t, told, 'RefusedByWebhook')
  staysUsable(
    t,
    told,
    /admission webhook "guard\S*\.example\.com" denied the request: quota-rules: pods: not on Sundays\. /,
  )
  await webhook.close()
  const isNamed = (each: Tenant) => conditionOf(each, 'Ready')?.reason === 'ApiServerUnavailable'
  const silent = await scene.when(tenant, isNamed, { timeout: 120_000 })
  toldAs(t, silent, 'WebhookSilent')
  t.regex(conditionOf(silent, 'Ready')?.message ?? '', /the admission webhook guard\S*\.example\.com does not answer/)
  await webhook.remove()
  await scene.when(tenant, isReady, { timeout: 120_000 })
})

for (const code of [409, 429, 500])
  test(`a denial that a webhook gives the status ${code} is a refusal like any other`, async (t) => {
    t.timeout(300_000)
    const { tenant, edit } = await onPlanOfItsOwn()
    const refused = quotas(namespaceOf(tenant))
    const webhook = await refuseByWebhook(scene.api, uniqueName('guard'), refused, 'Not today.', code)
    t.teardown(() => webhook.close())
    await edit()
    const told = await scene.when(tenant, isRefused)
    toldAs(t, told, 'RefusedByWebhook')
    staysUsable(t, told, /denied the request: Not today\. /)
    await webhook.remove()
    await scene.when(tenant, isReady, { timeout: 120_000 })
  })

test('so is one that a policy gives a status of its own', async (t) => {
  t.timeout(300_000)
  const { tenant, edit } = await onPlanOfItsOwn()
  const refused = quotas(namespaceOf(tenant))
  const end = await refuseByPolicy(scene.api, uniqueName('freeze'), refused, 'Not today.', 'RequestEntityTooLarge')
  await edit()
  const told = await scene.when(tenant, isRefused)
  toldAs(t, told, 'RefusedByPolicy')
  staysUsable(t, told, /denied request: Not today\. /)
  await end()
  await scene.when(tenant, isReady, { timeout: 120_000 })
})

test('what is spoiled on its way in, so that the API server finds it invalid, is told with its field', async (t) => {
  t.timeout(300_000)
  const { tenant, edit } = await onPlanOfItsOwn()
  const changes = [{ path: ['spec', 'hard', 'frobs'], value: '3' }]
  const end = await mutate(scene, uniqueName('spoil'), { ...quotaOf(namespaceOf(tenant)), changes })
  await edit()
  const told = await scene.when(tenant, isRefused)
  toldAs(t, told, 'RefusedByRule')
  staysUsable(t, told, /is invalid: \[?spec\.hard\[frobs\]: Invalid value: .* Correct spec\.hard\[frobs\] in/)
  await end()
  await scene.when(tenant, isReady, { timeout: 120_000 })
})

test('a mutating policy that fails refuses like any other', async (t) => {
  t.timeout(300_000)
  const { tenant, edit } = await onPlanOfItsOwn()
  const patches = `[JSONPatch{op: "add", path: "/metadata/labels/team", value: object.metadata.annotations["team"]}]`
  const end = await mutateBy(scene, uniqueName('team'), quotaOf(namespaceOf(tenant)), patches)
  await edit()
  const told = await scene.when(tenant, isRefused)
  toldAs(t, told, 'RefusedByPolicy')
  staysUsable(t, told, /: policy 'team\S*' with binding 'team\S*' denied request: .*no such key: team\. Set what /)
  await end()
  await scene.when(tenant, isReady, { timeout: 120_000 })
})

test('a refusal that does not name who refuses is told in its words alone', async (t) => {
  t.timeout(300_000)
  const { tenant, edit } = await onPlanOfItsOwn()
  const end = await refuseByCondition(scene.api, uniqueName('guard'), quotas(namespaceOf(tenant)))
  await edit()
  const told = await scene.when(tenant, isRefused)
  toldAs(t, told, 'WriteRefused')
  staysUsable(
    t,
    told,
    /: resourcequotas "tenantry-quota" is forbidden: expression '[^']*\['team'\][^:]* resulted in error: no such key: team\. Tenantry retries with growing pauses\.$/,
  )
  await end()
  await scene.when(tenant, isReady, { timeout: 120_000 })
})

test('a write that the API server does not answer is told, and made once it answers', async (t) => {
  t.timeout(300_000)
  const { tenant, edit } = await onPlanOfItsOwn()
  const { promise, resolve } = Promise.withResolvers<void>()
  await using _webhook = await startWebhook(scene.api, uniqueName('slow'), quotas(namespaceOf(tenant)), async () => {
    await promise
    return { allowed: true }
  })
  await edit()
  const told = await scene.when(tenant, (each) => conditionOf(each, 'Reconciling')?.reason === 'ApiServerUnavailable')
  resolve()
  toldAs(t, told, 'ApiServerSilent')
  t.regex(conditionOf(told, 'Ready')?.message ?? '', /^The write of the ResourceQuota \S+ failed \(Timeout\)\. /)
  t.is(told.status?.phase, 'Active')
  t.is(conditionOf(told, 'Available')?.status, 'True')
  await scene.when(tenant, isReady, { timeout: 120_000 })
})

test('what is refused is tried with pauses, and written down once', async (t) => {
  t.timeout(420_000)
  const { tenant, edit } = await onPlanOfItsOwn()
  const id = uniqueName('guard')
  const { askedAt, close, remove } = await refuseByWebhook(scene.api, id, quotas(namespaceOf(tenant)), 'No.')
  t.teardown(close)
  await edit()
  const told = await scene.when(tenant, isRefused)
  const before = askedAt.length
  await eventually(() => askedAt.length >= before + 4, { timeout: 180_000, describe: 'four more tries' })
  const took = (askedAt.at(-1) ?? 0) - (askedAt[before] ?? 0)
  t.log(`${askedAt.length - before} tries in ${Math.round(took)} ms`)
  t.true(took > 1_000 * (askedAt.length - before - 1), 'a second apart at least')
  const after = await scene.api.get<Tenant>(paths.tenant(scene.home, tenant.metadata.name))
  t.is(after?.metadata.resourceVersion, told.metadata.resourceVersion)
  await remove()
  await scene.when(tenant, isReady)
})

test('a namespace that a policy refuses keeps a tenant from being made, and says so', async (t) => {
  t.timeout(300_000)
  const name = tenantName()
  const refused: Refused = { namespace: `tenant-${name}`, group: '', resource: 'namespaces', operations: ['CREATE'] }
  const end = await refuseByPolicy(scene.api, uniqueName('names'), refused, 'Namespaces need a cost centre.')
  const tenant = await scene.declare({}, { name })
  const told = await scene.when(tenant, isRefused)
  t.is(told.status?.phase, 'Provisioning')
  t.is(conditionOf(told, 'Available')?.status, 'False')
  t.regex(conditionOf(told, 'Ready')?.message ?? '', /denied request: Namespaces need a cost centre\. /)
  await end()
  await scene.when(tenant, isReady)
})

test('a tenant whose lost NetworkPolicy a policy keeps from being made again says so', async (t) => {
  t.timeout(300_000)
  const tenant = await scene.provisioned()
  const namespace = namespaceOf(tenant)
  const group = 'networking.k8s.io'
  const refused: Refused = { namespace, group, resource: 'networkpolicies', operations: ['CREATE'] }
  const end = await refuseByPolicy(scene.api, uniqueName('net'), refused, 'No new policies.')
  await scene.api.send('DELETE', paths.networkPolicy(namespace))
  const told = await scene.when(tenant, isRefused)
  t.regex(conditionOf(told, 'NamespaceReady')?.message ?? '', /No new policies\. /)
  await end()
  await scene.when(tenant, isReady)
})

test('a deletion whose namespace a policy keeps says so, and ends once it may', async (t) => {
  t.timeout(300_000)
  const tenant = await scene.provisioned()
  const refused: Refused = {
    namespace: namespaceOf(tenant),
    group: '',
    resource: 'namespaces',
    operations: ['DELETE'],
  }
  const end = await refuseByPolicy(scene.api, uniqueName('keep'), refused, 'Ask the platform team first.')
  await scene.api.send('DELETE', paths.tenant(scene.home, tenant.metadata.name))
  const told = await scene.when(tenant, isRefused)
  t.is(told.status?.phase, 'Deleting')
  t.regex(conditionOf(told, 'Stalled')?.message ?? '', /denied request: Ask the platform team first\. /)
  await end()
  await scene.gone(tenant)
  t.is(await scene.api.get(paths.namespace(namespaceOf(tenant))), undefined)
})
