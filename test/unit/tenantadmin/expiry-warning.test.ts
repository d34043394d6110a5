/** The mail that a tenant ends: to whom, once, whatever fails in between. */
import test from 'ava'
import type { Tenant } from '../../../operator/api/tenant.ts'
import { MailError } from '../../../operator/mail/port.ts'
import { activeMsp, condition, tenant, tenantAdmin } from './gen.ts'
import { World } from './world.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const start = Date.UTC(2030, 0, 1)
const at = (days: number): string => new Date(start + days * day).toISOString().replace('.000Z', 'Z')
const greylisted = new MailError('transient', 'The mail relay put the mail off.', 450)
const nobody = new MailError('permanent', 'The mail relay refused the address.', 550)
const down = new MailError('transient', 'The connection to the mail relay failed.', undefined, 'relay')

/** As its reconciler leaves it: warned on these days before `expiresAt`. */
function warned(expiresAt: string, ...days: readonly number[]): Tenant {
  const warnings = days.map((daysBefore) => ({ daysBefore, expiresAt, sentAt: at(0) }))
  const conditions = [condition('Ready', 'True', 'Provisioned'), condition('Available', 'True', 'Provisioned')]
  return tenant({ status: { phase: 'Active', expiresAt, warnings, conditions } })
}

/** An admin who has accepted; what was sent to invite them is forgotten. */
async function accepted(spec: Parameters<typeof tenantAdmin>[0] = {}): Promise<World> {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin(spec))
  await world.settle()
  world.accept()
  await world.settle()
  world.mails.length = 0
  world.events.length = 0
  return world
}

const recordOf = (world: World) => world.admin().status?.expiryWarning

test('each warning is one mail, with the date, to the address that accepted, and with no link', async (t) => {
  const world = await accepted()
  world.put(warned(at(30), 30))
  await world.settle()
  await world.pass(day)
  world.put(warned(at(30), 30, 7))
  await world.settle()
  t.deepEqual(
    world.mails.map(({ to, subject }) => `${to}: ${subject}`),
    Array.from({ length: 2 }, () => 'Jane@example.com: Acme ends on 31 January 2030'),
  )
  const [first, second] = world.mails
  t.is(first?.messageId, `<expiry.${world.admin().metadata.uid}.${(start + 30 * day) / 1000}.30@mail.example.com>`)
  t.not(first?.messageId, second?.messageId)
  for (const body of [first?.text ?? '', first?.html ?? '']) {
    t.true(body.includes('31 January 2030, 00:00 UTC'))
    t.true(body.includes('Northwind Cloud'))
    t.notRegex(body, /https?:|href|token/)
  }
  t.deepEqual(world.events, ['ExpiryWarningSent', 'ExpiryWarningSent'])
  t.like(recordOf(world), { daysBefore: 7, expiresAt: at(30), attempts: 1, sentAt: at(1) })
})

test('a moved date is warned of anew; what was written of the old one goes', async (t) => {
  const world = await accepted()
  world.put(warned(at(7), 7))
  await world.settle()
  world.put(warned(at(100)))
  await world.settle()
  t.is(recordOf(world), undefined)
  world.put(warned(at(100), 7))
  await world.settle()
  t.is(world.mails.length, 2)
  t.not(world.mails[0]?.messageId, world.mails[1]?.messageId)
})

for (const [who, prepare] of [
  ['a sub-admin', { spec: { role: 'SubAdmin', permissions: ['viewer'] } }],
  ['an admin who was turned off', { spec: { state: 'Deactivated' } }],
] as const)
  test(`${who} is not warned`, async (t) => {
    const world = await accepted()
    world.edit(prepare)
    world.put(warned(at(7), 7))
    await world.settle()
    t.is(world.mails.length, 0)
    t.is(recordOf(world), undefined)
  })

test('nobody is warned who has not accepted, and whoever accepts later is, once', async (t) => {
  const world = new World()
  world.put(warned(at(7), 7))
  world.put(tenantAdmin())
  await world.settle()
  t.is(world.mails.length, 1)
  world.accept()
  await world.settle()
  await world.pass(hour)
  t.deepEqual(
    world.mails.map(({ subject }) => subject),
    ['Northwind Cloud invites you to Acme', 'Acme ends on 8 January 2030'],
  )
})

