/** What holds for every route: headers, the rate limit, the log, the pages of failures. */
import test from 'ava'
import { KubeError } from '../../../operator/kube/port.ts'
import { createLogger } from '../../../operator/runtime/logging/log.ts'
import type { World } from '../tenantadmin/world.ts'
import { complete, invited, open, password, site, submit, tokenOf } from './site.ts'

test('Every answer has the same strict headers', async (t) => {
  const app = await site(await invited())
  for (const url of ['/', '/accept', '/accept/done', '/nothing', '/accept?token=x', '/robots.txt']) {
    const { headers } = await app.inject({ method: 'GET', url })
    t.is(
      headers['content-security-policy'],
      "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    t.is(headers['referrer-policy'], 'no-referrer')
    t.is(headers['cache-control'], 'no-store')
    t.is(headers['strict-transport-security'], 'max-age=31536000')
    t.is(headers['x-content-type-options'], 'nosniff')
  }
})

test('Over http there is no HSTS and no Secure cookie', async (t) => {
  const world = await invited()
  const app = await site(world, { publicUrl: 'http://127.0.0.1:8080' })
  const { headers } = await app.inject({ method: 'GET', url: `/accept?token=${tokenOf(world.mails[0])}` })
  t.is(headers['strict-transport-security'], undefined)
  t.regex(String(headers['set-cookie']), /^tenantry-invite=[^;]+; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/)
})

test('Too many requests from one address are refused for a while, with the time to wait', async (t) => {
  const app = await site(await invited(), { rateLimit: { burst: 3, perSecond: 0.5 } })
  const get = (remoteAddress: string) => app.inject({ method: 'GET', url: '/accept', remoteAddress })
  for (let i = 0; i < 3; i += 1) t.is((await get('192.0.2.1')).statusCode, 410)
  const refused = await get('192.0.2.1')
  t.is(refused.statusCode, 429)
  t.is(refused.headers['retry-after'], '2')
  t.is((await get('192.0.2.2')).statusCode, 410)
})

test('X-Forwarded-For counts behind a proxy only, and only its last entry', async (t) => {
  const rateLimit = { burst: 1, perSecond: 0.01 }
  const get = async (trustProxy: boolean) => {
    const app = await site(await invited(), { rateLimit, trustProxy })
    const statuses: number[] = []
    for (const forwarded of ['203.0.113.1, 192.0.2.1', '203.0.113.2, 192.0.2.1', '203.0.113.2, 192.0.2.9']) {
      const headers = { 'x-forwarded-for': forwarded }
      statuses.push((await app.inject({ method: 'GET', url: '/accept', headers })).statusCode)
    }
    return statuses
  }
  t.deepEqual(await get(true), [410, 429, 410])
  t.deepEqual(await get(false), [410, 429, 429])
})

test('No log line has a token or a query in it', async (t) => {
  const lines: string[] = []
  const log = createLogger({ level: 'debug', destination: { write: (line) => void lines.push(line) } })
  const world = await invited()
  const app = await site(world, {}, log)
  const token = tokenOf(world.mails[0])
  const { cookie, fields } = await open(app, token)
  await app.inject({ method: 'GET', url: `/accept/${token}` })
  await app.inject({ method: 'GET', url: `/nothing/${token}?token=${token}` })
  await submit(app, cookie, { ...fields, ...complete })
  t.true(lines.length >= 5)
  t.false(lines.join('').includes(token.slice(0, 40)))
  t.false(lines.join('').includes(password.password))
  t.true(lines.join('').includes('"route":"/accept/:token"'))
})

test('A failure of the cluster is a page without a stack, with a reference that the log has', async (t) => {
  const lines: string[] = []
  const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } })
  const world = await invited()
  for (const [error, status] of [
    [new KubeError('Unavailable', 'etcd is away', 503), 503],
    [new TypeError('a mistake of ours'), 500],
  ] as const) {
    const broken = { ...world.kube, get: () => Promise.reject(error) }
    const app = await site(Object.assign(Object.create(world), { kube: broken }) as World, {}, log)
    const { page } = await open(app, tokenOf(world.mails[0]))
    t.is(page.statusCode, status)
    t.false(/etcd|mistake|\.ts:/.test(page.body))
    const reference = /<code>([0-9a-f]+)<\/code>/.exec(page.body)?.[1] ?? 'none'
    t.true(lines.some((line) => line.includes(reference)))
  }
})

test('A body that is too long is refused as the client’s mistake', async (t) => {
  const world = await invited()
  const app = await site(world)
  const { cookie, fields } = await open(app, tokenOf(world.mails[0]))
  const response = await submit(app, cookie, { ...fields, password: 'x'.repeat(20_000) })
  t.is(response.statusCode, 413)
})
