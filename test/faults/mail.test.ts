/**
 * A relay that refuses, hangs, breaks off or is gone: each invite says who has to act, others go, and it is delivered once
 * the relay answers.
 */
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { markNow, settle, writesSince } from '../../bench/quiet.ts'
import { timestamp } from '../../operator/runtime/base/clock.ts'
import type { Stored } from '../harness/api.ts'
import { temporaryFolder } from '../harness/folder.ts'
import { startMail } from '../harness/mail.ts'
import type { MailFault } from '../harness/mail-fault.ts'
import { startOperator } from '../harness/operator.ts'
import { eventually, throughout } from '../harness/wait.ts'
import { violations } from './judged.ts'
import { accept, addressOf, adminOf, available, conditionOf, declare, edit, inviteOf, newName, pathOf } from './life.ts'
import { startRunningWorld } from './running.ts'
import type { RunningWorld } from './running.ts'

let world: RunningWorld
test.before(async (t) => {
  t.timeout(300_000)
  world = await startRunningWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const mailsTo = async (name: string) => (await world.mail.all()).filter(({ to }) => to.includes(addressOf(name)))

function errorOf(admin: Stored | undefined): { readonly class: string; readonly message: string } | undefined {
  return inviteOf(admin)['lastError'] as ReturnType<typeof errorOf> // of our own schema
}

async function failed(name: string, timeout = 60_000) {
  return eventually(
    async () => {
      const admin = await adminOf(world, name)
      const error = errorOf(admin)
      return error === undefined ? undefined : { admin, error, status: inviteOf(admin)['status'] }
    },
    { timeout, describe: `the invite of ${name} to tell of a failure` },
  )
}

const sent = (name: string, timeout = 60_000) =>
  eventually(async () => inviteOf(await adminOf(world, name))['sentAt'], {
    timeout,
    describe: `${name}'s mail to be sent`,
  })

/** Another tenant's invite goes meanwhile. */
async function othersGo(): Promise<void> {
  const other = newName()
  await declare(world, other)
  await sent(other, 20_000)
}

test.serial('4xx for one address: transient, others go, and it is tried again by itself', async (t) => {
  t.timeout(300_000)
  const name = newName()
  const heal = world.mail.fault({ recipient: addressOf(name), effect: { reply: 451 } })
  await declare(world, name)
  const { error, status, admin } = await failed(name)
  t.is(error.class, 'Transient')
  t.is(status, 'EmailSendingFailed')
  t.is(conditionOf(admin, 'Stalled'), undefined)
  await othersGo()
  heal()
  await sent(name)
  t.is(inviteOf(await adminOf(world, name))['status'], 'Pending')
  t.is((await mailsTo(name)).length, 1)
})

test.serial(
  '5xx for one address: permanent, others go, nothing is tried until somebody asks for a resend',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    const heal = world.mail.fault({ recipient: addressOf(name), effect: { reply: 550 } })
    await declare(world, name)
    const { error, status, admin } = await failed(name)
    t.is(error.class, 'Permanent')
    t.is(status, 'EmailSendingFailed')
    t.is(conditionOf(admin, 'Stalled')?.status, 'True')
    heal()
    await othersGo()
    const attempts = inviteOf(await adminOf(world, name))['attempts']
    await throughout(2000, async () => {
      t.is(inviteOf(await adminOf(world, name))['attempts'], attempts)
    })
    await world.api.send('PATCH', pathOf(world, `tenantadmins/${name}-ada`), {
      metadata: { annotations: { 'tenantry.dev/resend-requested-at': new Date().toISOString() } },
    })
    await sent(name)
    t.is(inviteOf(await adminOf(world, name))['sequence'], 2)
    t.is(conditionOf(await adminOf(world, name), 'Stalled'), undefined)
  },
)

test.serial(
  'the connection drops before the 250: the mail goes again with the same Message-ID and the same link',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    world.mail.fault({ at: 'data', recipient: addressOf(name), times: 1, effect: 'drop' })
    await declare(world, name)
    const { error } = await failed(name)
    t.is(error.class, 'Transient')
    await sent(name)
    const mails = await mailsTo(name)
    t.deepEqual(
      mails.map(({ acknowledged }) => acknowledged),
      [false, true],
    )
    t.is(new Set(mails.map(({ messageId }) => messageId)).size, 1)
    t.is(new Set(mails.map(({ links }) => links.join(' '))).size, 1)
  },
)