test('a relay that puts it off is asked again; a restart repeats nothing that went', async (t) => {
  const world = await accepted()
  world.relay = greylisted
  world.put(warned(at(7), 7))
  await world.settle()
  t.like(recordOf(world), { attempts: 1, lastError: { class: 'Transient' } })
  world.relay = undefined
  await world.pass(hour)
  await world.pass(day)
  t.is(world.mails.length, 1)
  const record = recordOf(world)
  t.truthy(record?.sentAt)
  t.is(record?.lastError, undefined)
  t.is(world.admin().status?.phase, 'Accepted')
})

test('an address that is refused is told in an Event once, and tried again hours later', async (t) => {
  const world = await accepted()
  world.relay = nobody
  world.put(warned(at(7), 7))
  await world.settle()
  await world.pass(20 * 60_000)
  t.like(recordOf(world), { attempts: 1, lastError: { class: 'Permanent' } })
  await world.pass(12 * hour)
  t.deepEqual(world.events, ['MailPermanentError'])
  world.relay = undefined
  await world.pass(day)
  t.is(world.mails.length, 1)
})

for (const error of [greylisted, nobody, down])
  test(`a warning that a relay refuses again and again is one write a try: ${error.message}`, async (t) => {
    const world = await accepted()
    world.relay = error
    world.put(warned(at(7), 7))
    await world.settle()
    await world.pass(hour)
    const [writes, attempts] = [world.writes, recordOf(world)?.attempts ?? 0]
    await world.pass(2 * day)
    const tries = (recordOf(world)?.attempts ?? 0) - attempts
    t.true(tries > 2, String(tries))
    t.is(world.writes - writes, tries)
  })

test('a dead relay is one breaker for all: when it is back, the warning goes', async (t) => {
  const world = await accepted()
  world.relay = down
  world.put(warned(at(7), 7))
  await world.settle()
  await world.pass(2 * hour)
  t.true((recordOf(world)?.attempts ?? 0) < 20)
  world.relay = undefined
  await world.pass(hour)
  t.is(world.mails.length, 1)
})

test('a crash between the record and the mail: the next process sends the same mail', async (t) => {
  const world = await accepted()
  world.put(warned(at(7), 7))
  await world.settle()
  const { expiryWarning, ...status } = world.admin().status ?? { observedGeneration: 1 }
  if (expiryWarning === undefined) return t.fail('nothing was recorded')
  const { sentAt: _sent, ...interrupted } = expiryWarning
  world.put({ ...world.admin(), status: { ...status, expiryWarning: interrupted } })
  await world.settle()
  t.is(world.mails.length, 2)
  t.is(world.mails[0]?.messageId, world.mails[1]?.messageId)
  t.is(world.mails[0]?.text, world.mails[1]?.text)
})

test('what could not be sent in time is not sent when the end has come', async (t) => {
  const world = await accepted()
  world.relay = greylisted
  world.put(warned(at(1), 1))
  await world.settle()
  await world.pass(day)
  world.relay = undefined
  const { attempts } = recordOf(world) ?? {}
  await world.pass(day)
  t.is(world.mails.length, 0)
  t.is(recordOf(world)?.attempts, attempts)
})

test('the mail names the MSP as the one to ask', async (t) => {
  const world = new World()
  world.put(activeMsp())
  const customer = warned(at(7), 7)
  world.put({ ...customer, metadata: { ...customer.metadata, namespace: 'tenant-msp' } })
  const admin = tenantAdmin({ namespace: 'tenant-msp' })
  const bound = { namespace: 'tenant-msp', name: 'acme', uid: world.all<Tenant>('Tenant')[1]?.metadata.uid ?? '' }
  const invite = { status: 'Accepted', sequence: 1, acceptedAt: at(-1), address: 'Jane@example.com' } as const
  world.put({ ...admin, status: { observedGeneration: 1, tenant: bound, invite } })
  await world.settle('tenant-msp/jane')
  t.regex(world.mails[0]?.text ?? '', /ask The MSP to extend it/)
})
