/**
 * The reflector: keeps a cache in step with one kind of object and notifies handlers of changes. It lists (streamed
 * where the server can, else in pages), watches, continues from where it was after a cut, and lists again when that is
 * too old.
 */
import { KubeError, type KubeObject } from '../../kube/port.ts'
import type { WatchEvent } from '../../kube/watcher.ts'
import { backoff } from '../base/backoff.ts'
import type { Cache } from './cache.ts'
import { pause } from '../base/deadline.ts'
import type { Logger } from '../logging/log.ts'
import { keyOf, withoutNoise } from '../objects/object.ts'
import { ObjectStore, type Change } from './object-store.ts'
import type { Key } from '../queue/reconcile.ts'
import { watchdog } from './watchdog.ts'
import type { Handler, Reflector, ServerFeatures, SourceOptions, SourcePorts } from './source-ports.ts'

const pageSize = 500
/** The lifetime of a watch, in seconds: a dead one is noticed when it should have ended. Jitter spreads them. */
const watchSeconds = { least: 25, spread: 9 }
/** A source without a sign of life for this long does not count as live, in milliseconds. */
const silenceLimit = 45_000
/** Nor does one that has failed for longer than this. */
const failureLimit = 5_000
/** Reconnecting is frequent enough to be back within two seconds; a server that answers with errors is spared. */
const reconnect = { base: 50, cap: 1_500 }
const refusedWatch = { base: 200, cap: 10_000 }

export class Source<T extends KubeObject, V = T, I extends string = never> implements Reflector {
  readonly name: string
  readonly synced: Promise<void>
  readonly #options: SourceOptions<T, V, I>
  readonly #ports: SourcePorts
  readonly #features: ServerFeatures
  readonly #log: Logger
  readonly #store: ObjectStore<T, V, I>
  readonly #handlers: Handler<V>[] = []
  #announceSynced: () => void = () => {}
  #hasSynced = false
  /** Where to continue; undefined before the first list and when the version is too old. */
  #version: string | undefined
  #lastSeen: number
  #failingSince: number | undefined
  #failures = 0

