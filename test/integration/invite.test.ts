/** An invite's life on a real apiserver and a real relay: sent, accepted once, resent, expired, deleted. */
import test from 'ava'
import { findCondition } from '../../operator/api/conditions.ts'
import { signingKeysName } from '../../operator/api/names.ts'
import { tenantAdmins } from '../../operator/api/tenantadmin.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { tenants } from '../../operator/api/tenant.ts'
import { secrets } from '../../operator/kube/resources.ts'
import { passwordHashOf } from '../../operator/domain/acceptance.ts'
import { readKeyRing } from '../../operator/tenantadmin/invite/keyring.ts'
import { verifyPassword } from '../../operator/tenantadmin/invite/password.ts'
import { hiddenFields, ownPage, tokenOf } from '../unit/web/site.ts'
import type { CaughtMail } from '../harness/mail-message.ts'
import { eventually } from '../harness/wait.ts'
import { available, breaker, fetchPage, settings, startInviteWorld } from './invite-world.ts'
import type { InviteWorld } from './invite-world.ts'
import { toldAs } from './told-as.ts'

let world: InviteWorld
test.before('a control plane, a relay, two replicas of the pages', async (t) => {
  t.timeout(240_000)
  world = await startInviteWorld()
})
test.after.always('all of it ends', () => world?.stop())

const password = { password: 'violet harbour kettle', passwordAgain: 'violet harbour kettle' }
const isInvite = (status: string) => (admin: TenantAdmin) => admin.status?.invite?.status === status
const isSent = (admin: TenantAdmin) => admin.status?.invite?.sentAt !== undefined
const reasonOf = (admin: TenantAdmin, type: 'Ready' | 'Stalled' | 'Reconciling') =>
  findCondition(admin.status?.conditions, type)?.reason
const resend = (value: string) => ({ metadata: { annotations: { 'tenantry.dev/resend-requested-at': value } } })

const mailTo = (name: string, messageId?: string): Promise<CaughtMail> =>
  world.relay.waitFor(
    (mail) => mail.to[0] === `${name}@example.com` && (messageId ?? mail.messageId) === mail.messageId,
  )

const siteOf = (replica: number) => world.sites[replica] ?? ''

async function openLink(token: string, site = siteOf(0)) {
  const { cookie, status, headers } = await fetchPage(`${site}/accept?token=${token}`)
  const page = await fetchPage(`${site}/accept`, { headers: { cookie } })
  return { cookie, status, location: headers.get('location'), page, fields: hiddenFields(page.body) }
}

function submit(cookie: string, fields: Record<string, string>, site = siteOf(0), headers = ownPage) {
  const body = new URLSearchParams(fields)
  // As a browser sends it; fetch in Node fills in none of these.
  return fetchPage(`${site}/accept`, { method: 'POST', body, headers: { ...headers, cookie } })
}

async function invite(name: string): Promise<{ admin: TenantAdmin; mail: CaughtMail; token: string }> {
  await world.declareTenant(name)
  await world.declareAdmin(name, name)
  const admin = await world.adminWhen(name, isSent)
  const mail = await mailTo(name)
  return { admin, mail, token: tokenOf(mail) }
}

test('Declared, invited by mail, accepted on the page, carried over, ready', async (t) => {
  const { admin, mail, token } = await invite('first')
  t.is(admin.status?.invite?.status, 'Pending')
  t.is(reasonOf(admin, 'Ready'), 'AwaitingAnswer')
  t.is(admin.status?.invite?.messageId, mail.messageId)
  t.true(mail.tls)
  const { status, location, cookie, page, fields } = await openLink(token)
  t.like({ status, location }, { status: 303, location: '/accept' })
  t.true(page.body.includes('Northwind Cloud invites you to Acme'))
  const answer = await submit(cookie, { ...fields, ...password })
  t.is(answer.status, 303)
  const accepted = await world.adminWhen('first', isInvite('Accepted'))
  t.like(accepted.status, { phase: 'Accepted', user: 'oidc:first@example.com' })
  const [secret] = await world.acceptances(admin.metadata.uid ?? '')
  t.true(await verifyPassword(password.password, secret === undefined ? '' : (passwordHashOf(secret) ?? '')))
  await t.throwsAsync(
    world.plane.kubectl([
      '-n',
      settings.webNamespace,
      'patch',
      'secret',
      secret?.metadata.name ?? '',
      '-p',
      '{"stringData":{"nonce":"x"}}',
    ]),
    {
      message: /immutable/,
    },
  )
  const done = () => fetchPage(`${world.sites[1]}/accept/done`, { headers: { cookie: answer.cookie } })
  t.regex((await done()).body, /being prepared/)
  await world.kube.patch(
    tenants,
    { namespace: 'home', name: 'first' },
    { status: { phase: 'Active', url: 'https://first.example.com', conditions: [available] } },
    'status',
  )
  t.regex((await done()).body, /href="https:\/\/first\.example\.com"/)
})

