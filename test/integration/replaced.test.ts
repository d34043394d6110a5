/** A Tenant is deleted and another of the same name is created, beside the objects of people who had access to the first. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { harness } from '../harness/context.ts'
import { acceptInvite } from '../harness/invitee.ts'
import { eventually } from '../harness/wait.ts'
import { household, person } from './security-scene.ts'
import { conditionOf, isReady, namespaceOf, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const limit = 180_000

const mailsTo = async ({ spec }: TenantAdmin) =>
  (await harness().mail.all()).filter(({ to }) => to.includes(spec.email))

const bindingIn = (tenant: Tenant) => scene.api.get(paths.roleBinding(namespaceOf(tenant), 'tenantry-admins'))

const invitedTo = (uid: string | undefined) => (admin: TenantAdmin) =>
  admin.status?.tenant?.uid === uid && admin.status?.invite?.sentAt !== undefined

test('the admin who had accepted is asked again, and is nobody in the new one until then', async (t) => {
  t.timeout(limit)
  const { tenant, namespace, admin, user } = await household(scene, {})
  const [first] = await mailsTo(admin)
  await scene.deleted(tenant)
  const another = await scene.when(await scene.declare({}, { name: tenant.metadata.name }), isReady)
  t.not(another.metadata.uid, tenant.metadata.uid)
  t.is(namespaceOf(another), namespace)

  const asked = await scene.adminWhen(admin, invitedTo(another.metadata.uid))
  t.like(asked.status?.invite, { sequence: 2, replacedTenantUid: tenant.metadata.uid })
  t.like(conditionOf(asked, 'Ready'), { status: 'True', reason: 'TenantReplaced' })
  t.is(await bindingIn(another), undefined)
  t.is(conditionOf(another, 'AdminAccepted')?.status, 'False')
  await using acting = await person(user)
  t.is((await acting.try('GET', paths.secret(namespace))).status, 403)
  t.is(await acceptInvite(first?.links[0] ?? ''), 'dead')

  const mails = await eventually(async () => {
    const found = await mailsTo(admin)
    return found.length > 1 ? found : undefined
  })
  t.is(mails.length, 2)
  const next = mails.find(({ links }) => links[0] !== first?.links[0])
  t.is(await acceptInvite(next?.links[0] ?? ''), 'accepted')
  const accepted = await scene.adminWhen(admin, ({ status }) => status?.invite?.status === 'Accepted')
  t.is(accepted.status?.invite?.replacedTenantUid, undefined)
  await eventually(() => bindingIn(another), { timeout: 30_000, describe: 'the admin to be bound' })
})

test('one that is made when its admin accepts is not made by what was accepted for another; an open link is dead', async (t) => {
  t.timeout(limit)
  const onAccept = { provisioning: 'OnAccept' }
  const declared = await scene.declare(onAccept)
  const [accepts, waits] = [await scene.declareAdmin(declared), await scene.declareAdmin(declared)]
  await scene.accept(accepts)
  const tenant = await scene.when(declared, isReady)
  await scene.adminWhen(waits, invitedTo(tenant.metadata.uid))
  const [open] = await mailsTo(waits)
  await scene.deleted(tenant)

  const another = await scene.declare(onAccept, { name: tenant.metadata.name })
  for (const admin of [accepts, waits]) {
    const asked = await scene.adminWhen(admin, invitedTo(another.metadata.uid))
    t.like(asked.status, { phase: 'Pending', invite: { sequence: 2 } })
  }
  t.is(await acceptInvite(open?.links[0] ?? ''), 'dead')
  const resting = await scene.when(another, (each) => conditionOf(each, 'Ready')?.reason === 'AwaitingAcceptance')
  t.is(conditionOf(resting, 'AdminAccepted')?.status, 'False')
  t.is(await scene.api.get(paths.namespace(`tenant-${tenant.metadata.name}`)), undefined)
})
