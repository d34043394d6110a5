/** What somebody with an invite's link, or without one, tries on the pages; and what may be read of secrets afterwards. */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { headerSet } from '../../operator/mail/compose.ts'
import { webNamespaceOf } from '../harness/chart.ts'
import { harness } from '../harness/context.ts'
import { acceptInvite } from '../harness/invitee.ts'
import type { CaughtMail } from '../harness/mail-message.ts'
import { startWeb } from '../harness/web.ts'
import type { WebProcess } from '../harness/web.ts'
import { eventually } from '../harness/wait.ts'
import { bindingOf, isReady, openScene, paths, tenantName } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
/** A replica of our own, so that its limits are ours. */
let site: WebProcess

test.before(async (t) => {
  t.timeout(240_000)
  scene = await openScene()
  site = await startWeb({
    cluster: harness().cluster,
    env: { TENANTRY_LOG_LEVEL: 'debug', TENANTRY_TRUST_PROXY: 'true' },
  })
  await site.ready()
})
test.after.always(async () => {
  await site?.stop()
  await scene?.[Symbol.asyncDispose]()
})

interface Invited {
  readonly tenant: Tenant
  readonly admin: TenantAdmin
  readonly mail: CaughtMail
  readonly token: string
}

async function invited(tenantSpec: object = {}, adminSpec: object = {}): Promise<Invited> {
  const tenant = await scene.declare({ provisioning: 'OnAccept', ...tenantSpec })
  const declared = await scene.declareAdmin(tenant, { ...adminSpec })
  const admin = await scene.adminWhen(declared, ({ status }) => status?.invite?.sentAt !== undefined)
  const mail = await mailFor(admin)
  return { tenant, admin, mail, token: tokenIn(mail) }
}

const mailFor = ({ spec, status }: TenantAdmin) =>
  harness().mail.waitFor(({ to, messageId }) => to.includes(spec.email) && messageId === status?.invite?.messageId, {
    timeout: 90_000,
  })
const tokenIn = (mail: CaughtMail) =>
  new URL(mail.links.find((link) => link.includes('/accept')) ?? '').searchParams.get('token') ?? ''
const again = (admin: TenantAdmin) =>
  scene.api.get<TenantAdmin>(paths.admin(admin.metadata.namespace ?? '', admin.metadata.name))
const acceptances = async ({ metadata }: TenantAdmin) =>
  (await scene.api.list(`/api/v1/namespaces/${webNamespaceOf(harness().operator.namespace)}/secrets`)).filter(
    ({ metadata: { name } }) => name.startsWith(`accept-${metadata.uid ?? ''}`),
  )

/** As a proxy would say it of clients that have nothing to do with each other, so that no test uses up another's allowance. */
const stranger = () => ({ 'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}` })

const cookieOf = (token: string) => `tenantry-invite=${token}`
const get = (path: string, headers: Record<string, string> = {}, on = site.url) =>
  fetch(`${on}${path}`, {
    redirect: 'manual',
    headers: { ...stranger(), ...headers },
    signal: AbortSignal.timeout(20_000),
  })
const show = (token: string) => get('/accept', { cookie: cookieOf(token) })

async function formOf(token: string): Promise<Record<string, string>> {
  const html = await (await show(token)).text()
  const hidden = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
  const password = 'violet harbour kettle'
  return {
    ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])),
    password,
    passwordAgain: password,
    consent: 'yes',
  }
}

const sameOrigin = () => ({ 'sec-fetch-site': 'same-origin', origin: site.url })
const post = (token: string, body: string | Record<string, string>, headers: Record<string, string> = sameOrigin()) =>
  fetch(`${site.url}/accept`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie: cookieOf(token),
      'content-type': 'application/x-www-form-urlencoded',
      ...stranger(),
      ...headers,
    },
    body: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
  })

