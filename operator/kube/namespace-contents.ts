/**
 * Counts the contents of a namespace: how many objects it holds of each kind that this account may list. Only the
 * metadata of one object per kind is transferred.
 */
import type { Connection } from './http-connection.ts'
import { kindsIn, mayList } from './discovery.ts'
import type { NamespacedKind } from './discovery.ts'
import { queryString, resourcePath } from './path.ts'
import { KubeError } from './port.ts'

export interface KindCount {
  readonly kind: string
  /** Empty: the core group. */
  readonly apiGroup: string
  readonly count: number
}

export interface Contents {
  /** Kinds with at least one object. Sorted. */
  readonly counted: readonly KindCount[]
  /** `Kind` or `Kind.group`: kinds of the cluster that could not be counted. Sorted. */
  readonly notCounted: readonly string[]
}

/** Everything that a deletion of the namespace removes, except Events. Throws KubeError. */
export type CountContents = (namespace: string) => Promise<Contents>

export interface ContentsOptions {
  readonly connection: Pick<Connection, 'send'>
  /** Milliseconds that a call may take. */
  readonly deadline: number
}

/** Kinds that are counted side by side. */
const atOnce = 8
const pageSize = 500

const discoveryFormat = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const metadataFormat = 'application/json;g=meta.k8s.io;v=v1;as=PartialObjectMetadataList'

export function createContents({ connection, deadline }: ContentsOptions): CountContents {
  const get = async (path: string, accept: string) =>
    (await connection.send({ method: 'GET', path, accept, deadline })).body
  return async (namespace) => {
    const [core, groups, rules] = await Promise.all([
      get('/api', discoveryFormat),
      get('/apis', discoveryFormat),
      rulesIn(namespace, { connection, deadline }),
    ])
    const { kinds, unknown } = kindsIn([core, groups])
    const listed = kinds.filter((kind) => mayList(rules, kind))
    const counts: (KindCount | NamespacedKind)[] = []
    for (let at = 0; at < listed.length; at += atOnce) {
      const some = listed.slice(at, at + atOnce)
      counts.push(...(await Promise.all(some.map((kind) => countOf(kind, namespace, get)))))
    }
    const failed = counts.filter((each): each is NamespacedKind => !('count' in each))
    const left = [...kinds.filter((kind) => !listed.includes(kind)), ...failed].map(nameOf)
    return {
      counted: counts.filter((each): each is KindCount => 'count' in each && each.count > 0).toSorted(byName),
      notCounted: [...new Set([...left, ...unknown])].toSorted(),
    }
  }
}

function nameOf({ kind, apiGroup }: Omit<KindCount, 'count'>): string {
  return apiGroup === '' ? kind : `${kind}.${apiGroup}`
}

function byName(one: KindCount, other: KindCount): number {
  return nameOf(one) < nameOf(other) ? -1 : 1
}

/** What this account may do there, as the apiserver tells every account about itself: so no request is made in vain. */
async function rulesIn(namespace: string, { connection, deadline }: ContentsOptions): Promise<unknown> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } }
  const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
  return (await connection.send({ method: 'POST', path, body, deadline })).body
}

type Get = (path: string, accept: string) => Promise<unknown>

/** The kind itself where its server refuses or fails. */
async function countOf(kind: NamespacedKind, namespace: string, get: Get): Promise<KindCount | NamespacedKind> {
  try {
    return { kind: kind.kind, apiGroup: kind.apiGroup, count: await sizeOf(kind, namespace, get) }
  } catch (error) {
    if (error instanceof KubeError && error.status > 0) return kind
    throw error
  }
}

/**
 * One object is requested, and the number of the others; a server that does not give the number is asked for all, page
 * by page.
 */
async function sizeOf(kind: NamespacedKind, namespace: string, get: Get): Promise<number> {
  let [count, limit] = [0, 1]
  let next: string | undefined
  do {
    const path = resourcePath(kind, { namespace }) + queryString({ limit, continue: next })
    const { items, remaining, more } = readPage(await get(path, metadataFormat))
    count += items
    if (remaining !== undefined) return count + remaining
    ;[next, limit] = [more, pageSize]
  } while (next !== undefined)
  return count
}

function readPage(body: unknown) {
  const items = field(body, 'items')
  if (items !== null && items !== undefined && !Array.isArray(items))
    throw new KubeError('Unknown', 'the answer is no list', 200)
  const metadata = field(body, 'metadata')
  const [remaining, more] = [field(metadata, 'remainingItemCount'), field(metadata, 'continue')]
  return {
    items: Array.isArray(items) ? items.length : 0,
    remaining: typeof remaining === 'number' ? remaining : undefined,
    more: typeof more === 'string' && more !== '' ? more : undefined,
  }
}

function field(from: unknown, name: string): unknown {
  return typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined
}
