import test, { type ExecutionContext } from 'ava'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createHealth, type Check } from '../../../../operator/runtime/process/health.ts'
import { createMetrics } from '../../../../operator/runtime/metrics/metrics.ts'

async function serve(t: ExecutionContext, ready: Record<string, Check>) {
  const { registry } = createMetrics(() => 0)
  const health = createHealth({ registry, live: { process: () => undefined }, ready })
  t.false(health.server.listening)
  health.server.listen(0, '127.0.0.1')
  await once(health.server, 'listening')
  t.teardown(() => health.server.close())
  const { port } = health.server.address() as AddressInfo
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
    return { status: response.status, body: await response.text(), type: response.headers.get('content-type') }
  }
  return { health, get }
}

test('/readyz says which check fails and why; /healthz is not touched by it', async (t) => {
  const caches: { problem?: string } = {}
  const { get } = await serve(t, { caches: () => caches.problem })
  t.like(await get('/readyz'), { status: 200, body: '[+]caches ok\n[+]shutdown ok\nok\n' })
  caches.problem = 'tenants do not follow the server'
  const failed = await get('/readyz')
  t.is(failed.status, 503)
  t.true(failed.body.startsWith('[-]caches: tenants do not follow the server\n'))
  t.is((await get('/healthz')).status, 200)
})

test('/readyz answers 503 from the moment of a shutdown', async (t) => {
  const { health, get } = await serve(t, {})
  health.drain()
  t.is((await get('/readyz')).status, 503)
  t.is((await get('/healthz')).status, 200)
})

test('/metrics is in the text format of Prometheus; other paths and methods are refused', async (t) => {
  const { get } = await serve(t, {})
  const metrics = await get('/metrics')
  t.regex(metrics.type ?? '', /^text\/plain; version=0\.0\.4/)
  t.true(metrics.body.includes('# TYPE workqueue_depth gauge'))
  t.is((await get('/')).status, 404)
  t.is((await get('/healthz', 'POST')).status, 405)
})

test('a request for what is no path is refused like any other, and harms nothing', async (t) => {
  const { get } = await serve(t, {})
  t.is((await get('//')).status, 404)
  t.is((await get('//a:b')).status, 404)
  t.is((await get('/healthz?verbose')).status, 200)
})