/** Other tokens made of one that works. */
function tampered(token: string, other: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(token, 'base64url')
  const at = (
    index: number,
    change: (copy: Buffer) => void = (copy) => void (copy[index] = (copy[index] ?? 0) ^ 1),
  ) => {
    const copy = Buffer.from(bytes)
    change(copy)
    return copy.toString('base64url')
  }
  const spliced = Buffer.from(other, 'base64url')
  return {
    'another version': at(0),
    'another key id': at(2),
    'another admin': at(12),
    'another tenant': at(28),
    'another sequence': at(45, (copy) => copy.writeUInt32BE(9, 42)),
    'a later expiry': at(49),
    'another address': at(60),
    'another namespace': at(74),
    'the signature of another link': Buffer.concat([bytes.subarray(0, -32), spliced.subarray(-32)]).toString(
      'base64url',
    ),
    'an empty signature': Buffer.concat([bytes.subarray(0, -32), Buffer.alloc(32)]).toString('base64url'),
    'no signature': bytes.subarray(0, -32).toString('base64url'),
    truncated: token.slice(0, -1),
    'with something more': `${token}A`,
    'in base64 instead of base64url': `${bytes.toString('base64')}=`,
    'of 640 letters': 'A'.repeat(640),
    'not a token': 'null',
  }
}

test('A link of which anything was changed is dead, all alike, and the true one still works', async (t) => {
  t.timeout(180_000)
  const [one, other] = await Promise.all([invited(), invited()])
  const bodies = new Set<string>()
  for (const [what, token] of Object.entries(tampered(one.token, other.token))) {
    t.not(token, one.token, what)
    const answer = await show(token)
    t.is(answer.status, 410, what)
    bodies.add(await answer.text())
  }
  t.is(bodies.size, 1)
  t.is((await show(one.token)).status, 200)
})

test('A link is dead once its address was changed, its admin closed, or it was overtaken by a resend', async (t) => {
  t.timeout(240_000)
  const changes: Readonly<Record<string, object>> = {
    address: { spec: { email: `other.${tenantName()}@example.com` } },
    resend: { metadata: { annotations: { 'tenantry.dev/resend-requested-at': '2030-01-01T00:00:00Z' } } },
  }
  for (const [what, patch] of Object.entries(changes)) {
    const { admin, token } = await invited()
    const form = await formOf(token)
    await scene.change(paths.admin(admin.metadata.namespace ?? '', admin.metadata.name), patch)
    const next = await scene.adminWhen(
      admin,
      ({ status }) => status?.invite?.sequence === 2 && status.invite.sentAt !== undefined,
    )
    t.is((await post(token, form)).status, 410, what)
    t.deepEqual(await acceptances(admin), [], what)
    t.is((await show(tokenIn(await mailFor(next)))).status, 200, what)
  }
})

test('A link is dead once its admin is deleted, also for one of the same name', async (t) => {
  const { admin, tenant, token } = await invited()
  const form = await formOf(token)
  await scene.api.send('DELETE', paths.admin(admin.metadata.namespace ?? '', admin.metadata.name))
  t.is((await post(token, form)).status, 410)
  await eventually(async () => (await again(admin)) === undefined, {
    timeout: 90_000,
    describe: 'the admin to be gone',
  })
  const { username, email } = admin.spec
  const { metadata } = admin
  const object = { apiVersion: 'tenantry.dev/v1alpha1', kind: 'TenantAdmin', metadata: { name: metadata.name } }
  const spec = { tenantRef: { name: tenant.metadata.name }, username, email }
  const twin = await scene.api.send<TenantAdmin>('POST', paths.admins(metadata.namespace ?? ''), { ...object, spec })
  await scene.adminWhen(twin, ({ status }) => status?.invite?.sentAt !== undefined)
  t.is((await post(token, form)).status, 410)
  t.deepEqual(await acceptances(twin), [])
})

test('GET and HEAD accept nothing, whatever they bring', async (t) => {
  const { admin, token } = await invited()
  const form = new URLSearchParams(await formOf(token)).toString()
  for (const method of ['GET', 'HEAD']) {
    for (const path of [`/accept?token=${token}`, `/accept?${form}`, `/accept/${token}`]) {
      await fetch(`${site.url}${path}`, {
        method,
        redirect: 'manual',
        headers: { cookie: cookieOf(token), ...sameOrigin() },
      })
    }
  }
  t.deepEqual(await acceptances(admin), [])
  t.is((await again(admin))?.status?.invite?.status, 'Pending')
})

