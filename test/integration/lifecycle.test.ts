/** The whole way of a tenant, as its status, its mails and the machines that read it see it. */
import { readFile } from 'node:fs/promises'
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { harness } from '../harness/context.ts'
import { leaks } from '../harness/invariants.ts'
import { acceptInvite } from '../harness/invitee.ts'
import { eventually } from '../harness/wait.ts'
import { bindingOf, conditionOf, isReady, logsIn, namespaceOf, openScene, paths, tenantName } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

/** What kstatus makes of it (sigs.k8s.io/cli-utils/pkg/kstatus): Flux, kpt and `helm --wait` read objects so. */
function kstatus(object: Tenant | TenantAdmin): 'Terminating' | 'InProgress' | 'Failed' | 'Current' {
  const { metadata, status } = object
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  if (status?.observedGeneration !== metadata.generation) return 'InProgress'
  if (conditionOf(object, 'Reconciling')?.status === 'True') return 'InProgress'
  if (conditionOf(object, 'Stalled')?.status === 'True') return 'Failed'
  const ready = conditionOf(object, 'Ready')?.status
  return ready === 'True' || ready === undefined ? 'Current' : 'InProgress'
}

test('Declared, invited, accepted, made, changed, deleted: the phases and kstatus tell the story in this order', async (t) => {
  t.timeout(240_000)
  const name = tenantName()
  const story: string[] = []
  const watching = new AbortController()
  const began = Promise.withResolvers<void>()
  const note = (each: Tenant, type: string) => {
    if (each.metadata.name !== name) return
    const chapter = type === 'DELETED' ? 'gone' : `${each.status?.phase ?? 'new'} ${kstatus(each)}`
    if (story.at(-1) !== chapter) story.push(chapter)
  }
  const watched = scene.api.watch(paths.tenants(scene.home), watching.signal, note, began.resolve)
  await began.promise
  const declared = await scene.declare({ provisioning: 'OnAccept' }, { name })
  t.is(kstatus(declared), 'InProgress')
  t.is(declared.status?.observedGeneration, -1)
  const admin = await scene.declareAdmin(declared)
  await scene.accept(admin)
  const ready = await scene.when(declared, isReady)
  t.is(kstatus(ready), 'Current')
  const rename = { spec: { displayName: 'Called otherwise' } }
  const { metadata } = await scene.change(paths.tenant(scene.home, name), rename)
  const seen = await scene.when(declared, ({ status }) => status?.observedGeneration === metadata.generation)
  t.is(kstatus(seen), 'Current')
  await scene.deleted(seen)
  await eventually(() => story.at(-1) === 'gone')
  watching.abort()
  await watched
  const milestones = ['new InProgress', 'Pending Current', 'Active Current', 'Deleting Terminating', 'gone']
  const told = story.filter((chapter) => milestones.includes(chapter))
  const inOrder = told.filter((chapter, index) => chapter !== told[index - 1])
  t.deepEqual(inOrder, milestones, story.join(', '))
})

test('What needs a person is Failed to kstatus, and Current again when the person has done it', async (t) => {
  const subdomain = tenantName('s')
  await scene.provisioned({ subdomain })
  const second = await scene.declare({ subdomain })
  await scene.when(second, (each) => kstatus(each) === 'Failed')
  await scene.change(paths.tenant(scene.home, second.metadata.name), { spec: { subdomain: tenantName('s') } })
  await scene.when(second, (each) => kstatus(each) === 'Current' && isReady(each))
  t.pass()
})

test('What cannot be changed any more says so, and nothing that is there suffers from it', async (t) => {
  const tenant = await scene.provisioned()
  const binding = await bindingOf(scene, tenant)
  await scene.change(paths.tenant(scene.home, tenant.metadata.name), {
    spec: { database: { server: 'elsewhere' } },
  })
  const stalled = await scene.when(tenant, (each) => conditionOf(each, 'Stalled') !== undefined)
  t.like(conditionOf(stalled, 'Stalled'), { reason: 'DatabaseServerFixed' })
  t.regex(
    conditionOf(stalled, 'Stalled')?.message ?? '',
    /^spec\.database\.server: elsewhere differs .* create another Tenant and move the data\.$/,
  )
  t.is(conditionOf(stalled, 'Available')?.status, 'True')
  t.true(await logsIn(binding))
  await scene.change(paths.tenant(scene.home, tenant.metadata.name), {
    spec: { database: { server: null } },
  })
  await scene.when(tenant, isReady)
})

