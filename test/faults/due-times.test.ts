/** Dates of five kinds that come while nobody leads, and while the clock is set back and forward: each happens, in its time, once. Its limits leave room for a busy machine. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { temporaryFolder } from '../harness/folder.ts'
import { acceptInvite } from '../harness/invitee.ts'
import type { CaughtMail } from '../harness/mail-message.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually, throughout } from '../harness/wait.ts'
import { issuer } from '../licenses.ts'
import { startClockedWorld } from './clocked.ts'
import type { ClockedWorld } from './clocked.ts'
import {
  after,
  before,
  customerLogin,
  fiveDates,
  household,
  inviteePath,
  standing,
  stands,
  toldOf,
} from './five-dates.ts'
import type { FiveDates, Household } from './five-dates.ts'
import { violations } from './judged.ts'
import { addressOf, adminOf, available, conditionOf, inviteOf, tenantOf } from './life.ts'

const day = 86_400_000
const stack = new AsyncDisposableStack()
const licenses = issuer()
let world: ClockedWorld
let first: OperatorProcess
let second: OperatorProcess
let at: Household
let five: FiveDates
/** The form of the invite, as it was before that expired. */
let form: Record<string, string>

/** Nobody loses the lead because the machine stands still for a moment: who has lost it ends. */
const env = { TENANTRY_LEASE_DURATION: '10s', TENANTRY_RENEW_DEADLINE: '8s', TENANTRY_RETRY_PERIOD: '1s' }

test.before(async (t) => {
  t.timeout(300_000)
  world = stack.use(await startClockedWorld())
  const folder = await temporaryFolder('license')
  stack.defer(() => folder.remove())
  const TENANTRY_LICENSE_PUBLIC_KEYS_FILE = join(folder.path, 'license.pub')
  await writeFile(TENANTRY_LICENSE_PUBLIC_KEYS_FILE, licenses.pem)
  const start = () => world.start({ env: { ...env, TENANTRY_LICENSE_PUBLIC_KEYS_FILE } })
  first = stack.use(await start())
  at = await household(world)
  five = await fiveDates(world, at, licenses)
  second = stack.use(await start())
})
test.after.always(() => stack.disposeAsync())

/** `time`: what the operators' clock says from now on; milliseconds since the epoch. */
const setClockTo = (time: number): Promise<void> => world.setClock(time - Date.now())

const mailsTo = async (name: string) => (await world.mail.all()).filter(({ to }) => to.includes(addressOf(name)))
const warningsOf = async (name: string) =>
  (await mailsTo(name)).filter(({ messageId }) => messageId.startsWith('<expiry.'))

async function daysWarned(name: string): Promise<string> {
  const warnings = (await tenantOf(world, name))?.status?.['warnings'] ?? []
  return (warnings as readonly { readonly daysBefore: number }[]).map(({ daysBefore }) => daysBefore).join() // of our own schema
}

const tokenIn = (mail: CaughtMail | undefined) => new URL(mail?.links[0] ?? '').searchParams.get('token') ?? ''
const tokenOf = async (name: string) => tokenIn((await mailsTo(name))[0])

const page = '/accept'
const cookieOf = (token: string) => `tenantry-invite=${token}`
const limits = () => ({ redirect: 'manual', signal: AbortSignal.timeout(20_000) }) as const

const visit = (token: string, on: OperatorProcess) =>
  fetch(`${on.web}${page}`, { ...limits(), headers: { cookie: cookieOf(token) } })

async function formOf(token: string, on: OperatorProcess): Promise<Record<string, string>> {
  const answer = await visit(token, on)
  const hidden = [...(await answer.text()).matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
  const password = 'violet harbour kettle'
  const fields = { password, passwordAgain: password, consent: 'yes' }
  return { ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])), ...fields }
}

/** All of an answer that somebody can see. */
async function seen(answer: Promise<Response>): Promise<string> {
  const { status, headers, text } = await answer.then(async (each) => ({
    status: each.status,
    headers: [...each.headers].filter(([name]) => name !== 'date'),
    text: await each.text(),
  }))
  return JSON.stringify([status, headers, text])
}