test('A form that did not come from our page for this link is refused', async (t) => {
  const [one, other] = await Promise.all([invited(), invited()])
  const [form, foreign] = await Promise.all([formOf(one.token), formOf(other.token)])
  const forgeries: Readonly<Record<string, Promise<Response>>> = {
    'from another site': post(one.token, form, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example.com' }),
    'from a sibling domain': post(one.token, form, { 'sec-fetch-site': 'same-site', origin: 'https://x.example.com' }),
    'from another origin, by an old browser': post(one.token, form, { origin: 'https://evil.example.com' }),
    'without the key of the form': post(one.token, { ...form, key: '' }, {}),
    'with the key of another link': post(one.token, { ...form, key: foreign['key'] ?? '' }),
    'with the key twice': post(one.token, `key=${form['key'] ?? ''}&key=x&password=violet+harbour+kettle`),
  }
  for (const [what, answer] of Object.entries(forgeries)) t.is((await answer).status, 403, what)
  t.deepEqual(await acceptances(one.admin), [])
})

test('What is no form of ours is refused by its size, type or shape, and never breaks anything', async (t) => {
  const { token } = await invited()
  const answers: Readonly<Record<string, readonly [Promise<Response>, number]>> = {
    'a body of 20 KiB': [post(token, `password=${'x'.repeat(20_000)}`), 413],
    JSON: [post(token, '{"password":"x"}', { ...sameOrigin(), 'content-type': 'application/json' }), 403],
    'JSON with a prototype': [
      post(token, '{"__proto__":{"key":"x"}}', { ...sameOrigin(), 'content-type': 'application/json' }),
      400,
    ],
    'a file': [post(token, 'x', { ...sameOrigin(), 'content-type': 'multipart/form-data; boundary=x' }), 415],
    'a prototype': [post(token, '__proto__[key]=x&constructor=x&password=x'), 403],
    'broken escapes': [post(token, 'key=%ZZ&nonce=%FF%FE'), 403],
    'a path out of the assets': [get('/assets/..%2f..%2fpackage.json'), 404],
    'a long token in the path': [get(`/accept/${'A'.repeat(5000)}`), 414],
    'another method': [fetch(`${site.url}/accept`, { method: 'DELETE' }), 404],
  }
  for (const [what, [answer, status]] of Object.entries(answers)) t.is((await answer).status, status, what)
  t.is((await show(token)).status, 200)
})

const required: Readonly<Record<string, RegExp>> = {
  'content-security-policy': /default-src 'none'.*frame-ancestors 'none'/,
  'referrer-policy': /^no-referrer$/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'cache-control': /no-store|immutable/,
}

test('Every answer has the headers that keep a page to itself, errors too', async (t) => {
  const { token } = await invited()
  const form = await formOf(token)
  const home = await (await get('/')).text()
  const stylesheet = /href="(\/assets\/[^"]+)"/.exec(home)?.[1] ?? ''
  const answers = [
    ...(await Promise.all(
      ['/', '/robots.txt', stylesheet, '/nothing', '/accept', '/accept/done', `/accept?token=${token}`].map((path) =>
        get(path),
      ),
    )),
    await show(token),
    await post(token, { ...form, password: 'short' }),
    await post(token, form, { 'sec-fetch-site': 'cross-site' }),
    await post(token, 'x'.repeat(20_000)),
    await get('/accept?token=%'),
  ]
  for (const { headers, url, status } of answers) {
    for (const [name, value] of Object.entries(required))
      t.regex(headers.get(name) ?? '', value, `${name} of ${status} ${url}`)
    t.is(headers.get('server'), null)
    t.is(headers.get('x-powered-by'), null)
    for (const cookie of headers.getSetCookie()) t.regex(cookie, /HttpOnly.*SameSite=Lax/)
  }
})