test('Resend: a new sequence and a new mail; the old link is dead, the new one makes the tenant', async (t) => {
  t.timeout(240_000)
  const { mail } = harness()
  const tenant = await scene.declare({ provisioning: 'OnAccept' })
  const admin = await scene.declareAdmin(tenant)
  const first = await scene.adminWhen(admin, ({ status }) => status?.invite?.sentAt !== undefined)
  const old = await mail.waitFor(({ to }) => to.includes(admin.spec.email), { timeout: 60_000 })
  const asked = new Date().toISOString()
  const annotations = { 'tenantry.dev/resend-requested-at': asked }
  await scene.change(paths.admin(scene.home, admin.metadata.name), { metadata: { annotations } })
  const second = await scene.adminWhen(admin, ({ status }) => status?.invite?.lastHandledResend === asked)
  t.is(second.status?.invite?.sequence, (first.status?.invite?.sequence ?? 0) + 1)
  const isNew = (message: { to: readonly string[]; messageId: string }) =>
    message.to.includes(admin.spec.email) && message.messageId !== old.messageId
  const newInvite = await mail.waitFor(isNew, { timeout: 60_000 })
  t.is(await acceptInvite(old.links[0] ?? ''), 'dead')
  t.is(await acceptInvite(newInvite.links[0] ?? ''), 'accepted')
  await scene.when(tenant, isReady)
  t.is(await acceptInvite(newInvite.links[0] ?? ''), 'dead')
})

test('No password, no token and no link stands in a status, an Event or the operator’s log', async (t) => {
  t.timeout(240_000)
  const { operator, mail } = harness()
  const tenant = await scene.declare()
  const admin = await scene.declareAdmin(tenant)
  const accepted = await scene.accept(admin)
  const ready = await scene.when(tenant, isReady)
  const { password = '' } = await bindingOf(scene, ready)
  const message = await mail.waitFor(({ to }) => to.includes(admin.spec.email))
  const link = message.links[0] ?? ''
  const secrets = { 'the password of the database': password, 'the token': link.split(/[/=]/).at(-1) ?? '' }
  t.true(Object.values(secrets).every((secret) => secret.length > 20))
  const events = await scene.api.list('/apis/events.k8s.io/v1/events')
  const texts = {
    'the Tenant': JSON.stringify(ready),
    'the TenantAdmin': JSON.stringify(accepted),
    'an Event': JSON.stringify(events),
    'the log': await readFile(operator.logPath, 'utf8'),
    "PostgreSQL's log": await readFile(harness().postgres.logPath, 'utf8'),
  }
  t.deepEqual(leaks(secrets, texts), [])
})

test('A plan that changes reaches the tenants that have it, and what it does not ask for any more goes', async (t) => {
  t.timeout(240_000)
  const plan = tenantName('plan')
  const object = { apiVersion: 'tenantry.dev/v1alpha1', kind: 'TenantPlan', metadata: { name: plan } }
  const limits = [{ type: 'Container', default: { memory: '1Gi' } }]
  await scene.api.send('POST', '/apis/tenantry.dev/v1alpha1/tenantplans', {
    ...object,
    spec: { quota: { pods: '3' }, limits },
  })
  const tenant = await scene.provisioned({ plan })
  const podsOf = async () => {
    const quota = await scene.api.get<{ spec?: { hard?: Record<string, string> } }>(paths.quota(namespaceOf(tenant)))
    return quota?.spec?.hard?.['pods']
  }
  t.is(await podsOf(), '3')
  const change = { spec: { quota: { pods: '7' }, limits: null } }
  await scene.change(`/apis/tenantry.dev/v1alpha1/tenantplans/${plan}`, change)
  await eventually(async () => (await podsOf()) === '7', { timeout: 60_000, describe: 'the quota of the new plan' })
  const isGone = async () => (await scene.api.get(paths.limits(namespaceOf(tenant)))) === undefined
  await eventually(isGone, { timeout: 60_000, describe: 'the limits to be gone' })
  await scene.when(tenant, isReady)
  t.pass()
})
