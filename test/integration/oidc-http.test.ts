/** HTTP to a provider has bounds, whatever the other side does. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { connectHttp } from '../../operator/web/oidc/bounded-http.ts'
import { OutcomeError } from '../../operator/web/oidc/oidc-outcome.ts'
import { realClock } from '../unit/runtime/fake-clock.ts'

async function listen(t: ExecutionContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function client(t: ExecutionContext, allowHTTP = true) {
  const http = connectHttp({ clock: realClock, ca: undefined, allowHTTP })
  t.teardown(() => http.close())
  return http
}

async function outcomeOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return error instanceof OutcomeError ? error.outcome : error
}

const unavailable = (reason: string, detail?: string) => ({ kind: 'Unavailable', reason, detail })

test('an answer comes with its status, its type and its content', async (t) => {
  const url = await listen(t, (request, response) => {
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify(request.headers['accept-encoding']))
  })
  const response = await client(t).fetch(url, { headers: { accept: 'application/json' } })
  t.is(response.status, 400)
  t.is(response.headers.get('content-type'), 'application/json')
  t.is(await response.json(), 'identity')
})

test('a form is sent', async (t) => {
  const url = await listen(t, (request, response) => void request.pipe(response))
  const response = await client(t).fetch(url, { method: 'POST', body: new URLSearchParams({ a: 'b c' }) })
  t.is(await response.text(), 'a=b+c')
})

test('a redirect is not followed', async (t) => {
  const url = await listen(t, (_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end())
  t.is((await client(t).fetch(url, {})).status, 302)
})

test('an answer without an end is cut at its size', async (t) => {
  const url = await listen(t, (_request, response) => {
    const more = (): void => void (response.destroyed || response.write('x'.repeat(65_536), () => setImmediate(more)))
    more()
  })
  t.deepEqual(await outcomeOf(client(t).fetch(url, {})), unavailable('TooLarge'))
})

test('an answer that comes drop by drop is cut at its deadline', async (t) => {
  const url = await listen(t, (_request, response) => {
    const timer = setInterval(() => response.write('x'), 100)
    response.once('close', () => clearInterval(timer))
  })
  const start = performance.now()
  t.deepEqual(await outcomeOf(client(t).fetch(url, {})), unavailable('Timeout'))
  t.true(performance.now() - start < 8_000)
})

test('a connection that is cut is a failure', async (t) => {
  const url = await listen(t, (request) => void request.socket.destroy())
  t.like(await outcomeOf(client(t).fetch(url, {})), { kind: 'Unavailable', reason: 'Connection' })
})

test('the caller can end a request', async (t) => {
  const url = await listen(t, () => undefined)
  t.deepEqual(
    await outcomeOf(client(t).fetch(url, { signal: AbortSignal.timeout(50) })),
    unavailable('Timeout', 'aborted'),
  )
})

test('plain http is for the loopback, where it is allowed', async (t) => {
  const url = await listen(t, (_request, response) => void response.end())
  t.deepEqual(await outcomeOf(client(t, false).fetch(url, {})), unavailable('Protocol', 'not_https'))
  t.deepEqual(await outcomeOf(client(t).fetch('http://id.example.com/', {})), unavailable('Protocol', 'not_https'))
  t.deepEqual(await outcomeOf(client(t).fetch('file:///etc/passwd', {})), unavailable('Protocol', 'not_https'))
})