const nasty = `<script>alert(1)</script>"><img src=x onerror=alert(1)> {{7919*7907}} \u2028Bcc: a@evil.example.com \u202Egnp`

test('Names are text on the page and in the mail, and never markup, a header or another recipient', async (t) => {
  const consent = '</div><script>alert(2)</script><form action="https://evil.example.com">'
  const { mail, token, admin } = await invited(
    { displayName: nasty, userConsent: { enabled: true, text: consent } },
    { firstName: '<b>Eve', lastName: `Bcc:\u0085<eve@evil.example.com>` },
  )
  const page = await (await show(token)).text()
  for (const html of [page, mail.html ?? '']) {
    t.notRegex(html, /<script|<img|<b>Eve|action="https:\/\/evil/)
    t.false(html.includes('62615533'), 'a template in a name was filled in')
  }
  t.true(page.includes('&lt;script&gt;'))
  t.deepEqual(mail.to, [admin.spec.email])
  const headers = mail.raw.slice(0, mail.raw.indexOf('\r\n\r\n'))
  const names = headers.split(/\r\n(?![ \t])/).map((line) => line.split(':')[0])
  t.deepEqual(
    headerSet.filter((name) => !names.includes(name)),
    [],
  )
  t.is(names.length, headerSet.length)
})

test('A line break in a name is refused before anything is sent', async (t) => {
  for (const name of ['Eve\r\nBcc: x@evil.example.com', 'Eve\nX', '\u0000'])
    await t.throwsAsync(scene.declare({ displayName: name }), { message: /one line of text/ })
  const tenant = await scene.declare({ provisioning: 'OnAccept' })
  for (const email of [
    'a@x.example.com\r\nBcc: b@x.example.com',
    'a@x.example.com,b@x.example.com',
    '<a@x.example.com>',
    '"a b"@x.example.com',
  ])
    await t.throwsAsync(scene.declareAdmin(tenant, { email }), { message: /one ASCII mail address/ })
})

/** All that comes back on one connection, until the server or the clock ends it. */
async function raw(text: string, limit = 15_000): Promise<{ readonly answer: string; readonly ended: number }> {
  const start = performance.now()
  const socket = connect(Number(new URL(site.url).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk))
  socket.on('error', () => undefined)
  socket.write(text)
  await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, limit).unref())])
  const ended = socket.closed ? performance.now() - start : Infinity
  socket.destroy()
  return { answer, ended }
}