interface WarningMail {
  readonly daysBefore?: number
  readonly attempts?: number
  readonly messageId?: string
  readonly sentAt?: string
  readonly lastError?: ReturnType<typeof errorOf>
}

const warningOf = async (name: string): Promise<WarningMail> =>
  (await adminOf(world, name))?.status?.['expiryWarning'] ?? {} // of our own schema

const warned = (name: string, days: number, what: string, check: (warning: WarningMail) => boolean) =>
  eventually(
    async () => {
      const warning = await warningOf(name)
      if (warning.daysBefore === days && check(warning)) return warning
      throw new Error(JSON.stringify(warning))
    },
    { timeout: 60_000, describe: `the warning of ${name}, ${days} days before, ${what}` },
  )

const warnings: readonly (readonly [days: number, fault: MailFault, acknowledged: readonly boolean[]])[] = [
  [30, { effect: { reply: 451 } }, [true]],
  [7, { at: 'data', effect: 'drop' }, [false, true]],
  [1, { at: 'data', effect: { reply: 452 } }, [true]],
]

/** An admin who has accepted, of a tenant that ends some time. */
async function accepted(): Promise<string> {
  const name = newName()
  await declare(world, name, endsIn(400).spec)
  await accept(world, name)
  await available(world, name)
  return name
}

const endsIn = (days: number) => ({ spec: { expiresAt: timestamp(Date.now() + days * 86_400_000) } })

test.serial(
  'a warning of the end is put off or cut as an invite is: it goes again as the same mail, once',
  async (t) => {
    t.timeout(300_000)
    const meets = async ([days, fault, acknowledged]: (typeof warnings)[number]) => {
      const name = await accepted()
      world.mail.fault({ recipient: addressOf(name), times: 1, ...fault })
      await edit(world, name, endsIn(days - 0.1))
      const tried = await warned(name, days, 'to fail', ({ lastError }) => lastError !== undefined)
      t.like(tried, { attempts: 1, sentAt: undefined, lastError: { class: 'Transient' } })
      await warned(name, days, 'to be sent', ({ sentAt }) => sentAt !== undefined)
      const mails = (await mailsTo(name)).filter(({ messageId }) => messageId.startsWith('<expiry.'))
      t.deepEqual(
        mails.map((mail) => mail.acknowledged),
        acknowledged,
      )
      t.deepEqual([...new Set(mails.map(({ messageId }) => messageId))], [tried.messageId])
      t.is(new Set(mails.map(({ text }) => text)).size, 1)
    }
    await Promise.all(warnings.map(meets))
  },
)

test.serial('the relay hangs with one mail: transient, others go meanwhile', async (t) => {
  t.timeout(300_000)
  const name = newName()
  const heal = world.mail.fault({ recipient: addressOf(name), effect: 'hang' })
  await declare(world, name)
  await othersGo()
  const { error } = await failed(name, 90_000)
  t.is(error.class, 'Transient')
  heal()
  await sent(name)
  t.is((await mailsTo(name)).length, 1)
})

