/** A Tenant is deleted and another of the same name is created, beside the objects of people who had access to the first. */
import test from 'ava'
import type { AccessGrant } from '../../operator/api/accessgrant.ts'
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

const limit = 300_000
const longWait = { timeout: 90_000 }

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
  // The apiserver's authorizer hears a moment later of what went with the namespace; there is no binding to hear of.
  const isRefused = async () => (await acting.try('GET', paths.secret(namespace))).status === 403
  await eventually(isRefused, { describe: `${user} to be refused` })
  t.is(await acceptInvite(first?.links[0] ?? ''), 'dead')

  const mails = await eventually(async () => {
    const found = await mailsTo(admin)
    return found.length > 1 ? found : undefined
  }, longWait)
  t.is(mails.length, 2)
  const next = mails.find(({ links }) => links[0] !== first?.links[0])
  t.is(await acceptInvite(next?.links[0] ?? ''), 'accepted')
  const accepted = await scene.adminWhen(admin, ({ status }) => status?.invite?.status === 'Accepted')
  t.is(accepted.status?.invite?.replacedTenantUid, undefined)
  await eventually(() => bindingIn(another), { ...longWait, describe: 'the admin to be bound' })
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

const grants = (namespace: string) => `/apis/tenantry.dev/v1alpha1/namespaces/${namespace}/accessgrants`

async function grantIs(path: string, phase: string): Promise<AccessGrant> {
  return eventually(
    async () => {
      const grant = await scene.api.get<AccessGrant>(path)
      if (grant?.status?.phase === phase) return grant
      throw new Error(JSON.stringify(grant?.status))
    },
    { ...longWait, describe: `${path} to be ${phase}` },
  )
}

test('what was granted to the old one is refused until it is given anew; a tenant that takes over has what was granted', async (t) => {
  t.timeout(2 * limit)
  const msp = await household(scene, { type: 'MSP' })
  const { spec } = await scene.accept(await scene.declareAdmin(msp.tenant, { role: 'Technician' }))
  await using technician = await person(spec.email.toLowerCase())
  const at = { namespace: msp.namespace }
  const declared = await scene.declare({}, at)
  const { name } = declared.metadata
  const tenant = await scene.when(declared, isReady)
  const manifest = {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'AccessGrant',
    metadata: { name },
    spec: { type: 'Delegation', tenantRef: { name }, username: spec.username },
  }
  const path = `${grants(msp.namespace)}/${name}`
  await scene.api.send('POST', grants(msp.namespace), manifest)
  const given = await grantIs(path, 'Active')
  t.is(given.status?.tenantUid, tenant.metadata.uid)
  const reads = async () => (await technician.try('GET', paths.secret(namespaceOf(tenant)))).status
  await eventually(async () => (await reads()) === 200, longWait)

  await scene.deleted(tenant)
  const another = await scene.when(await scene.declare({ deletion: { policy: 'Retain' } }, { ...at, name }), isReady)
  const refused = await grantIs(path, 'Refused')
  t.is(refused.status?.conditions?.find(({ type }) => type === 'Stalled')?.reason, 'TenantReplaced')
  t.is(refused.status?.tenantUid, tenant.metadata.uid)
  t.is(namespaceOf(another), namespaceOf(tenant))
  await eventually(async () => (await reads()) === 403, { describe: 'the technician to be refused' })

  await scene.api.send('DELETE', path)
  await scene.api.send('POST', grants(msp.namespace), manifest)
  await grantIs(path, 'Active')
  await eventually(async () => (await reads()) === 200, longWait)

  await scene.deleted(another)
  const taker = await scene.api.send<Tenant>('POST', paths.tenants(msp.namespace), {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'Tenant',
    metadata: { name, annotations: { 'tenantry.dev/adopt': another.metadata.uid } },
    spec: { displayName: 'Taken over' },
  })
  const adopted = await scene.when(taker, isReady)
  t.deepEqual(adopted.status?.adopted, [another.metadata.uid])
  const still = await eventually(async () => {
    const grant = await grantIs(path, 'Active')
    return grant.status?.tenantUid === adopted.metadata.uid ? grant : undefined
  }, longWait)
  t.is(still.metadata.name, name)
  // The apiserver's authorizer hears of a RoleBinding a moment after it is there.
  await eventually(async () => (await reads()) === 200, longWait)
})