const submit = (token: string) =>
  fetch(`${second.web}${page}`, {
    ...limits(),
    method: 'POST',
    headers: { cookie: cookieOf(token), origin: second.web, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams(form),
  })

/** Each end is told, and once; `ends`: what is told of an account, and of a license, in alphabetical order. */
async function tells(t: ExecutionContext, subjects: typeof five, ends: string): Promise<void> {
  const told = {
    invite: 'InviteExpired, InviteSent',
    account: ends,
    license: ends,
    archive: 'Archived, Provisioned, Purged',
    grant: 'AccessEnded, AccessGranted',
  }
  const allTold = async () => JSON.stringify(await toldOf(world, subjects)) === JSON.stringify(told)
  await eventually(allTold, { timeout: 60_000 }).catch(() => undefined)
  t.deepEqual(await toldOf(world, subjects), told)
}

test.serial('five dates come while nobody leads: the next leader finds all of them, and does each once', async (t) => {
  t.timeout(300_000)
  form = await formOf(await tokenOf(five.invited), first)
  t.truthy(form['key'])
  const login = await customerLogin(world, at)
  await first.kill()
  await setClockTo(five.last + 60_000)
  await stands(world, at, five, after)
  await tells(t, five, 'Expired, ExpiresSoon, Provisioned')
  t.is((await mailsTo(five.invited)).length, 1)
  t.is((await warningsOf(five.account)).length, 1)
  // Who had access may have read the password.
  await eventually(async () => (await customerLogin(world, at)) !== login, {
    timeout: 60_000,
    describe: 'the rotation',
  })
  t.deepEqual(await violations(world, { logs: `${await first.logs()}${await second.logs()}` }), [])
})

test.serial(
  'an invite that has expired answers as one that was used or never was, to the byte; a new one works',
  async (t) => {
    t.timeout(300_000)
    const expired = await tokenOf(five.invited)
    const stalled = conditionOf(await adminOf(world, five.invited), 'Stalled')
    t.is(stalled?.reason, 'InviteExpired')
    const tokens = [expired, await tokenOf(five.account), 'unknown', `${expired.slice(0, -2)}AA`]
    const pages = await Promise.all(tokens.map((token) => seen(visit(token, second))))
    t.is(new Set(pages).size, 1)
    t.true(pages[0]?.startsWith('[410'))
    // The page that was open when the date came.
    t.is(await seen(submit(expired)), await seen(submit('unknown')))
    const former = (await mailsTo(five.invited)).map(({ messageId }) => messageId)
    await world.api.send('PATCH', inviteePath(world, five), {
      metadata: { annotations: { 'tenantry.dev/resend-requested-at': new Date().toISOString() } },
    })
    const mail = await world.mail.waitFor(
      ({ to, messageId }) => to.includes(addressOf(five.invited)) && !former.includes(messageId),
      { timeout: 60_000, describe: 'the new invite' },
    )
    const again = await eventually(
      async () => {
        const invite = inviteOf(await adminOf(world, five.invited))
        return invite['sentAt'] === undefined ? undefined : invite
      },
      { timeout: 60_000, describe: 'the new invite to be recorded' },
    )
    t.like(again, { status: 'Pending', sequence: 2, messageId: mail.messageId })
    t.is(conditionOf(await adminOf(world, five.invited), 'Stalled'), undefined)
    t.is((await visit(expired, second)).status, 410)
    t.is(await acceptInvite(mail.links[0] ?? ''), 'accepted')
    await available(world, five.invited)
    // The status of the admin is another's to write than that of the tenant.
    await eventually(async () => inviteOf(await adminOf(world, five.invited))['status'] === 'Accepted', {
      timeout: 60_000,
      describe: 'the status to say that it was accepted',
    })
  },
)

test.serial('a clock that is set back and forward: nothing comes early, all comes when it is due', async (t) => {
  t.timeout(400_000)
  const next = await fiveDates(world, at, licenses)
  const left = 25_000
  await setClockTo(next.first - left)
  const set = performance.now()
  // The jump is noticed, the last warning given: from here on all of them are waited for, some seconds each.
  const noticed = async () => (await daysWarned(next.account)) + (await daysWarned(next.licensed)) === '7,17,1'
  await eventually(noticed, { timeout: left, describe: 'the jump to be noticed' })
  await setClockTo(next.first - left - day)
  const waits = set + left + (next.last - next.first) + 2_000 - performance.now()
  const isEarly = async () => {
    t.deepEqual(await standing(world, at, next), before)
  }
  await throughout(waits, isEarly, 1_000)
  await setClockTo(next.last + 1_000)
  await stands(world, at, next, after)
  await tells(t, next, 'Expired, ExpiresSoon, ExpiresSoon, Provisioned')
  const mails = await warningsOf(next.account)
  t.is(mails.length, 2)
  t.is(new Set(mails.map(({ messageId }) => messageId)).size, 2)
  t.is((await mailsTo(next.invited)).length, 1)
  t.deepEqual(await violations(world, { logs: await second.logs() }), [])
})
