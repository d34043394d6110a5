import test, { type ExecutionContext } from 'ava'
import { fenced } from '../../../operator/runtime/leadership/fence.ts'
import { KubeConfig } from '@kubernetes/client-node'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '../../../operator/kube/client.ts'
import { Connection } from '../../../operator/kube/http-connection.ts'
import { configMaps } from '../../../operator/kube/resources.ts'
import { eventually } from '../../harness/wait.ts'
import { realClock } from '../runtime/fake-clock.ts'
import { LostLeadership } from '../../../operator/runtime/base/effect-check.ts'

type Handle = (request: IncomingMessage, response: ServerResponse, body: string) => void

const key = { namespace: 'ns', name: 'a' }
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...key, resourceVersion: '1' } }

/** A server that answers what the test says, and a client of ours before it. */
async function against(t: ExecutionContext, handle: Handle, user: object = { token: 'first' }, deadline = 30_000) {
  const requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
      handle(request, response, body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'c', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'u', ...user },
  )
  const told: string[] = []
  let later = 0
  const clock = { ...realClock, monotonic: () => realClock.monotonic() + later }
  const connection = new Connection({
    config,
    clock,
    userAgent: 'tenantry/1.2.3',
    observe: (code, method) => void told.push(`${method} ${code}`),
  })
  t.teardown(async () => {
    await connection.close()
    server.closeAllConnections()
    server.close()
  })
  const leap = (milliseconds: number) => void (later += milliseconds)
  return { requests, told, connection, leap, kube: createClient({ connection, fieldManager: 'tenantry', deadline }) }
}

const json = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

test('each call says who it is, under which field manager it writes, and in which content type', async (t) => {
  const { kube, requests, told } = await against(t, (_, response) => json(response, 200, object))
  await kube.get(configMaps, key)
  await kube.create(configMaps, object)
  await kube.replace(configMaps, object)
  await kube.patch(configMaps, key, { data: { a: null } }, 'status')
  await kube.delete(configMaps, key, { uid: 'u', resourceVersion: '1' })
  await kube.createSubresource(configMaps, key, 'eviction', {})
  t.deepEqual(
    requests.map(({ method, url, headers }) => [method, url, headers['content-type']]),
    [
      ['GET', '/api/v1/namespaces/ns/configmaps/a', undefined],
      ['POST', '/api/v1/namespaces/ns/configmaps?fieldManager=tenantry', 'application/json'],
      ['PUT', '/api/v1/namespaces/ns/configmaps/a?fieldManager=tenantry', 'application/json'],
      ['PATCH', '/api/v1/namespaces/ns/configmaps/a/status?fieldManager=tenantry', 'application/merge-patch+json'],
      ['DELETE', '/api/v1/namespaces/ns/configmaps/a', 'application/json'],
      ['POST', '/api/v1/namespaces/ns/configmaps/a/eviction?fieldManager=tenantry', 'application/json'],
    ],
  )
  for (const { headers } of requests) {
    t.is(headers['user-agent'], 'tenantry/1.2.3')
    t.is(headers['authorization'], 'Bearer first')
  }
  t.is(requests[3]?.body, '{"data":{"a":null}}')
  t.deepEqual(JSON.parse(requests[4]?.body ?? ''), {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { uid: 'u', resourceVersion: '1' },
    propagationPolicy: 'Background',
  })
  t.deepEqual(told, ['GET 200', 'POST 200', 'PUT 200', 'PATCH 200', 'DELETE 200', 'POST 200'])
})

test('a replacement without a resourceVersion is a mistake of ours and is not sent', async (t) => {
  const { kube, requests } = await against(t, (_, response) => json(response, 200, object))
  const blind = { ...object, metadata: key }
  await t.throwsAsync(kube.replace(configMaps, blind), { instanceOf: TypeError })
  t.is(requests.length, 0)
})

test('what is not there: get gives undefined, delete gives false', async (t) => {
  const status = { kind: 'Status', reason: 'NotFound', code: 404 }
  const { kube } = await against(t, (_, response) => json(response, 404, status))
  t.is(await kube.get(configMaps, key), undefined)
  t.false(await kube.delete(configMaps, key, { uid: 'u' }))
  await t.throwsAsync(kube.patch(configMaps, key, {}), { message: /HTTP 404|PATCH/ })
})

