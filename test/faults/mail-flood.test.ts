/** One mailbox is not flooded, whoever names it how often: several TenantAdmins, resends, deletion and declaration anew. Its limits leave room for a busy machine. */
import test from 'ava'
import { settle } from '../../bench/quiet.ts'
import { startOperator } from '../harness/operator.ts'
import { eventually, throughout } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { conditionOf, declare, declareTenant, inviteOf, newName, pathOf } from './life.ts'

let world: World
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const victim = 'victim@elsewhere.example.org'

const get = (name: string) => world.api.get(pathOf(world, `tenantadmins/${name}`))

async function invite(tenant: string, name: string): Promise<void> {
  await world.api.send('POST', pathOf(world, 'tenantadmins'), {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'TenantAdmin',
    metadata: { name, namespace: world.installation.home },
    spec: { tenantRef: { name: tenant }, username: name, email: victim },
  })
}

const told = (name: string) =>
  eventually(
    async () => {
      const admin = await get(name)
      const reason = conditionOf(admin, 'Ready')?.reason ?? ''
      return ['AwaitingAnswer', 'InvitePostponed'].includes(reason) ? reason : undefined
    },
    { timeout: 60_000, describe: `${name} to be invited or to wait` },
  )

const toVictim = async () => (await world.mail.all()).filter(({ to }) => to.includes(victim)).length

test.serial(
  'Forty ways to mail one mailbox send five mails; what waits says so and is quiet, and other mail goes',
  async (t) => {
    t.timeout(300_000)
    const env = { TENANTRY_MAIL_INTERVAL: '5m' }
    await using operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env })
    const tenant = newName()
    await declareTenant(world, tenant)
    const names = Array.from({ length: 8 }, () => newName())
    for (const name of names) await invite(tenant, name)
    const reasons = await Promise.all(names.map(told))
    t.is(reasons.filter((reason) => reason === 'InvitePostponed').length, 3)
    const invited = names.filter((_name, index) => reasons[index] === 'AwaitingAnswer')
    for (let round = 0; round < 4; round += 1)
      for (const name of invited.slice(0, 2)) {
        const annotations = { 'tenantry.dev/resend-requested-at': `round ${round}` }
        await world.api.send('PATCH', pathOf(world, `tenantadmins/${name}`), { metadata: { annotations } })
      }
    for (const name of invited.slice(2)) {
      await world.api.send('DELETE', pathOf(world, `tenantadmins/${name}`))
      await eventually(async () => (await get(name)) === undefined, { timeout: 60_000, describe: `${name} to be gone` })
      await invite(tenant, name)
      t.is(await told(name), 'InvitePostponed')
    }
    const other = newName()
    await declare(world, other)
    await world.mail.waitFor(({ to }) => to.some((each) => each.includes(other)))
    t.is(await toVictim(), 5)
    await settle(world, operator)
    const versions = async () => Promise.all(names.map(async (name) => (await get(name))?.metadata.resourceVersion))
    const before = await versions()
    await throughout(3000, async () => {
      t.deepEqual(await versions(), before)
    })
    t.is(await toVictim(), 5)
    await operator.stop()
  },
)

test.serial('What waits for its turn goes out by itself, one after the other', async (t) => {
  t.timeout(300_000)
  const interval = 4000
  const env = { TENANTRY_MAIL_INTERVAL: `${interval}ms` }
  const tenant = newName()
  await declareTenant(world, tenant)
  const names = Array.from({ length: 7 }, () => newName())
  const mine = 'patient@elsewhere.example.org'
  for (const name of names) {
    await invite(tenant, name)
    await world.api.send('PATCH', pathOf(world, `tenantadmins/${name}`), { spec: { email: mine } })
  }
  const began = Date.now()
  await using _operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env })
  const sentAt = (name: string) =>
    eventually(async () => inviteOf(await get(name))['sentAt'], { timeout: 90_000, describe: `the mail of ${name}` })
  const times = (await Promise.all(names.map(sentAt))).map((time) => Date.parse(String(time))).toSorted((a, b) => a - b)
  // Written in whole seconds. The pace counts from when the first begins to go, which a busy relay may take long for.
  t.true((times[6] ?? 0) - began >= 2 * interval - 1000, `${began}: ${times.join(' ')}`)
  t.is((await world.mail.all()).filter(({ to }) => to.includes(mine)).length, names.length)
})
