import { isDeepStrictEqual } from 'node:util'
import {
  KubeError,
  type Kube,
  type KubeObject,
  type ListOptions,
  type ObjectKey,
  type Resource,
} from '../../../operator/kube/port.ts'
import type { KubeWatcher, PageOptions, WatchEvent, WatchOptions } from '../../../operator/kube/watcher.ts'
import { keyOf } from '../../../operator/runtime/objects/object.ts'

type Verb = 'get' | 'list' | 'watch' | 'create' | 'replace' | 'patch' | 'delete'

interface Watching {
  readonly plural: string
  readonly namespace: string | undefined
  readonly push: (event: WatchEvent<KubeObject> | KubeError | 'end') => void
}

/**
 * The Kubernetes API in memory, for unit tests of what stands behind the ports: names, uids, resourceVersions and their
 * preconditions, finalizers, merge patches, pages and watches. No schemas, no defaults, no admission.
 */
export class FakeKube implements Kube, KubeWatcher {
  readonly #objects = new Map<string, Map<string, KubeObject>>()
  readonly #history: { readonly version: number; readonly plural: string; readonly event: WatchEvent<KubeObject> }[] =
    []
  readonly #watches = new Set<Watching>()
  #version = 100
  #oldest = 0
  #uids = 0
  /** Each call in order, as `verb plural key`. */
  readonly calls: string[] = []
  /** Called before each call; what it throws is the call's failure, what it returns is waited for. */
  before: (verb: Verb, plural: string, key: string) => void | Promise<void> = () => {}
  distrusted = 0
  /** As a server without WatchList. */
  refusesInitialEvents = false

