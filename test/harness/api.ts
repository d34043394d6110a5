/** The apiserver over one HTTP/2 connection, as the admin: for tests and the bench, where a kubectl a call is too slow. */
import { readFile } from 'node:fs/promises'
import { Agent } from 'undici'
import type { ClusterAddress } from './cluster.ts'

/** The apiserver refused, or had an answer that nobody asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  constructor(what: string, status: number, body: string) {
    super(`${what} was answered with ${status}: ${body.slice(0, 500)}`)
    this.status = status
  }
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly deletionTimestamp?: string
}

/** Any object, as the apiserver stores it. */
export interface Stored {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly type?: string
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
  /** Of Secrets in base64. */
  readonly data?: Readonly<Record<string, string>>
}

/** An object to be applied: the API server finds its name in the body too. */
export interface Named {
  readonly metadata: Partial<Metadata> & { readonly name: string }
  readonly [field: string]: unknown
}

export interface Api extends AsyncDisposable {
  /** The object at this path; undefined when there is none. */
  get<T = Stored>(path: string): Promise<T | undefined>
  /** All objects of a collection, in one answer. */
  list<T = Stored>(path: string): Promise<readonly T[]>
  /** @throws ApiError */
  send<T = Stored>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T>
  /** Deletes the object at this path; that it is gone already is no error. @throws ApiError */
  remove(path: string): Promise<void>
  /** Server-side apply as kubectl does it, to the collection at this path, whatever another has applied there. @throws ApiError */
  apply(collection: string, object: Named): Promise<void>
  /** What is there and what becomes of it, each object as it is then, until the signal aborts. `began`: from here on. */
  watch<T = Stored>(
    path: string,
    signal: AbortSignal,
    seen: (object: T, type: string) => void,
    began?: () => void,
  ): Promise<void>
}

interface Kubeconfig {
  readonly users: readonly [
    {
      readonly user: {
        readonly token?: string
        readonly 'client-certificate-data'?: string
        readonly 'client-key-data'?: string
      }
    },
  ]
}

/** As the admin of the cluster; another kubeconfig of the harness's own may be given. */
export async function apiOf(cluster: ClusterAddress, kubeconfigPath: string = cluster.kubeconfigPath): Promise<Api> {
  const { users } = JSON.parse(await readFile(kubeconfigPath, 'utf8')) as Kubeconfig // of kubeconfig.ts, or of kubectl
  const { token, ...pair } = users[0].user
  const plain = (text: string | undefined) =>
    text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8')
  const [cert, key] = [plain(pair['client-certificate-data']), plain(pair['client-key-data'])]
  const connect = {
    ...(cluster.ca === '' ? {} : { ca: cluster.ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  }
  // Watches over HTTP/1.1: to break one off costs its connection and nobody else's.
  const agents = {
    calls: new Agent({ allowH2: true, connect }),
    watches: new Agent({ allowH2: false, bodyTimeout: 0, connect }),
  }
  return api(agents, cluster.server, token)
}

interface Agents {
  readonly calls: Agent
  readonly watches: Agent
}

function api({ calls, watches }: Agents, server: string, token: string | undefined): Api {
  const call = async (method: string, path: string, body?: object, signal?: AbortSignal, type = contentType(method)) =>
    (signal === undefined ? calls : watches).request({
      origin: server,
      path,
      method,
      headers: {
        accept: 'application/json',
        'user-agent': 'tenantry-test',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? AbortSignal.timeout(30_000),
    })
  const get = async <T>(path: string): Promise<T | undefined> => {
    const response = await call('GET', path)
    const text = await response.body.text()
    if (response.statusCode === 404) return undefined
    return answered<T>(`GET ${path}`, response.statusCode, text)
  }
  return {
    get,
    list: async <T>(path: string) => (await get<{ readonly items: readonly T[] }>(path))?.items ?? [],
    send: async <T>(method: string, path: string, body?: object) => {
      const response = await call(method, path, body)
      return answered<T>(`${method} ${path}`, response.statusCode, await response.body.text())
    },
    remove: async (path: string) => {
      const response = await call('DELETE', path)
      const body = await response.body.text()
      if (response.statusCode !== 404) answered(`DELETE ${path}`, response.statusCode, body)
    },
    apply: async (collection: string, object: Named) => {
      const path = `${collection}/${object.metadata.name}?fieldManager=kubectl&fieldValidation=Strict&force=true`
      const response = await call('PATCH', path, object, undefined, 'application/apply-patch+yaml')
      answered(`apply ${path}`, response.statusCode, await response.body.text())
    },
    watch: async <T>(
      path: string,
      signal: AbortSignal,
      seen: (object: T, type: string) => void,
      began: () => void = () => {},
    ) => {
      const url = `${path}${path.includes('?') ? '&' : '?'}watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`
      // The server ends a watch when it likes, one whose reader is slow among them; then it begins anew.
      while (!signal.aborted) {
        try {
          const response = await call('GET', url, undefined, signal)
          if (response.statusCode !== 200) throw new ApiError(`WATCH ${path}`, response.statusCode, '')
          began()
          for await (const { type, object } of events<T>(response.body.setEncoding('utf8'))) seen(object, type)
        } catch (error) {
          if (!signal.aborted) throw error
        }
      }
    },
    [Symbol.asyncDispose]: async () => {
      // Nobody waits for an answer any more, and a close would.
      await Promise.all([calls.destroy(), watches.destroy()])
    },
  }
}

/** The events of a watch, a line each, without bookmarks. */
async function* events<T>(
  chunks: AsyncIterable<unknown>,
): AsyncGenerator<{ readonly type: string; readonly object: T }> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = JSON.parse(line) as { type: string; object: T } // metav1.WatchEvent
      if (event.type !== 'BOOKMARK') yield event
    }
  }
}

function contentType(method: string): string {
  return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
}

function answered<T>(what: string, status: number, text: string): T {
  if (status < 200 || status > 299) throw new ApiError(what, status, text)
  return JSON.parse(text) as T // what is at a path is known to who asks for it
}
