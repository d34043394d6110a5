/** The adapter of the Kubernetes ports over one {@link Connection}: raw JSON in, raw JSON out. */
import type { Call, Connection } from './http-connection.ts'
import {
  KubeError,
  type Kube,
  type KubeObject,
  type KubeReader,
  type KubeWriter,
  type ListOptions,
  type ObjectKey,
  type Resource,
} from './port.ts'
import { queryString, resourcePath } from './path.ts'
import type { KubeWatcher, Page } from './watcher.ts'
import { watchEvents } from './watch-stream.ts'

export interface ClientOptions {
  readonly connection: Connection
  /** The field manager of the writes. */
  readonly fieldManager: string
  /** Milliseconds that a call may take. Default 15 s; pages of lists take twice that at most. */
  readonly deadline?: number
}

/** Objects per page; what client-go's pager asks for. */
const pageSize = 500
/** A watch's headers come at once, whatever the number of objects. */
const watchDeadline = 10_000

export type KubeClient = Kube & KubeWatcher

export function createClient(options: ClientOptions): KubeClient {
  const limit = options.deadline ?? 15_000
  const watcher = createWatcher(options.connection, limit)
  const send: Send = async (call) => (await options.connection.send({ deadline: limit, ...call })).body
  const { fieldManager } = options
  return { ...watcher, ...createReader(send, watcher, fieldManager), ...createWriter(send, fieldManager) }
}

/** One call with the usual deadline; resolves to the body of its answer. */
type Send = (call: Omit<Call, 'deadline'>) => Promise<unknown>

function createWatcher(connection: Connection, limit: number): KubeWatcher {
  return {
    page: async (resource, options, signal) => {
      const { labelSelector, fieldSelector, limit: items, continueToken } = options
      const query = queryString({ labelSelector, fieldSelector, limit: items, continue: continueToken })
      const path = collection(resource, options.namespace) + query
      const { body } = await connection.send({ method: 'GET', path, deadline: 2 * limit, signal })
      return toPage(body, resource)
    },
    watch: async (resource, options, signal) => {
      const { labelSelector, fieldSelector, resourceVersion, initialEvents, timeoutSeconds } = options
      const query = queryString({
        watch: true,
        allowWatchBookmarks: true,
        labelSelector,
        fieldSelector,
        resourceVersion,
        timeoutSeconds,
        ...(initialEvents === true ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } : {}),
      })
      const path = collection(resource, options.namespace) + query
      const chunks = await connection.stream({ method: 'GET', path, deadline: watchDeadline }, signal)
      return watchEvents(chunks, resource, signal)
    },
    distrust: () => connection.distrust(),
  }
}

function createReader(send: Send, watcher: KubeWatcher, fieldManager: string): KubeReader {
  return {
    get: async <T extends KubeObject>(resource: Resource<T>, key: ObjectKey) => {
      try {
        return toObject(await send({ method: 'GET', path: resourcePath(resource, key) }), resource)
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    list: (resource, options) => allPages(watcher, resource, options ?? {}),
    dryRun: async (resource, object) => {
      const query = queryString({ fieldManager, dryRun: 'All' })
      await send({ method: 'POST', path: collectionOf(resource, object.metadata) + query, body: object })
    },
  }
}

function createWriter(send: Send, fieldManager: string): KubeWriter {
  const query = queryString({ fieldManager })
  return {
    create: async (resource, object) => {
      const path = collectionOf(resource, object.metadata) + query
      return toObject(await send({ method: 'POST', path, body: object }), resource)
    },
    replace: async (resource, object) => {
      if (object.metadata.resourceVersion === undefined) {
        throw new TypeError(`${resource.kind} ${object.metadata.name} is replaced without a resourceVersion`)
      }
      const path = resourcePath(resource, keyOf(object)) + query
      return toObject(await send({ method: 'PUT', path, body: object }), resource)
    },
    patch: async (resource, key, patch, subresource) => {
      const path = resourcePath(resource, key, subresource) + query
      const contentType = 'application/merge-patch+json'
      return toObject(await send({ method: 'PATCH', path, body: patch, contentType }), resource)
    },
    delete: async (resource, key, preconditions, gracePeriodSeconds) => {
      const options = { preconditions, propagationPolicy: 'Background', gracePeriodSeconds }
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...options }
      try {
        await send({ method: 'DELETE', path: resourcePath(resource, key), body })
        return true
      } catch (error) {
        if (isNotFound(error)) return false
        throw error
      }
    },
    createSubresource: (resource, key, subresource, body) =>
      send({ method: 'POST', path: resourcePath(resource, key, subresource) + query, body }),
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'NotFound'
}

function collection(resource: Resource, namespace: string | undefined): string {
  return resourcePath(resource, namespace === undefined ? {} : { namespace })
}

/** All pages; from the start again, in one piece, when the list grew too old between two of them. */
async function allPages<T extends KubeObject>(
  watcher: KubeWatcher,
  resource: Resource<T>,
  options: ListOptions,
): Promise<T[]> {
  try {
    const items: T[] = []
    let next: string | undefined
    do {
      const more: Page<T> = await watcher.page(resource, {
        ...options,
        limit: pageSize,
        ...(next === undefined ? {} : { continueToken: next }),
      })
      items.push(...more.items)
      next = more.continueToken
    } while (next !== undefined)
    return items
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'Gone')) throw error
    return [...(await watcher.page(resource, options)).items]
  }
}

function keyOf(object: KubeObject): ObjectKey {
  const { name, namespace } = object.metadata
  return namespace === undefined ? { name } : { name, namespace }
}

function collectionOf(resource: Resource, metadata: KubeObject['metadata']): string {
  if (!resource.namespaced) return resourcePath(resource, {})
  if (metadata.namespace === undefined) {
    throw new TypeError(`${resource.kind} ${metadata.name} is created without a namespace`)
  }
  return resourcePath(resource, { namespace: metadata.namespace })
}

/** The server's schema guarantees the rest of the type. */
function toObject<T extends KubeObject>(body: unknown, resource: Resource<T>): T {
  if (isObjectOf<T>(body)) return body
  throw new KubeError('Unknown', `the answer is no ${resource.kind}`, 0)
}

function isObjectOf<T extends KubeObject>(body: unknown): body is T {
  return typeof body === 'object' && body !== null && 'metadata' in body
}

interface RawList<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly T[]
}

function toPage<T extends KubeObject>(body: unknown, resource: Resource<T>): Page<T> {
  if (!isList<T>(body) || body.metadata?.resourceVersion === undefined) {
    throw new KubeError('Unknown', `the answer is not a list of ${resource.plural}`, 0)
  }
  // Items of a list carry no apiVersion and kind of their own for built-in kinds.
  const { apiVersion, kind } = resource
  const items = (body.items ?? []).map((item) => ({ ...item, apiVersion, kind }))
  const next = body.metadata.continue
  return {
    items,
    resourceVersion: body.metadata.resourceVersion,
    ...(next === undefined || next === '' ? {} : { continueToken: next }),
  }
}

function isList<T>(body: unknown): body is RawList<T> {
  return typeof body === 'object' && body !== null && 'items' in body
}