test('A hundred forms of one link at once, at two replicas: one acceptance, one Secret', async (t) => {
  const { admin, token } = await invite('crowd')
  const { cookie, fields } = await openLink(token)
  const attempts = Array.from({ length: 100 }, (_, i) =>
    submit(cookie, { ...fields, ...password, nonce: `nonce ${i}` }, siteOf(i % 2)),
  )
  const answers = await Promise.all(attempts)
  t.is(answers.filter(({ status }) => status === 303).length, 1)
  t.is(answers.filter(({ status }) => status === 410).length, 99)
  t.is((await world.acceptances(admin.metadata.uid ?? '')).length, 1)
  await world.adminWhen('crowd', isInvite('Accepted'))
})

test('Used, overtaken, unknown links answer alike to the byte, and within the same time', async (t) => {
  const used = await invite('used')
  const { cookie, fields } = await openLink(used.token)
  await submit(cookie, { ...fields, ...password })
  const overtaken = await invite('overtaken')
  await world.kube.patch(tenantAdmins, { namespace: 'home', name: 'overtaken' }, resend('now'))
  await world.adminWhen('overtaken', (admin) => admin.status?.invite?.sequence === 2 && isSent(admin))
  const answers = new Set<string>()
  const times: number[] = []
  for (const token of [used.token, overtaken.token, 'unknown', `${overtaken.token.slice(0, -2)}AA`]) {
    const start = performance.now()
    const { status, headers, body } = await fetchPage(`${world.sites[0]}/accept`, {
      headers: { cookie: `tenantry-invite=${token}` },
    })
    times.push(performance.now() - start)
    answers.add(JSON.stringify([status, [...headers].filter(([name]) => name !== 'date'), body]))
  }
  t.is(answers.size, 1)
  t.true([...answers][0]?.startsWith('[410'))
  t.true(
    // A timer of 100 ms may fire in the millisecond before.
    times.every((time) => time >= 95),
    times.join(),
  )
})

test('A form from a foreign page accepts nothing', async (t) => {
  const { admin, token } = await invite('forged')
  const { cookie, fields } = await openLink(token)
  const answer = await submit(cookie, { ...fields, ...password }, siteOf(0), {
    'sec-fetch-site': 'cross-site',
    origin: 'https://evil.example',
  })
  t.is(answer.status, 403)
  t.deepEqual(await world.acceptances(admin.metadata.uid ?? ''), [])
})

test('Resent: a new sequence, link, time and Message-ID; the new link works and the old one does not', async (t) => {
  const { admin, token, mail } = await invite('resent')
  await world.kube.patch(tenantAdmins, { namespace: 'home', name: 'resent' }, resend('2030-01-01T00:00:00Z'))
  const again = await world.adminWhen('resent', (each) => each.status?.invite?.sequence === 2 && isSent(each))
  t.is(again.status?.invite?.lastHandledResend, '2030-01-01T00:00:00Z')
  const second = await mailTo('resent', again.status?.invite?.messageId)
  t.not(second.messageId, mail.messageId)
  t.is((await openLink(token)).page.status, 410)
  const { cookie, fields, page } = await openLink(tokenOf(second))
  t.is(page.status, 200)
  t.is((await submit(cookie, { ...fields, ...password })).status, 303)
  await world.adminWhen('resent', isInvite('Accepted'))
  t.is((await world.acceptances(admin.metadata.uid ?? ''))[0]?.metadata.name, `accept-${admin.metadata.uid}-2`)
})

test('An address that the relay refuses stalls its own invite and nobody else’s', async (t) => {
  const off = world.relay.fault({ at: 'rcpt', recipient: 'nobody@example.com', effect: { reply: 550 } })
  await world.declareTenant('nobody')
  await world.declareAdmin('nobody', 'nobody')
  const stalled = await world.adminWhen('nobody', isInvite('EmailSendingFailed'))
  toldAs(t, stalled, 'MailAddressRefused')
  t.like(stalled.status?.invite?.lastError, { class: 'Permanent' })
  await invite('somebody')
  off()
  await world.kube.patch(tenantAdmins, { namespace: 'home', name: 'nobody' }, resend('again'))
  const sent = await world.adminWhen('nobody', isSent)
  t.is(sent.status?.invite?.sequence, 2)
})

test('Greylisted: tried again by itself, with the same link and Message-ID', async (t) => {
  world.relay.fault({ at: 'rcpt', recipient: 'grey@example.com', times: 2, effect: { reply: 451 } })
  await world.declareTenant('grey')
  await world.declareAdmin('grey', 'grey')
  const failing = await world.adminWhen('grey', isInvite('EmailSendingFailed'))
  toldAs(t, failing, 'MailPutOff')
  const sent = await world.adminWhen('grey', isSent)
  t.is(sent.status?.invite?.messageId, failing.status?.invite?.messageId)
  t.is(sent.status?.invite?.expiresAt, failing.status?.invite?.expiresAt)
  t.is(sent.status?.invite?.attempts, 3)
})

