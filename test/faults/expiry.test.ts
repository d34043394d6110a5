/** Time on real servers: dates that come, a clock that is set, an operator that is killed in between, and what people hear. */
import test from 'ava'
import type { TenantAdminStatus } from '../../operator/api/tenantadmin.ts'
import type { TenantStatus } from '../../operator/api/tenant.ts'
import type { Stored } from '../harness/api.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startClockedWorld } from './clocked.ts'
import type { ClockedWorld } from './clocked.ts'
import { violations } from './judged.ts'
import { reasonsIn } from './told.ts'
import {
  accept,
  addressOf,
  adminOf,
  available,
  conditionOf,
  declareAdmin,
  declareTenant,
  newName,
  pathOf,
  tenantOf,
} from './life.ts'

const day = 86_400_000
let world: ClockedWorld
let operator: OperatorProcess

test.before(async (t) => {
  t.timeout(300_000)
  world = await startClockedWorld()
  operator = await world.start()
})
test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

/** SIGKILL, and the same pod's next container. */
async function restart(meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
  const { pod } = operator
  await operator.kill()
  await meanwhile()
  await operator[Symbol.asyncDispose]()
  operator = await world.start({ pod })
}

const inFuture = (milliseconds: number): string =>
  new Date(Math.ceil((Date.now() + milliseconds) / 1000) * 1000).toISOString().replace('.000Z', 'Z')

const statusOf = (tenant: Stored | undefined) => (tenant?.status ?? {}) as Partial<TenantStatus> // of our own schema
const adminStatusOf = (admin: Stored | undefined) => (admin?.status ?? {}) as Partial<TenantAdminStatus> // likewise

async function when(name: string, check: (status: Partial<TenantStatus>) => boolean, what: string): Promise<void> {
  const read = async () => {
    const tenant = await tenantOf(world, name)
    if (check(statusOf(tenant))) return true
    throw new Error(JSON.stringify(tenant?.status))
  }
  await eventually(read, { timeout: 60_000, interval: 100, describe: `${name}: ${what}` })
}

const becomes = (name: string, phase: string) =>
  when(name, (status) => status.phase === phase && readyOf(status), `to be ${phase}`)
const readyOf = ({ conditions }: Partial<TenantStatus>) =>
  conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
const warnedOf = ({ warnings = [] }: Partial<TenantStatus>) => warnings.map(({ daysBefore }) => daysBefore)

async function logsIn(name: string): Promise<boolean> {
  const { namespace = '' } = statusOf(await tenantOf(world, name))
  const secret = await world.api.get(`/api/v1/namespaces/${namespace}/secrets/tenantry-database`)
  const entry = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString('utf8')
  try {
    const account = { user: entry('username'), password: entry('password') }
    await using session = await world.postgres.connect({ ...account, database: entry('database') })
    await session.query('SELECT 1')
    return true
  } catch {
    return false
  }
}

const move = (name: string, expiresAt: string) =>
  world.api.send('PATCH', pathOf(world, `tenants/${name}`), { spec: { expiresAt } })

const warningMails = async (name: string) =>
  (await world.mail.all()).filter(
    ({ to, messageId }) => to.includes(addressOf(name)) && messageId.startsWith('<expiry.'),
  )

/** An Event is sent after the status that it tells of. */
async function told(name: string, reasons: string): Promise<void> {
  const isTold = async () => (await reasonsIn(world))('Tenant', name) === reasons
  await eventually(isTold, { describe: `the Events ${reasons}` })
}

async function begun(expiresAt: string): Promise<string> {
  const name = newName()
  await declareTenant(world, name, { provisioning: 'OnAccept', expiresAt })
  await declareAdmin(world, name)
  await accept(world, name)
  await available(world, name)
  return name
}

