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
import { ApiServer, joined } from '../api-server.ts'

type Verb = 'get' | 'list' | 'watch' | 'create' | 'replace' | 'patch' | 'delete'

interface Watching {
  readonly kind: string
  readonly namespace: string | undefined
  readonly push: (event: WatchEvent<KubeObject> | KubeError | 'end') => void
}

/** The Kubernetes API in memory as the runtime meets it: with lists in pages, and watches that resume, break and are forgotten. */
export class FakeKube implements Kube, KubeWatcher {
  readonly #server = new ApiServer()
  readonly #history: { readonly version: number; readonly kind: string; readonly event: WatchEvent<KubeObject> }[] = []
  readonly #watches = new Set<Watching>()
  #oldest = 0
  /** Each call in order, as `verb plural key`. */
  readonly calls: string[] = []
  /** Called before each call; what it throws is the call's failure, what it returns is waited for. */
  before: (verb: Verb, plural: string, key: string) => void | Promise<void> = () => {}
  distrusted = 0
  /** As a server without WatchList. */
  refusesInitialEvents = false

  constructor() {
    this.#server.onChange = (type, object) => this.#publish({ type, object })
  }

  async get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): Promise<T | undefined> {
    await this.#call('get', resource, joined(key))
    return this.#server.find<T>(resource.kind, joined(key))
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
    return { items: all.slice(from, to), resourceVersion: String(this.#server.version), ...more }
  }

  /** What it throws is the answer to a dry run. */
  onDryRun: (object: KubeObject) => void = () => {}

  async dryRun<T extends KubeObject>(resource: Resource<T>, object: T): Promise<void> {
    this.calls.push(`dryRun ${resource.plural} ${keyOf(object)}`)
    this.onDryRun(object)
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    await this.#call('create', resource, keyOf(object))
    return this.#server.create({ ...object, metadata: unborn(object.metadata) })
  }

  async replace<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    await this.#call('replace', resource, keyOf(object))
    return this.#server.replace(object)
  }

  async patch<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, patch: object): Promise<T> {
    await this.#call('patch', resource, joined(key))
    return this.#server.patch<T>(resource.kind, joined(key), patch)
  }

  async delete(resource: Resource, key: ObjectKey, preconditions: { uid: string; resourceVersion?: string }) {
    await this.#call('delete', resource, joined(key))
    return this.#server.delete(resource.kind, joined(key), preconditions)
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
    const watching = { kind: resource.kind, namespace: options.namespace, push }
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
    this.#oldest = this.#server.version
    this.#history.length = 0
  }

  bookmark(): void {
    const event = { type: 'BOOKMARK', resourceVersion: String(this.#server.version), initialEventsEnd: false } as const
    for (const watching of this.#watches) watching.push(event)
  }

  #backlog<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): WatchEvent<KubeObject>[] {
    if (options.initialEvents === true) {
      const present = this.#all(resource, options).map((object) => ({ type: 'ADDED', object }) as const)
      return [...present, { type: 'BOOKMARK', resourceVersion: String(this.#server.version), initialEventsEnd: true }]
    }
    const from = Number(options.resourceVersion)
    if (from < this.#oldest) throw new KubeError('Gone', 'too old', 410)
    return this.#history
      .filter(
        ({ version, kind, event }) => version > from && kind === resource.kind && inNamespace(event, options.namespace),
      )
      .map(({ event }) => event)
  }

  async #call(verb: Verb, resource: Resource, key: string): Promise<void> {
    this.calls.push(`${verb} ${resource.plural} ${key}`.trimEnd())
    await this.before(verb, resource.plural, key)
  }

  #all<T extends KubeObject>(resource: Resource<T>, { namespace, labelSelector }: ListOptions): T[] {
    const wanted = labelSelector?.split(',').map((pair) => pair.split('=')) ?? []
    return this.#server
      .all<T>(resource.kind)
      .filter(
        ({ metadata }) =>
          (namespace === undefined || metadata.namespace === namespace) &&
          wanted.every(([label = '', value]) => metadata.labels?.[label] === value),
      )
  }

  #publish(event: Extract<WatchEvent<KubeObject>, { readonly object: KubeObject }>): void {
    const { kind } = event.object
    this.#history.push({ version: this.#server.version, kind, event })
    for (const watching of this.#watches) {
      if (watching.kind === kind && inNamespace(event, watching.namespace)) watching.push(event)
    }
  }
}

/** The uid is the server's to give. */
function unborn({ uid: _uid, ...metadata }: KubeObject['metadata']): KubeObject['metadata'] {
  return metadata
}

function inNamespace(event: WatchEvent<KubeObject>, namespace: string | undefined): boolean {
  return event.type === 'BOOKMARK' || namespace === undefined || event.object.metadata.namespace === namespace
}
