/**
 * HTTP to the API server: one shared pool (HTTP/2 where the server speaks it), a deadline on every call, metrics. A
 * pool that stopped answering is abandoned: its calls may finish, and new calls get new connections.
 */
import type { KubeConfig } from './kubeconfig.ts'
import { Agent, ProxyAgent, Socks5ProxyAgent, type Dispatcher } from 'undici'

import type { Clock } from '../runtime/base/clock.ts'
import { deadline, DeadlineExceeded } from '../runtime/base/deadline.ts'
import { CredentialSource, type Credentials } from './credentials.ts'
import { answerError, failure } from './errors.ts'
import { asking } from './last-moment.ts'
import { guardStreams } from './stream-errors.ts'
import { LostLeadership, presentCheck } from '../runtime/base/effect-check.ts'

const connectTimeout = 5_000
/** A pool younger than this is not replaced again: many calls on one dead connection fail together. */
const replaceAtMostEvery = 2_000

export interface ConnectionOptions {
  readonly config: KubeConfig
  readonly clock: Clock
  /** `tenantry/<version>` */
  readonly userAgent: string
  /** Called for each request: HTTP status or `<error>`, method, host and milliseconds to the headers of the answer. */
  readonly observe?: (code: string, method: string, host: string, milliseconds: number) => void
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query. */
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
  /** The format of the answer; plain JSON when not given. */
  readonly accept?: string
  /** Milliseconds for the whole answer; for a stream, for its headers. */
  readonly deadline: number
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export class Connection {
  readonly #options: ConnectionOptions
  readonly #server: URL
  readonly #credentials: CredentialSource
  #pool: { readonly dispatcher: Dispatcher; readonly tlsDigest: string; readonly since: number } | undefined
  readonly #left = new Set<Dispatcher>()
  readonly #guard = guardStreams()
  #closed = false

  constructor(options: ConnectionOptions) {
    const cluster = options.config.getCurrentCluster()
    if (cluster === null) throw new TypeError('The kubeconfig names no current cluster.')
    this.#options = options
    this.#server = new URL(cluster.server)
    this.#credentials = new CredentialSource(options.config, options.clock)
  }

  /**
   * Sends `call` and reads the whole answer as JSON. Throws KubeError for any status but success, and LostLeadership
   * where the call came through a fence that is shut when the request goes out.
   */
  async send(call: Call): Promise<Answer> {
    using limit = deadline(this.#options.clock, call.deadline, call.signal)
    const what = describe(call)
    try {
      const response = await this.#request(call, limit.signal)
      const text = await response.body.text()
      return { status: response.statusCode, body: text === '' ? undefined : JSON.parse(text) }
    } catch (error) {
      throw this.#translated(error, what)
    }
  }

  /**
   * Sends `call` and resolves with its body as soon as the headers of a success arrive. Aborting `signal` ends it.
   * @returns chunks of bytes
   */
  async stream(call: Call, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const whole = new AbortController()
    const follow = () => whole.abort(signal.reason)
    if (signal.aborted) follow()
    signal.addEventListener('abort', follow, { once: true })
    const cancel = this.#options.clock.after(call.deadline, () =>
      whole.abort(new DeadlineExceeded(`no headers within ${call.deadline} ms`)),
    )
    try {
      const response = await this.#request(call, whole.signal)
      response.body.on('close', () => signal.removeEventListener('abort', follow))
      return response.body
    } catch (error) {
      signal.removeEventListener('abort', follow)
      throw this.#translated(error, describe(call))
    } finally {
      cancel()
    }
  }

  /** Abandons the present connections: further calls get new ones. */
  distrust(): void {
    const pool = this.#pool
    if (pool === undefined || this.#options.clock.monotonic() - pool.since < replaceAtMostEvery) return
    this.#leave(pool.dispatcher)
    this.#pool = undefined
  }

  /** Ends all connections; calls in progress fail. */
  async close(): Promise<void> {
    const all = [...this.#left, ...(this.#pool === undefined ? [] : [this.#pool.dispatcher])]
    this.#pool = undefined
    this.#closed = true
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()))
    this.#guard[Symbol.dispose]()
  }

  #translated(error: unknown, what: string): Error {
    if (error instanceof LostLeadership) return error
    const translated = failure(error, what)
    if (translated.status === 0 && translated.reason === 'Timeout') this.distrust()
    return translated
  }

  async #request(call: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const response = await this.#once(call, signal)
    if (response.statusCode !== 401) return accepted(response, call)
    // A token may have been rotated since it was read; a refused request had no effect and may be repeated.
    await response.body.dump()
    this.#credentials.forget()
    return accepted(await this.#once(call, signal), call)
  }

  async #once(call: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { clock, observe, userAgent } = this.#options
    const credentials = await this.#credentials.get()
    const started = clock.monotonic()
    const report = (code: string) => observe?.(code, call.method, this.#server.host, clock.monotonic() - started)
    const check = presentCheck()
    const dispatcher = this.#dispatcher(credentials)
    try {
      const response = await (check === undefined ? dispatcher : dispatcher.compose(asking(check))).request({
        origin: this.#server.origin,
        path: this.#server.pathname.replace(/\/$/, '') + call.path,
        method: call.method,
        headers: {
          ...credentials.headers,
          accept: call.accept ?? 'application/json',
          'user-agent': userAgent,
          ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        signal,
      })
      report(String(response.statusCode))
      return response
    } catch (error) {
      report('<error>')
      throw signal.aborted && signal.reason instanceof Error ? signal.reason : error
    }
  }

  #dispatcher(credentials: Credentials): Dispatcher {
    if (this.#closed) throw new Error('the connection is closed')
    if (this.#pool !== undefined && this.#pool.tlsDigest === credentials.tlsDigest) return this.#pool.dispatcher
    if (this.#pool !== undefined) this.#leave(this.#pool.dispatcher)
    const dispatcher = this.#connect(credentials)
    this.#pool = { dispatcher, tlsDigest: credentials.tlsDigest, since: this.#options.clock.monotonic() }
    return dispatcher
  }

  #connect(credentials: Credentials): Dispatcher {
    const tls = { ...credentials.tls, keepAlive: true, keepAliveInitialDelay: 15_000, timeout: connectTimeout }
    // Deadlines are set here, by the clock; undici's would cut quiet watches.
    const options = { allowH2: true, headersTimeout: 0, bodyTimeout: 0, connectTimeout }
    const proxy = this.#options.config.getCurrentCluster()?.proxyUrl
    if (proxy === undefined) return new Agent({ ...options, connect: tls })
    if (proxy.startsWith('socks')) return new Socks5ProxyAgent(proxy, { ...options, requestTls: tls })
    return new ProxyAgent({ ...options, uri: proxy, requestTls: tls, connect: { timeout: connectTimeout } })
  }

  #leave(dispatcher: Dispatcher): void {
    this.#left.add(dispatcher)
    const forget = () => void this.#left.delete(dispatcher)
    dispatcher.close().then(forget, forget)
  }
}

async function accepted(response: Dispatcher.ResponseData, call: Call): Promise<Dispatcher.ResponseData> {
  if (response.statusCode >= 200 && response.statusCode < 300) return response
  const text = await response.body.text()
  const retryAfter = response.headers['retry-after']
  throw answerError(
    response.statusCode,
    parsed(text),
    describe(call),
    typeof retryAfter === 'string' ? retryAfter : undefined,
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The call without its query, which may contain selectors and tokens of pages. */
function describe(call: Call): string {
  return `${call.method} ${call.path.replace(/\?.*$/, '')}`
}