const head = 'POST /accept HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n'
const hidden = 'GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n'
const smuggled: Readonly<Record<string, string>> = {
  'a length and chunks': `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'two lengths': `${head}Content-Length: 4\r\nContent-Length: 0\r\n\r\n${hidden}`,
  'a length with a sign': `${head}Content-Length: +4\r\n\r\nx=1&${hidden}`,
  'an unknown coding': `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
  'a space before the colon': `${head}Content-Length : 4\r\n\r\nx=1&${hidden}`,
  'a header that goes on in the next line': `${head}X: a\r\n Content-Length: 4\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'chunks of a negative length': `${head}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${hidden}`,
  'a carriage return alone': `GET / HTTP/1.1\rHost: x\r\r${hidden}`,
}

test('A request that a proxy could read otherwise is refused, and nothing behind it is answered', async (t) => {
  for (const [what, text] of Object.entries(smuggled)) {
    const { answer } = await raw(text)
    t.regex(answer, /^HTTP\/1\.1 400 /, `${what}: ${answer.slice(0, 200)}`)
    t.false(answer.includes('Disallow: /'), `${what}: the hidden request was answered`)
  }
  t.regex((await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).answer, /^HTTP\/1\.1 431 /)
})

test('A request that comes drop by drop is cut', async (t) => {
  t.timeout(240_000)
  const [headers, body] = await Promise.all([
    raw('GET / HTTP/1.1\r\nHost: x\r\nX: ', 40_000),
    raw(`${head}Content-Length: 100\r\n\r\nx=`, 40_000),
  ])
  t.true(headers.ended < 30_000, `headers: ${headers.ended}`)
  t.true(body.ended < 30_000, `body: ${body.ended}`)
})

test('Whoever asks too often is slowed down, whatever it says about who it is', async (t) => {
  const { cluster } = harness()
  const spoofs = (index: number) => ({
    'x-forwarded-for': `203.0.113.${index}`,
    'x-real-ip': `203.0.113.${index}`,
    forwarded: `for=203.0.113.${index}`,
  })
  await using own = await startWeb({ cluster })
  await own.ready()
  const answers = await Promise.all(
    Array.from({ length: 120 }, (_, index) => get('/accept/done', { ...spoofs(index) }, own.url)),
  )
  t.true(answers.some(({ status }) => status === 429))
  // Behind a proxy its own entry, the last one, counts, and none that its client made up before.
  await using behind = await startWeb({ cluster, env: { TENANTRY_TRUST_PROXY: 'true' } })
  await behind.ready()
  const proxied = (made: number, client: string) =>
    get('/accept/done', { 'x-forwarded-for': `203.0.113.${made}, ${client}` }, behind.url)
  const same = await Promise.all(Array.from({ length: 120 }, (_, index) => proxied(index, '198.51.100.7')))
  t.true(same.some(({ status }) => status === 429))
  t.not((await proxied(1, '198.51.100.8')).status, 429)
})

test('No secret is in a log, an Event, a status, a metric, etcd outside Secrets, or the log of PostgreSQL', async (t) => {
  t.timeout(240_000)
  const { cluster, operator, postgres } = harness()
  const password = `a long and secret ${tenantName()}`
  const { tenant, admin, mail, token } = await invited()
  t.is(await acceptInvite(`${site.url}/accept?token=${token}`, { password }), 'accepted')
  const ready = await scene.when(tenant, isReady)
  await scene.adminWhen(admin, ({ status }) => status?.invite?.status === 'Accepted')
  const binding = await bindingOf(scene, ready)
  const [record] = await acceptances(admin)
  const hash = Buffer.from(record?.data?.['passwordHash'] ?? '', 'base64').toString()
  const keys = await scene.api.get(paths.secret(webNamespaceOf(operator.namespace), 'tenantry-signing-keys'))
  const secrets = {
    'the token of the link': tokenIn(mail).slice(-43),
    'the password of the admin': password,
    'the hash of that password': hash,
    'the password of the database': binding['password'] ?? '',
    'the operator’s own password': postgres.operator.password,
    'the signing key': Object.entries(keys?.data ?? {}).find(([name]) => /^[a-z2-7]{8}$/.test(name))?.[1] ?? '',
  }
  const etcd = (await cluster.etcdClient?.range('/registry/')) ?? []
  const outside = etcd.filter(({ key }) => !key.startsWith('/registry/secrets/'))
  const places: Readonly<Record<string, string>> = {
    'the operator’s log': await readFile(operator.logPath, 'utf8'),
    'the log of the replica, with all details': await site.logs(),
    'etcd outside Secrets': outside.map(({ value }) => value.toString('latin1')).join('\n'),
    'the log of PostgreSQL': await readFile(postgres.logPath, 'utf8'),
    metrics: (await (await fetch(`${operator.health}/metrics`)).text()) + (await site.probe('/metrics')).body,
  }
  t.true(outside.length > 100)
  // The shared server logs every statement with its parameters: what the directory is given, hashes too, and the
  // test's own statement that made the operator's account.
  const known = [
    'the hash of that password is in the log of PostgreSQL',
    'the operator’s own password is in the log of PostgreSQL',
  ]
  const leaks = Object.entries(secrets).flatMap(([what, secret]) =>
    Object.entries(places).flatMap(([where, text]) => (text.includes(secret) ? [`${what} is in ${where}`] : [])),
  )
  t.true(Object.values(secrets).every((secret) => secret.length > 15))
  t.deepEqual(
    leaks.filter((leak) => !known.includes(leak)),
    [],
  )
  for (const text of [tenant.metadata.name, admin.spec.email])
    t.false(places['metrics']?.includes(text), `${text} in metrics`)
})