/** Of invites that wait for a relay: a probe is one write of the one that makes it, and changes nothing that is said. */
async function staysQuiet(t: ExecutionContext, names: readonly string[]): Promise<void> {
  const saysSo = async (name: string) => conditionOf(await adminOf(world, name), 'Ready')?.reason === 'RelayUnavailable'
  const allSaySo = async () => (await Promise.all(names.map(saysSo))).every(Boolean)
  await eventually(allSaySo, { timeout: 60_000, describe: 'all to know that the relay fails for everyone' })
  const attempts = async () =>
    Promise.all(names.map(async (name) => Number(inviteOf(await adminOf(world, name))['attempts'])))
  const before = await attempts()
  const mark = await markNow(world)
  const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0)
  const probed = async () => sum(await attempts()) > sum(before)
  await eventually(probed, { timeout: 120_000, describe: 'a probe' })
  await settle(world, world.operator)
  // In this order: a try that comes in between counts as one, and its write does not.
  const { paths } = await writesSince(world, world.operator, mark)
  const after = await attempts()
  const written = names.map((name) => paths.filter((path) => path.endsWith(`/tenantadmins/${name}-ada`)).length)
  for (const [index, writes] of written.entries()) {
    const tries = (after[index] ?? 0) - (before[index] ?? 0)
    // The first failure of an invite is news, and written besides.
    const news = before[index] === 0 && tries > 0 ? 1 : 0
    t.true(writes <= tries + news, `${names[index]}: ${writes} writes, ${tries} tries`)
  }
  t.true(await allSaySo())
}

test.serial('the relay is down: every invite says so and is quiet, and all go when it is back', async (t) => {
  t.timeout(900_000)
  await world.mail.down()
  const names = Array.from({ length: 8 }, newName)
  for (const name of names) await declare(world, name)
  // The first find out; then the breaker lets no more than a probe through, and the others say so.
  const says = async (name: string) => {
    const delivered = conditionOf(await adminOf(world, name), 'InviteDelivered')
    const known = ['RelayUnavailable', 'MailTransientError']
    return delivered?.status === 'False' && known.includes(delivered.reason) ? delivered.reason : undefined
  }
  const reasons = await Promise.all(
    names.map((name) => eventually(() => says(name), { timeout: 60_000, describe: `${name} to tell of the relay` })),
  )
  t.log([...new Set(reasons)].join(', '))
  await staysQuiet(t, names)
  await world.mail.up()
  // As long as the breaker may wait by now.
  for (const name of names) await sent(name, 240_000)
  t.deepEqual(
    (await Promise.all(names.map(mailsTo))).map(({ length }) => length),
    names.map(() => 1),
  )
  t.deepEqual(await violations(world, { mailCrashes: 1, logs: await world.operator.logs() }), [])
})

test.serial(
  'the relay refuses the login: each invite says so, none is lost, the right password heals it',
  async (t) => {
    t.timeout(300_000)
    const account = { user: 'tenantry', password: 'violet harbour kettle' }
    await using relay = await startMail({ account })
    const folder = await temporaryFolder('smtp')
    t.teardown(() => folder.remove())
    const file = join(folder.path, 'password')
    /** As a kubelet does when the Secret has changed. */
    const setPassword = async (password: string) => {
      await writeFile(`${file}.next`, `${password}\n`)
      await rename(`${file}.next`, file)
    }
    await setPassword('of last year')
    await world.operator.stop()
    const env = { TENANTRY_SMTP_USERNAME: account.user, TENANTRY_SMTP_PASSWORD_FILE: file }
    await using operator = await startOperator({ cluster: world.cluster, mail: relay, web: world.web, env })
    const names = [newName(), newName()]
    for (const name of names) await declare(world, name)
    for (const name of names) {
      const { error, status, admin } = await failed(name)
      t.is(error.class, 'Configuration')
      t.regex(error.message, /^The mail relay wants other credentials: 535 /)
      t.is(status, 'EmailSendingFailed')
      t.like(conditionOf(admin, 'Stalled'), { status: 'True', reason: 'MailConfigurationError' })
    }
    t.deepEqual(await relay.all(), [])
    await setPassword(account.password)
    for (const name of names) {
      await sent(name, 90_000)
      const admin = await adminOf(world, name)
      t.like(inviteOf(admin), { status: 'Pending', sequence: 1, lastError: undefined })
      t.is(conditionOf(admin, 'Stalled'), undefined)
      const mails = (await relay.all()).filter(({ to }) => to.includes(addressOf(name)))
      t.is(mails.length, 1)
      t.like(mails[0], { user: account.user, tls: true, acknowledged: true })
    }
    const logs = await operator.logs()
    for (const secret of ['of last year', account.password]) t.false(logs.includes(secret))
  },
)