test('The connection is cut before the relay’s 250: the mail comes again as the same mail', async (t) => {
  world.relay.fault({ at: 'data', recipient: 'cut@example.com', times: 1, effect: 'drop' })
  await world.declareTenant('cut')
  await world.declareAdmin('cut', 'cut')
  await world.adminWhen('cut', isSent)
  const mails = (await world.relay.all()).filter(({ to }) => to[0] === 'cut@example.com')
  t.is(mails.length, 2)
  t.is(mails[0]?.messageId, mails[1]?.messageId)
  t.is(mails[0]?.text, mails[1]?.text)
})

test('Deleted: nothing of the admin is left', async (t) => {
  const { admin, token } = await invite('leaving')
  const { cookie, fields } = await openLink(token)
  await submit(cookie, { ...fields, ...password })
  await world.adminWhen('leaving', isInvite('Accepted'))
  await world.plane.kubectl(['-n', 'home', 'delete', 'tenantadmin', 'leaving', '--timeout=60s'])
  t.deepEqual(await world.acceptances(admin.metadata.uid ?? ''), [])
  t.is((await openLink(token)).page.status, 410)
})

test('One invite costs four writes until it is out, and one when it is accepted; then there is quiet', async (t) => {
  const mark = await world.plane.auditLog?.mark()
  const { token } = await invite('costs')
  const writes = async () =>
    ((await world.plane.auditLog?.writes(mark)) ?? [])
      .filter(
        ({ name, userAgent, resource }) =>
          userAgent === 'tenantry/test' && resource === 'tenantadmins' && name === 'costs',
      )
      .map(({ verb, subresource }) => `${verb} ${subresource}`.trim())
  // The first is the test's own declaration.
  t.deepEqual(await writes(), ['create', 'patch', 'patch status', 'patch status'])
  const { cookie, fields } = await openLink(token)
  await submit(cookie, { ...fields, ...password })
  await world.adminWhen('costs', isInvite('Accepted'))
  t.is((await writes()).length, 5)
})

test.serial(
  'A key that is rotated verifies the links it signed; one that is dropped does not, and its invites go out anew',
  async (t) => {
    const where = { namespace: settings.webNamespace, name: signingKeysName }
    const stored = () => world.kube.get(secrets, where)
    const keys = async () => Object.keys((await stored())?.data ?? {}).toSorted()
    const { admin, mail, token } = await invite('keyed')
    const former = admin.status?.invite?.keyId ?? ''
    t.deepEqual(await keys(), ['current', former].toSorted())
    await world.kube.patch(secrets, where, { metadata: { annotations: { 'tenantry.dev/rotate-requested-at': 'now' } } })
    await eventually(async () => (await keys()).length === 4, { describe: 'a further key' })
    const current = readKeyRing(await stored()).current?.id ?? ''
    await invite('later')
    t.deepEqual(await keys(), ['current', current, former, `${former}.retired`].toSorted())
    t.is((await openLink(token)).page.status, 200)
    // Right after the keys were read: whoever is woken by the change must not go by what was read before it.
    await world.kube.patch(secrets, where, { data: { [former]: null } })
    const again = await world.adminWhen('keyed', (each) => each.status?.invite?.sequence === 2 && isSent(each))
    t.is(again.status?.invite?.keyId, current)
    t.is((await openLink(token)).page.status, 410)
    const second = await mailTo('keyed', again.status?.invite?.messageId)
    t.not(second.messageId, mail.messageId)
    const { cookie, fields } = await openLink(tokenOf(second))
    t.is((await submit(cookie, { ...fields, ...password })).status, 303)
    await world.adminWhen('keyed', isInvite('Accepted'))
    await world.adminWhen('later', (each) => each.status?.invite?.keyId === current)
    await eventually(async () => String(await keys()) === String(['current', current].toSorted()))
  },
)

test.serial('The relay is dead: invites wait with few attempts, and all go out when it lives', async (t) => {
  await world.relay.down()
  const since = performance.now()
  const names = Array.from({ length: 8 }, (_, i) => `waits${i}`)
  await world.declareTenant('waits')
  for (const name of names) await world.declareAdmin(name, 'waits')
  const isDown = await world.adminWhen('waits7', (admin) => reasonOf(admin, 'Reconciling') === 'RelayUnavailable')
  toldAs(t, isDown, 'MailRelayDown')
  await world.relay.up()
  // Each once at first, then one at a time in pauses of three quarters of the breaker's first one at least, and each that is taken.
  const most = 2 * names.length + Math.ceil((performance.now() - since) / (0.75 * breaker.pause))
  const sent = await Promise.all(names.map((name) => world.adminWhen(name, isSent)))
  const attempts = sent.map(({ status }) => status?.invite?.attempts ?? 0)
  t.true(attempts.reduce((sum, each) => sum + each) <= most, `${attempts.join(' + ')} are more than ${most}`)
})

test.after('Neither a token nor a password is in any log, status or object but the mail', async (t) => {
  const dump = await world.plane.kubectl(['get', 'tenantadmins,tenants,events,secrets', '-A', '-o', 'json'])
  const mails = await world.relay.all()
  const said = [dump, ...world.log].join('\n')
  for (const mail of mails) t.false(said.includes(tokenOf(mail).slice(20, 80)))
  t.false(said.includes(password.password))
  t.true(mails.length > 0)
})
