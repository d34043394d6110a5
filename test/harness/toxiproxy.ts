import { toxiproxyBinary } from './binaries.ts'
import type { Progress } from './binaries.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './port.ts'
import { startProcess } from './process.ts'
import { eventually } from './wait.ts'

/** https://github.com/Shopify/toxiproxy#toxics: what each kind takes; times in milliseconds, rates in KB/s. */
interface ToxicAttributes {
  readonly latency: { readonly latency: number; readonly jitter?: number }
  readonly bandwidth: { readonly rate: number }
  /** The connection stays open this long after its client has closed it. */
  readonly slow_close: { readonly delay: number }
  /** All data is swallowed; the connection is closed after `timeout`, with 0 never (no FIN either). */
  readonly timeout: { readonly timeout: number }
  /** RST after `timeout`. */
  readonly reset_peer: { readonly timeout: number }
  readonly slicer: { readonly average_size: number; readonly size_variation?: number; readonly delay?: number }
  /** Closed after so many bytes. */
  readonly limit_data: { readonly bytes: number }
}

export type ToxicType = keyof ToxicAttributes

export interface ToxicOptions {
  /** `downstream` (server to client) by default. */
  readonly stream?: 'upstream' | 'downstream'
  /** The share of connections it meets, 0 to 1; 1 by default. */
  readonly toxicity?: number
}

export interface Proxy {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Adds a toxic to connections that exist too; the answer removes it. */
  toxic<T extends ToxicType>(
    type: T,
    attributes: ToxicAttributes[T],
    options?: ToxicOptions,
  ): Promise<() => Promise<void>>
  /** Cuts all connections and refuses new ones. */
  disable(): Promise<void>
  enable(): Promise<void>
  /** Cuts all connections; new ones are served. */
  cut(): Promise<void>
  /** Cuts all connections; new ones lead to another `host:port`. */
  pointTo(upstream: string): Promise<void>
  remove(): Promise<void>
}

export interface Toxiproxy extends AsyncDisposable {
  /** A proxy on a free port of the loopback to `host:port`. */
  proxy(name: string, upstream: string): Promise<Proxy>
  stop(): Promise<void>
}

/** Starts a TCP proxy for faults (Shopify's toxiproxy, built first where it is missing). */
export async function startToxiproxy(onProgress: Progress = () => undefined): Promise<Toxiproxy> {
  const command = await toxiproxyBinary(onProgress)
  const folder = await temporaryFolder('toxiproxy')
  const port = await freePort()
  const args = ['-host', '127.0.0.1', '-port', String(port)]
  const server = await startProcess({ name: 'toxiproxy', command, args, logPath: `${folder.path}/toxiproxy.log` })
  const stop = async (): Promise<void> => {
    await server.stop()
    await folder.remove()
  }
  const api = apiAt(`http://127.0.0.1:${port}`)
  const ended = server.exited.then(() => server.assertAlive())
  try {
    await Promise.race([ended, eventually(() => api('GET', '/version').then(() => true), { describe: 'toxiproxy' })])
    server.assertAlive()
  } catch (error) {
    await stop()
    throw error
  }
  return { proxy: (name, upstream) => createProxy(api, name, upstream), stop, [Symbol.asyncDispose]: stop }
}

type Api = (method: string, path: string, body?: object) => Promise<void>

function apiAt(url: string): Api {
  return async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // Its server refuses what looks like a browser.
      headers: { 'user-agent': 'tenantry-test', 'content-type': 'application/json' },
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`toxiproxy answered ${response.status} to ${method} ${path}: ${text}`)
  }
}

async function createProxy(api: Api, name: string, upstream: string): Promise<Proxy> {
  const port = await freePort()
  const path = `/proxies/${encodeURIComponent(name)}`
  await api('POST', '/proxies', { name, listen: `127.0.0.1:${port}`, upstream, enabled: true })
  let target = upstream
  const enabled = (on: boolean): Promise<void> =>
    api('POST', path, { name, listen: `127.0.0.1:${port}`, upstream: target, enabled: on })
  let made = 0
  return {
    name,
    host: 'localhost',
    port,
    async toxic(type, attributes, { stream = 'downstream', toxicity = 1 } = {}) {
      const toxic = `${type}-${++made}`
      await api('POST', `${path}/toxics`, { name: toxic, type, stream, toxicity, attributes })
      return () => api('DELETE', `${path}/toxics/${toxic}`)
    },
    disable: () => enabled(false),
    enable: () => enabled(true),
    async cut() {
      await enabled(false)
      await enabled(true)
    },
    async pointTo(other) {
      await enabled(false)
      target = other
      await enabled(true)
    },
    remove: () => api('DELETE', path),
  }
}