test.serial(
  'a date comes by itself: the login is off; it is moved: the login is on, with the same password',
  async (t) => {
    t.timeout(300_000)
    const name = await begun(inFuture(100 * day))
    t.true(await logsIn(name))
    await move(name, inFuture(8_000))
    await becomes(name, 'Expired')
    t.like(conditionOf(await tenantOf(world, name), 'Available'), { status: 'False', reason: 'Expired' })
    t.false(await logsIn(name))
    await restart()
    await becomes(name, 'Expired')
    t.false(await logsIn(name))
    await move(name, inFuture(100 * day))
    await becomes(name, 'Active')
    t.true(await logsIn(name))
    t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
  },
)

test.serial(
  'forty days with a clock that is set, and an operator that is killed: each warning is one mail',
  async (t) => {
    t.timeout(450_000)
    const expiresAt = inFuture(40 * day)
    const name = await begun(expiresAt)
    t.deepEqual(warnedOf(statusOf(await tenantOf(world, name))), [])
    await world.setClock(11 * day)
    await when(name, (status) => warnedOf(status).join() === '30', 'to be warned')
    const sent = (days: number) => async () => {
      const { expiryWarning } = adminStatusOf(await adminOf(world, name))
      return expiryWarning?.daysBefore === days && expiryWarning.sentAt !== undefined
    }
    await eventually(sent(30), { timeout: 60_000, describe: 'the first mail' })
    await restart(() => world.setClock(39.5 * day))
    await when(name, (status) => warnedOf(status).join() === '30,1', 'to be warned once for what was missed')
    await eventually(sent(1), { timeout: 60_000, describe: 'the second mail' })
    const mails = await warningMails(name)
    t.is(mails.length, 2)
    t.is(new Set(mails.map(({ messageId }) => messageId)).size, 2)
    t.true(mails.every(({ links }) => links.length === 0))
    const metric = (await operator.probe('/metrics')).body.split('\n').find((line) => line.includes(`name="${name}"`))
    t.is(Number(metric?.split(' ').at(-1)), Date.parse(expiresAt) / 1000)
    await world.setClock(41 * day)
    await becomes(name, 'Expired')
    t.false(await logsIn(name))
    await told(name, 'Expired, ExpiresSoon, ExpiresSoon, Provisioned')
    await restart()
    await move(name, inFuture(400 * day))
    await becomes(name, 'Active')
    t.true(await logsIn(name))
    await world.setClock(0)
    await when(name, (status) => status.phase === 'Active' && status.warnings === undefined, 'to be as before')
    t.is((await warningMails(name)).length, 2)
    await told(name, 'Activated, Expired, ExpiresSoon, ExpiresSoon, Provisioned')
    t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
  },
)

test.serial(
  'an admin who is turned off has no access, and has it back when turned on; the invite stays accepted',
  async (t) => {
    t.timeout(300_000)
    const name = await begun(inFuture(400 * day))
    const { namespace = '', database } = statusOf(await tenantOf(world, name))
    const bound = async () => {
      const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/tenantry-admins`
      return (await world.api.get(path)) !== undefined
    }
    const inDirectory = async () => {
      const query = 'SELECT status FROM tenantry.admins'
      const rows = await world.postgres.query<{ status: string }>(query, [], database?.name ?? '')
      return rows.map(({ status }) => status).join()
    }
    // What is his in the namespace follows when the tenant is there.
    t.true(await eventually(bound, { timeout: 60_000, describe: 'the access of an admin who has accepted' }))
    for (const state of ['Deactivated', 'Archived', 'Active'] as const) {
      await world.api.send('PATCH', pathOf(world, `tenantadmins/${name}-ada`), { spec: { state } })
      const follows = async () => (await bound()) === (state === 'Active') && (await inDirectory()) === state
      await eventually(follows, { timeout: 60_000, describe: `the access of an admin who is ${state}` })
      const stands = async () => {
        const { phase, invite } = adminStatusOf(await adminOf(world, name))
        return phase === (state === 'Active' ? 'Accepted' : state) && invite?.status === 'Accepted'
      }
      await eventually(stands, { describe: `the status of an admin who is ${state}` })
    }
  },
)
