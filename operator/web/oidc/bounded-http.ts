/** HTTP to a provider: each request with a deadline, each answer with a size, no redirects. */
import { Agent, request } from 'undici'
import type { Clock } from '../../runtime/base/clock.ts'
import { deadline, DeadlineExceeded } from '../../runtime/base/deadline.ts'
import { OutcomeError, unavailable } from './oidc-outcome.ts'
import { isLoopback } from './settings.ts'

/** Milliseconds from the request to the last byte of its answer. */
const requestDeadline = 5_000

/** Bytes of an answer. Tokens with hundreds of groups have some ten thousand. */
const longestAnswer = 512 * 1024

export interface HttpRequest {
  readonly method?: string | undefined
  readonly headers?: ConstructorParameters<typeof Headers>[0] | undefined
  readonly body?: unknown
  readonly signal?: AbortSignal | null | undefined
}

export interface HttpClient {
  /** @throws OutcomeError when there is no answer within the bounds. */
  readonly fetch: (url: string, init: HttpRequest) => Promise<Response>
  readonly close: () => Promise<void>
}

export interface HttpOptions {
  readonly clock: Clock
  /** PEM; undefined: the authorities of the system. */
  readonly ca: string | undefined
  /** Plain http, on the loopback only. */
  readonly allowHTTP: boolean
}

export type Connect = (options: HttpOptions) => HttpClient

export const connectHttp: Connect = ({ clock, ca, allowHTTP }) => {
  const connect = { timeout: requestDeadline, ...(ca === undefined ? {} : { ca }) }
  const agent = new Agent({ connect, connections: 16, headersTimeout: requestDeadline, bodyTimeout: requestDeadline })
  return {
    async fetch(url, init) {
      const { protocol, hostname } = new URL(url)
      const isPermitted = protocol === 'https:' || (protocol === 'http:' && allowHTTP && isLoopback(hostname))
      if (!isPermitted) throw new OutcomeError(unavailable('Protocol', 'not_https'))
      using limit = deadline(clock, requestDeadline, init.signal ?? undefined)
      try {
        return await exchange(agent, url, init, limit.signal)
      } catch (error) {
        throw translated(error, limit.signal)
      }
    },
    close: () => agent.destroy(),
  }
}

async function exchange(dispatcher: Agent, url: string, init: HttpRequest, signal: AbortSignal): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('accept-encoding', 'identity')
  const body = init.body instanceof URLSearchParams || typeof init.body === 'string' ? String(init.body) : null
  const method = init.method === 'POST' ? 'POST' : 'GET'
  const answer = await request(url, { method, headers: Object.fromEntries(headers), body, signal, dispatcher })
  const content = await contentOf(answer.body)
  const received = new Headers()
  for (const name of ['content-type', 'www-authenticate']) {
    const value = answer.headers[name]
    if (value !== undefined) received.set(name, String(value))
  }
  const status = answer.statusCode
  if (status < 200 || status > 599) throw new OutcomeError(unavailable('Protocol', String(status)))
  return new Response([204, 205, 304].includes(status) ? null : content, { status, headers: received })
}

async function contentOf(body: AsyncIterable<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop ends the connection.
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > longestAnswer) throw new OutcomeError(unavailable('TooLarge'))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])

/** Codes of OpenSSL and Node for what is wrong with a certificate or with TLS. */
const tlsCode = /^(CERT_|CRL_|DEPTH_ZERO_|EPROTO|ERR_SSL_|ERR_TLS_|HOSTNAME_|INVALID_CA|SELF_SIGNED_|UNABLE_TO_)/

function translated(error: unknown, signal: AbortSignal): OutcomeError {
  if (error instanceof OutcomeError) return error
  if (signal.aborted) {
    const detail = signal.reason instanceof DeadlineExceeded ? undefined : 'aborted'
    return new OutcomeError(unavailable('Timeout', detail), error)
  }
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  if (typeof code !== 'string') return new OutcomeError(unavailable('Connection'), error)
  if (timeouts.has(code)) return new OutcomeError(unavailable('Timeout'), error)
  return new OutcomeError(unavailable(tlsCode.test(code) ? 'TLS' : 'Connection', code), error)
}