  async get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): Promise<T | undefined> {
    await this.#call('get', resource, joined(key))
    return this.#read(resource, joined(key))
  }

  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<T[]> {
    await this.#call('list', resource, options.namespace ?? '')
    return this.#all(resource, options)
  }

  async page<T extends KubeObject>(resource: Resource<T>, options: PageOptions) {
    await this.#call('list', resource, options.continueToken ?? '')
    const all = this.#all(resource, options)
    const from = Number(options.continueToken ?? 0)
    const to = from + (options.limit ?? Infinity)
    const more = to < all.length ? { continueToken: String(to) } : {}
    return { items: all.slice(from, to), resourceVersion: String(this.#version), ...more }
  }

  /** What it throws is the answer to a dry run. */
  onDryRun: (object: KubeObject) => void = () => {}

  async dryRun<T extends KubeObject>(resource: Resource<T>, object: T): Promise<void> {
    this.calls.push(`dryRun ${resource.plural} ${keyOf(object)}`)
    this.onDryRun(object)
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    await this.#call('create', resource, keyOf(object))
    if (this.#read(resource, keyOf(object)) !== undefined) throw new KubeError('AlreadyExists', 'exists', 409)
    return this.#write(
      resource,
      { ...object, metadata: { ...object.metadata, uid: `uid-${(this.#uids += 1)}` } },
      'ADDED',
    )
  }

  async replace<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    await this.#call('replace', resource, keyOf(object))
    const live = this.#read(resource, keyOf(object))
    if (live === undefined) throw new KubeError('NotFound', 'not found', 404)
    precondition(live, object.metadata)
    return this.#write(
      resource,
      { ...object, metadata: { ...object.metadata, uid: live.metadata.uid ?? '' } },
      'MODIFIED',
    )
  }

  async patch<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, patch: object): Promise<T> {
    await this.#call('patch', resource, joined(key))
    const live = this.#read(resource, joined(key))
    if (live === undefined) throw new KubeError('NotFound', 'not found', 404)
    precondition(live, (patch as Partial<KubeObject>).metadata ?? {})
    const next = merged(live, patch) as T
    if (isDeepStrictEqual(next, live)) return live
    const { finalizers = [], deletionTimestamp } = next.metadata
    if (deletionTimestamp !== undefined && finalizers.length === 0) return this.#remove(resource, next)
    return this.#write(resource, next, 'MODIFIED')
  }

  async delete(resource: Resource, key: ObjectKey, preconditions: { uid: string; resourceVersion?: string }) {
    await this.#call('delete', resource, joined(key))
    const live = this.#read(resource, joined(key))
    if (live === undefined) return false
    precondition(live, preconditions)
    if ((live.metadata.finalizers ?? []).length === 0) this.#remove(resource, live)
    else if (live.metadata.deletionTimestamp === undefined) {
      this.#write(
        resource,
        { ...live, metadata: { ...live.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } },
        'MODIFIED',
      )
    }
    return true
  }

  createSubresource(): Promise<unknown> {
    return Promise.reject(new KubeError('NotFound', 'no subresources here', 404))
  }

  async watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions, signal: AbortSignal) {
    await this.#call('watch', resource, options.resourceVersion ?? '')
    if (options.initialEvents === true && this.refusesInitialEvents) {
      throw new KubeError('Invalid', 'sendInitialEvents is forbidden', 422)
    }
    const queue: (WatchEvent<KubeObject> | KubeError | 'end')[] = []
    let wake = () => {}
    const push = (event: WatchEvent<KubeObject> | KubeError | 'end') => {
      queue.push(event)
      wake()
    }
    const watching = { plural: resource.plural, namespace: options.namespace, push }
    for (const event of this.#backlog(resource, options)) push(event)
    this.#watches.add(watching)
    signal.addEventListener('abort', () => push('end'))
    const watches = this.#watches
    return (async function* () {
      try {
        for (;;) {
          const event = queue.shift()
          if (event === undefined) await new Promise<void>((resolve) => (wake = resolve))
          else if (event === 'end') return
          else if (event instanceof KubeError) throw event
          else yield event as WatchEvent<T>
        }
      } finally {
        watches.delete(watching)
      }
    })()
  }

  distrust(): void {
    this.distrusted += 1
  }

  /** How many watches are open. */
  get watching(): number {
    return this.#watches.size
  }

  /** Cuts all watches, or ends them as the server's timeout does. */
  cut(how: KubeError | 'end' = new KubeError('Unavailable', 'reset', 0)): void {
    for (const watching of this.#watches) watching.push(how)
  }

  /** Lets the watches that are open hear nothing more, without an end. */
  silence(): void {
    this.#watches.clear()
  }

  /** Forgets history: watches that resume from before get Gone. */
  compact(): void {
    this.#oldest = this.#version
    this.#history.length = 0
  }

  bookmark(): void {
    const event = { type: 'BOOKMARK', resourceVersion: String(this.#version), initialEventsEnd: false } as const
    for (const watching of this.#watches) watching.push(event)
  }

  #backlog<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): WatchEvent<KubeObject>[] {
    if (options.initialEvents === true) {
      const present = this.#all(resource, options).map((object) => ({ type: 'ADDED', object }) as const)
      return [...present, { type: 'BOOKMARK', resourceVersion: String(this.#version), initialEventsEnd: true }]
    }
    const from = Number(options.resourceVersion)
    if (from < this.#oldest) throw new KubeError('Gone', 'too old', 410)
    return this.#history
      .filter(
        ({ version, plural, event }) =>
          version > from && plural === resource.plural && inNamespace(event, options.namespace),
      )
      .map(({ event }) => event)
  }

  async #call(verb: Verb, resource: Resource, key: string): Promise<void> {
    this.calls.push(`${verb} ${resource.plural} ${key}`.trimEnd())
    await this.before(verb, resource.plural, key)
  }

  #read<T extends KubeObject>(resource: Resource<T>, key: string): T | undefined {
    return this.#objects.get(resource.plural)?.get(key) as T | undefined
  }

  #all<T extends KubeObject>(resource: Resource<T>, { namespace, labelSelector }: ListOptions): T[] {
    const wanted = labelSelector?.split(',').map((pair) => pair.split('=')) ?? []
    return [...(this.#objects.get(resource.plural)?.values() ?? [])].filter(
      ({ metadata }) =>
        (namespace === undefined || metadata.namespace === namespace) &&
        wanted.every(([label = '', value]) => metadata.labels?.[label] === value),
    ) as T[]
  }

  #write<T extends KubeObject>(resource: Resource<T>, object: T, type: 'ADDED' | 'MODIFIED'): T {
    this.#version += 1
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } }
    const kind = this.#objects.get(resource.plural) ?? new Map<string, KubeObject>()
    this.#objects.set(resource.plural, kind.set(keyOf(stored), stored))
    this.#publish(resource, { type, object: stored })
    return stored
  }

  #remove<T extends KubeObject>(resource: Resource<T>, object: T): T {
    this.#version += 1
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } }
    this.#objects.get(resource.plural)?.delete(keyOf(object))
    this.#publish(resource, { type: 'DELETED', object: last })
    return last
  }

  #publish(resource: Resource, event: WatchEvent<KubeObject>): void {
    this.#history.push({ version: this.#version, plural: resource.plural, event })
    for (const { plural, namespace, push } of this.#watches) {
      if (plural === resource.plural && inNamespace(event, namespace)) push(event)
    }
  }
}

function inNamespace(event: WatchEvent<KubeObject>, namespace: string | undefined): boolean {
  return event.type === 'BOOKMARK' || namespace === undefined || event.object.metadata.namespace === namespace
}

function joined(key: ObjectKey): string {
  return key.namespace === undefined ? key.name : `${key.namespace}/${key.name}`
}

function precondition(live: KubeObject, wanted: { readonly uid?: string; readonly resourceVersion?: string }): void {
  const { uid, resourceVersion } = live.metadata
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    throw new KubeError('Conflict', 'the object has been modified', 409)
  }
  if (wanted.uid !== undefined && wanted.uid !== uid) throw new KubeError('Conflict', 'the uid does not match', 409)
}

/** RFC 7386. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else if (value !== undefined) result[name] = merged(result[name], value)
  }
  return result
}
