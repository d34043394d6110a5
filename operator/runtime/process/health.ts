/** The server for the probes and Prometheus: /healthz, /readyz, /metrics. Built here, listening only when told to. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'

/** Undefined when all is well, else a sentence on the failure. Must be quick and do no I/O. */
export type Check = () => string | undefined

export interface HealthOptions {
  readonly registry: Registry
  /** By name; the process is to be restarted when one fails. */
  readonly live: Readonly<Record<string, Check>>
  /** By name; no traffic while one fails. */
  readonly ready: Readonly<Record<string, Check>>
}

export interface Health {
  readonly server: Server
  /** Makes /readyz answer 503 from now on. */
  drain(): void
}

export function createHealth(options: HealthOptions): Health {
  let draining = false
  const ready = { ...options.ready, shutdown: () => (draining ? 'the process is shutting down' : undefined) }
  const server = createServer((request, response) => {
    // Not a URL yet: a client may ask for `//`, which is no valid URL.
    const [path] = (request.url ?? '').split('?')
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'method not allowed\n')
    if (path === '/healthz') return probe(response, options.live)
    if (path === '/readyz') return probe(response, ready)
    if (path === '/metrics') return void metrics(response, options.registry)
    return answer(response, 404, 'not found\n')
  })
  return { server, drain: () => (draining = true) }
}

/** One line per check, in the form of the apiserver's own probes. */
function probe(response: ServerResponse, checks: Readonly<Record<string, Check>>): void {
  const results = Object.entries(checks).map(([name, check]) => [name, check()] as const)
  const lines = results.map(([name, failure]) => (failure === undefined ? `[+]${name} ok` : `[-]${name}: ${failure}`))
  const failed = results.some(([, failure]) => failure !== undefined)
  answer(response, failed ? 503 : 200, [...lines, failed ? 'failed' : 'ok', ''].join('\n'))
}

async function metrics(response: ServerResponse, registry: Registry): Promise<void> {
  try {
    answer(response, 200, await registry.metrics(), registry.contentType)
  } catch {
    answer(response, 500, 'the metrics could not be collected\n')
  }
}

function answer(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}
