/** Mail in our name has an end: admins of a tenant who declare others, delete them and declare them again. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { harness } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { household, person } from './security-scene.ts'
import type { Person } from './security-scene.ts'
import { conditionOf, openScene, paths, tenantName } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const planWith = (admins: object) => scene.declarePlan({ admins, roles: { viewer: 'tenantry-tenant-viewer' } })

/** An admin of the tenant declares another one in the tenant's own namespace. */
async function declare(by: Person, namespace: string, name: string): Promise<void> {
  const answer = await by.try('POST', paths.admins(namespace), {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'TenantAdmin',
    metadata: { name },
    spec: { username: name, email: `${name}@example.com` },
  })
  if (answer.status !== 201) throw new Error(answer.text)
}

const settled = new Set(['AwaitingAnswer', 'AdminLimitReached', 'InviteLimitReached'])

const told = (namespace: string, name: string) =>
  eventually(
    async () => {
      const admin = await scene.api.get<TenantAdmin>(paths.admin(namespace, name))
      const reason = admin === undefined ? undefined : conditionOf(admin, 'Ready')?.reason
      return settled.has(reason ?? '') ? reason : undefined
    },
    { timeout: 60_000, describe: `${name} to be invited or told why not` },
  )

const becomes = (namespace: string, name: string, reason: string) =>
  eventually(async () => (await told(namespace, name)) === reason, {
    timeout: 60_000,
    describe: `${name} to say ${reason}`,
  })

test('One TenantAdmin more than the plan allows is invited when another one goes, and no sooner', async (t) => {
  t.timeout(240_000)
  const plan = await planWith({ max: 3 })
  const { namespace, user } = await household(scene, { plan })
  await using admin = await person(user)
  const names = Array.from({ length: 4 }, () => tenantName('a'))
  // Side by side, as a script does it.
  await Promise.all(names.map((name) => declare(admin, namespace, name)))
  const reasons = await Promise.all(names.map((name) => told(namespace, name)))
  const of = (reason: string) => names.filter((_name, index) => reasons[index] === reason)
  t.is(of('AwaitingAnswer').length, 2)
  t.is(of('AdminLimitReached').length, 2)
  const [first = ''] = of('AwaitingAnswer')
  t.is((await admin.try('DELETE', paths.admin(namespace, first))).status, 200)
  await eventually(
    async () => {
      const after = await Promise.all(of('AdminLimitReached').map((name) => told(namespace, name)))
      return after.filter((reason) => reason === 'AwaitingAnswer').length === 1
    },
    { timeout: 60_000, describe: 'one of those who waited to be invited' },
  )
  await scene.api.send('PATCH', paths.plan(plan), { spec: { admins: { max: 10 } } })
  for (const name of of('AdminLimitReached')) await becomes(namespace, name, 'AwaitingAnswer')
})

test('Who deletes admins and declares others sends no more mails in a day than the plan allows, also after a deletion', async (t) => {
  t.timeout(300_000)
  const plan = await planWith({ invitesPerDay: 4 })
  // Their own invite is the first of the day.
  const { tenant, namespace, user } = await household(scene, { plan })
  await using admin = await person(user)
  const mark = tenantName('m')
  const invited: string[] = []
  for (let round = 0; round < 6; round += 1) {
    const name = `${mark}-${round}`
    await declare(admin, namespace, name)
    const reason = await told(namespace, name)
    if (reason === 'AwaitingAnswer') invited.push(name)
    else t.is(reason, 'InviteLimitReached')
    if (round === 5) break
    await admin.try('DELETE', paths.admin(namespace, name))
    const gone = async () => (await scene.api.get(paths.admin(namespace, name))) === undefined
    await eventually(gone, { timeout: 30_000, describe: `${name} to be gone` })
  }
  t.is(invited.length, 3)
  const mails = await harness().mail.all()
  t.is(mails.filter(({ to }) => to[0]?.startsWith(mark)).length, 3)
  const { metadata } = tenant
  const counted = await scene.api.get<Tenant>(paths.tenant(metadata.namespace ?? '', metadata.name))
  t.is(counted?.status?.departedInvites?.count, 3)
  await scene.api.send('PATCH', paths.plan(plan), { spec: { admins: { invitesPerDay: 50 } } })
  await becomes(namespace, `${mark}-5`, 'AwaitingAnswer')
})