test('a credential that was rotated is asked for again when the server refuses the old one', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-token-'))
  t.teardown(() => rm(folder, { recursive: true }))
  let valid = 'old'
  const { kube, requests } = await against(
    t,
    (request, response) => {
      if (request.headers.authorization === `Bearer ${valid}`) json(response, 200, object)
      else json(response, 401, { kind: 'Status', reason: 'Unauthorized' })
    },
    { exec: { command: 'cat', args: [join(folder, 'credential.json')] } },
  )
  const credential = (token: string) =>
    writeFile(
      join(folder, 'credential.json'),
      JSON.stringify({ status: { token, expirationTimestamp: '2000-01-01T00:00:00Z' } }),
    )
  await credential('old')
  t.truthy(await kube.get(configMaps, key))
  valid = 'new'
  await credential('new')
  t.truthy(await kube.get(configMaps, key))
  t.is(requests.length, 3, 'one refusal, one repetition')
})

test('a request that stays refused fails as Unauthorized after one repetition', async (t) => {
  const { kube, requests } = await against(t, (_, response) =>
    json(response, 401, { kind: 'Status', reason: 'Unauthorized' }),
  )
  await t.throwsAsync(kube.get(configMaps, key), { name: 'KubeError', message: /GET/ })
  t.is(requests.length, 2)
})

test('a write for which the lead was lost before it went out is refused, and nothing goes out', async (t) => {
  const { kube, requests } = await against(t, (_, response) => json(response, 201, object))
  let leads = true
  const writer = fenced(kube, { isLeader: () => leads })
  // The first call waits for credentials and a connection, the second for nothing any more.
  for (const round of ['first', 'second']) {
    const writing = writer.create(configMaps, object)
    leads = false
    await t.throwsAsync(writing, { instanceOf: LostLeadership }, round)
    t.is(requests.length, round === 'first' ? 0 : 1, round)
    leads = true
    await writer.create(configMaps, object)
  }
  t.is(requests.length, 2)
})

test('a repetition with new credentials asks once more whether it may be', async (t) => {
  let leads = true
  const { kube, requests } = await against(t, (_, response) => {
    leads = false
    json(response, 401, { kind: 'Status', reason: 'Unauthorized' })
  })
  await t.throwsAsync(fenced(kube, { isLeader: () => leads }).create(configMaps, object), {
    instanceOf: LostLeadership,
  })
  t.is(requests.length, 1)
})

test('a busy server says how long to wait', async (t) => {
  const { kube } = await against(t, (_, response) =>
    json(response, 429, { kind: 'Status', reason: 'TooManyRequests' }, { 'retry-after': '3' }),
  )
  const error = await t.throwsAsync(kube.create(configMaps, object))
  t.like(error, { reason: 'TooManyRequests', status: 429, retryAfter: 3_000 })
})

test('an answer that is lost after the request was sent is Unavailable with status 0', async (t) => {
  const { kube, told } = await against(t, (request) => void request.socket.destroy())
  const error = await t.throwsAsync(kube.create(configMaps, object))
  t.like(error, { reason: 'Unavailable', status: 0 })
  t.deepEqual(told, ['POST <error>'])
})

test('a server that never answers is a Timeout with status 0 at the deadline', async (t) => {
  const { kube } = await against(t, () => {}, { token: 'x' }, 100)
  const error = await t.throwsAsync(kube.get(configMaps, key))
  t.like(error, { reason: 'Timeout', status: 0 })
})

test('a body that stops half-way is a Timeout too, not a hang', async (t) => {
  const { kube } = await against(
    t,
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"kind":')
    },
    { token: 'x' },
    100,
  )
  const error = await t.throwsAsync(kube.get(configMaps, key))
  t.like(error, { reason: 'Timeout', status: 0 })
})

test('a list whose token grew too old between two pages is read again in one piece', async (t) => {
  const { kube, requests } = await against(t, (request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams
    if (query.has('continue')) json(response, 410, { kind: 'Status', reason: 'Expired', code: 410 })
    else if (query.has('limit'))
      json(response, 200, { metadata: { resourceVersion: '1', continue: 'c' }, items: [object] })
    else json(response, 200, { metadata: { resourceVersion: '2' }, items: [object, object] })
  })
  t.is((await kube.list(configMaps, { namespace: 'ns' })).length, 2)
  t.is(requests.length, 3)
})

test('after a distrust calls go over new connections, and what was under way may end', async (t) => {
  const ports = new Set<number | undefined>()
  let release: (() => void) | undefined
  const { kube, connection, leap } = await against(t, (request, response) => {
    ports.add(request.socket.remotePort)
    if (request.url?.endsWith('/slow') === true) release = () => json(response, 200, object)
    else json(response, 200, object)
  })
  await kube.get(configMaps, key)
  const slow = kube.get(configMaps, { ...key, name: 'slow' })
  await eventually(() => release !== undefined)
  leap(2_100)
  connection.distrust()
  const before = ports.size
  await kube.get(configMaps, key)
  t.is(ports.size, before + 1)
  release?.()
  t.truthy(await slow)
})