  constructor(options: SourceOptions<T, V, I>, ports: SourcePorts) {
    this.name = options.resource.plural
    this.#options = options
    this.#ports = ports
    this.#features = ports.features ?? { watchList: true }
    this.#log = ports.log.with({ source: this.name })
    this.#store = new ObjectStore(options.project, (change) => this.#notify(change), options.indexes)
    this.#lastSeen = ports.clock.monotonic()
    this.synced = new Promise((resolve) => (this.#announceSynced = resolve))
  }

  get cache(): Cache<V, I> {
    return this.#store.cache
  }

  get hasSynced(): boolean {
    return this.#hasSynced
  }

  /** When the server was last heard (monotonic milliseconds). */
  get lastSeen(): number {
    return this.#lastSeen
  }

  live(): boolean {
    const now = this.#ports.clock.monotonic()
    const failing = this.#failingSince !== undefined && now - this.#failingSince > failureLimit
    return this.#hasSynced && !failing && now - this.#lastSeen < silenceLimit
  }

  /** Adds a handler. Handlers added before {@link run} receive every existing object. */
  onChange(handler: Handler<V>): void {
    this.#handlers.push(handler)
  }

  /** Follows the server until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const started = this.#ports.clock.monotonic()
      try {
        await this.#session(signal)
        // A watch that ends as soon as it began would make a busy loop.
        if (this.#ports.clock.monotonic() - started < 500) await this.#wait(undefined, signal)
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal)
      }
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    if (this.#version !== undefined) return this.#follow(this.#version, signal)
    if (this.#features.watchList) return this.#streamAll(signal)
    const { objects, version } = await this.#listAll(signal)
    this.#replace(objects, version)
    return this.#follow(version, signal)
  }

  async #listAll(signal: AbortSignal): Promise<{ objects: T[]; version: string }> {
    const objects: T[] = []
    const { resource, ...selection } = this.#selection()
    for (let next: string | undefined; ;) {
      const continueToken = next === undefined ? {} : { continueToken: next }
      const page = await this.#ports.watcher.page(resource, { ...selection, limit: pageSize, ...continueToken }, signal)
      this.#seen()
      for (const object of page.items) objects.push(withoutNoise(object))
      next = page.continueToken
      if (next === undefined) return { objects, version: page.resourceVersion }
    }
  }

  async #follow(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const timeoutSeconds = this.#lifetime()
    using guard = watchdog(this.#ports.clock, { ends: (timeoutSeconds + 5) * 1000 }, signal)
    const { resource, ...selection } = this.#selection()
    const options = { ...selection, resourceVersion, timeoutSeconds }
    const events = await this.#ports.watcher.watch(resource, options, guard.signal)
    this.#seen()
    for await (const event of events) this.#apply(event)
    if (guard.signal.aborted && !signal.aborted) throw this.#dead()
    this.#seen()
  }

  /** The present objects come as events first, then the watch continues in the same stream. */
  async #streamAll(signal: AbortSignal): Promise<void> {
    const lifetime = this.#lifetime() * 1000
    using guard = watchdog(this.#ports.clock, { silent: () => this.#lastSeen, after: 15_000 }, signal)
    const { resource, ...selection } = this.#selection()
    const options = { ...selection, initialEvents: true, timeoutSeconds: 300 }
    const events = await this.#ports.watcher.watch(resource, options, guard.signal)
    this.#seen()
    let present: Map<Key, T> | undefined = new Map()
    for await (const event of events) {
      if (present === undefined) this.#apply(event)
      else if (event.type !== 'BOOKMARK') gather(present, event)
      else if (event.initialEventsEnd) {
        this.#replace(present.values(), event.resourceVersion)
        present = undefined
        guard.endIn(lifetime)
      }
      this.#seen()
    }
    if (present !== undefined && guard.signal.aborted && !signal.aborted) throw this.#dead()
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const reason = error instanceof KubeError ? error.reason : undefined
    if (reason === 'Gone' && this.#version !== undefined) {
      this.#version = undefined
      this.#log.info('what the watch had seen is too old for the server, listing again')
      return
    }
    if (reason === 'Invalid' && this.#version === undefined && this.#features.watchList) {
      this.#features.watchList = false
      this.#log.debug('the server does not stream lists, listing in pages')
      return
    }
    this.#failingSince ??= this.#ports.clock.monotonic()
    // A cut now and then is normal; only a lasting one is worth a line.
    const level = this.#failures < 2 ? 'debug' : 'warn'
    this.#log[level]('the watch failed and is taken up again', { error, failures: this.#failures + 1 })
    await this.#wait(error, signal)
  }

  #wait(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#ports
    this.#failures += 1
    const answered = error instanceof KubeError && error.status !== 0 && error.status < 500
    const delay = backoff(this.#failures, answered ? refusedWatch : reconnect, random)
    const asked = error instanceof KubeError ? (error.retryAfter ?? 0) : 0
    return pause(clock, Math.max(delay, asked), signal)
  }

  #apply(event: WatchEvent<T>): void {
    this.#seen()
    if (event.type === 'BOOKMARK') {
      this.#version = event.resourceVersion
      return
    }
    if (event.type === 'DELETED') this.#store.remove(keyOf(event.object))
    else this.#store.put(event.object)
    this.#version = event.object.metadata.resourceVersion
  }

  #replace(objects: Iterable<T>, version: string): void {
    this.#store.replace(objects)
    this.#version = version
    this.#seen()
    this.#hasSynced = true
    this.#announceSynced()
  }

  #notify(change: Change<V>): void {
    for (const handler of this.#handlers) {
      try {
        handler(change)
      } catch (error) {
        this.#log.error('a handler failed', { key: change.key, error })
      }
    }
  }

  #dead(): KubeError {
    this.#failingSince = this.#ports.clock.monotonic() - failureLimit
    this.#ports.watcher.distrust()
    return new KubeError('Timeout', `watch ${this.name}: nothing came although the connection is open`, 0)
  }

  #seen(): void {
    this.#lastSeen = this.#ports.clock.monotonic()
    this.#failingSince = undefined
    this.#failures = 0
  }

  #lifetime(): number {
    return Math.round(watchSeconds.least + watchSeconds.spread * this.#ports.random.fraction())
  }

  #selection() {
    const { resource, namespace, labelSelector, fieldSelector } = this.#options
    return {
      resource,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    }
  }
}

function gather<T extends KubeObject>(present: Map<Key, T>, event: Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>): void {
  const key = keyOf(event.object)
  if (event.type === 'DELETED') present.delete(key)
  else present.set(key, withoutNoise(event.object))
}
