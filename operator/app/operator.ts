/**
 * The operator: sources, rows of the watch table and controllers. Reflectors run on every replica, so that a standby
 * takes over with warm caches; workers run on the leader only. The only importer of @dot-i/k8s-operator, whose life
 * cycle it keeps and whose I/O it replaces (docs/decisions/0001-base-class.md).
 */
import type { KubeConfig } from '../kube/kubeconfig.ts'
import base, { type OperatorLogger } from '@dot-i/k8s-operator'

import { watchClock } from '../runtime/controller/clock-watch.ts'
import { Controller, type ControllerPorts, type ControllerSpec } from '../runtime/controller/controller.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { Key } from '../runtime/queue/reconcile.ts'
import type { Change } from '../runtime/cache/object-store.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import { laggingAmong } from '../runtime/cache/lagging.ts'
import type { Handler, Reflector } from '../runtime/cache/source-ports.ts'

/** A key to wake, and its controller. */
export interface Wake {
  readonly controller: string
  readonly key: Key
  /**
   * Milliseconds to wait: for more of the same, where each change alone is not worth a pass, or for a turn, which is
   * computed when the key is woken. Default none.
   */
  readonly after?: number | (() => number)
  /** The key comes after those that are told of themselves: everything is looked at, or a change concerns many. */
  readonly low?: true
  /**
   * Only the status of the key's own object changed, which the operator alone writes: no news for a key that backs off.
   */
  readonly echo?: true
}

/** One row of the table. Made by {@link watch}. */
export interface WatchRow {
  readonly source: Reflector
  /** Calls `wake` for each change from now on, and when called for every known object. */
  readonly connect: (wake: (wake: Wake) => void) => { readonly replay: () => void }
}

/** A source as a row needs it, whatever it reads and however it is indexed. */
export interface Followed<V> extends Reflector {
  readonly cache: Pick<Cache<V>, 'get' | 'keys'>
  onChange(handler: Handler<V>): void
}

interface WatchOptions<V> {
  readonly replay?: boolean
  /** Whether a person changed the object, its spec or an annotation, and it was not reconciled since. */
  readonly isUnseen?: (value: V) => boolean
}

/**
 * A row of the watch table. `wakes` maps an object of `source` to the keys that it wakes; it is called with the object
 * before and after the change, so that keys that the object no longer concerns are woken too. `when` filters changes; by
 * default every change counts. A change wakes each key once. `replay`: whether all objects wake their keys when this replica
 * begins to lead; false where another row does that. In a replay, objects for which `isUnseen` holds come first.
 */
export function watch<V>(
  source: Followed<V>,
  wakes: (value: V, key: Key) => Iterable<Wake>,
  when: (change: Change<V>) => boolean = () => true,
  { replay = true, isUnseen = () => false }: WatchOptions<V> = {},
): WatchRow {
  return {
    source,
    connect: (wake) => {
      source.onChange((change) => {
        if (!when(change)) return
        const woken = new Map<string, Wake>()
        for (const value of [change.before, change.after]) {
          if (value === undefined) continue
          for (const each of wakes(value, change.key)) {
            const id = `${each.controller} ${each.key}`
            if (each.low !== true || !woken.has(id)) woken.set(id, each)
          }
        }
        for (const each of woken.values()) wake(each)
      })
      return {
        replay: () => {
          if (!replay) return
          for (const key of source.cache.keys()) {
            const value = source.cache.get(key)
            if (value === undefined) continue
            const first = isUnseen(value)
            for (const woken of wakes(value, key)) wake(first ? woken : { ...woken, low: true })
          }
        },
      }
    },
  }
}

/** The object's own key, for the controller of its kind. */
export function itself(controller: string): (value: unknown, key: Key) => Iterable<Wake> {
  return (_value, key) => [{ controller, key }]
}

/** The same for a change of nothing but its status. */
export function echoed(controller: string): (value: unknown, key: Key) => Iterable<Wake> {
  return (_value, key) => [{ controller, key, echo: true }]
}

export interface OperatorOptions extends ControllerPorts {
  readonly config: KubeConfig
  readonly rows: readonly WatchRow[]
  /** Made for each leadership: the reconcilers' memory ends with it, as another leader may have written in between. */
  readonly controllers: () => readonly ControllerSpec[]
}

export class TenantryOperator extends base.default {
  readonly #options: OperatorOptions
  readonly #log: Logger
  readonly #reflecting = new AbortController()
  readonly #reflectors: readonly Reflector[]
  readonly #replays: readonly (() => void)[]
  #running: Promise<unknown> = Promise.resolve()
  #controllers: ReadonlyMap<string, Controller> = new Map()
  #leading = false
  #unwatchClock: () => void = () => {}

  constructor(options: OperatorOptions) {
    super(asOperatorLogger(options.log))
    // The base class has read the default kubeconfig; the composition root chose the one to use.
    this.kubeConfig = options.config
    this.#options = options
    this.#log = options.log
    this.#reflectors = [...new Set(options.rows.map((row) => row.source))]
    this.#controllers = this.#createControllers()
    this.#replays = options.rows.map((row) => row.connect((wake) => this.wake(wake)).replay)
  }

  /** Starts the reflectors; called by `start`. Resolves when all caches are in step. */
  protected override async init(): Promise<void> {
    const { signal } = this.#reflecting
    this.#running = Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)))
    await Promise.all(this.#reflectors.map((reflector) => reflector.synced))
    this.#log.info('all caches are in step', { sources: this.#reflectors.length })
  }

  /** Makes a key ready, from outside the table (a probe, a mailer). Throws when there is no such controller. */
  wake({ controller, key, after, low, echo }: Wake): void {
    const { queue } = this.controller(controller)
    if (after !== undefined) queue.addAfter(key, typeof after === 'number' ? after : after())
    // What changes on a standby is the leader's to work on; what it has not, the replay finds.
    else if (low === true || !this.#leading) queue.addLow(key)
    else if (echo === true) queue.echo(key)
    else queue.add(key)
  }

  controller(name: string): Controller {
    const controller = this.#controllers.get(name)
    if (controller === undefined) throw new TypeError(`there is no controller named ${name}`)
    return controller
  }

  /** Starts the workers: this replica leads. All known keys come up once, first those with changes that no pass has seen. */
  lead(): void {
    if (this.#leading) return
    this.#leading = true
    for (const replay of this.#replays) replay()
    for (const controller of this.#controllers.values()) controller.start()
    this.#unwatchClock = watchClock(this.#options.clock, (by) => this.#clockWasSet(by))
  }

  /** Stops the workers and waits for the keys in progress, `grace` milliseconds before their signal aborts. */
  async standBy(grace: number): Promise<void> {
    if (!this.#leading) return
    this.#leading = false
    this.#unwatchClock()
    const stopped = [...this.#controllers.values()]
    // New queues collect the changes from now on, for the next leadership of this replica.
    this.#controllers = this.#createControllers()
    await Promise.all(stopped.map((controller) => controller.stop(grace)))
  }

  /** The sources that do not follow the server now, by name; for the readiness check. */
  lagging(): readonly string[] {
    return laggingAmong(this.#reflectors)
  }

  /** Ends the workers and the reflectors. */
  async shutDown(grace: number): Promise<void> {
    await this.standBy(grace)
    this.#reflecting.abort(new Error('the operator is stopping'))
    await this.#running
  }

  override stop(): void {
    this.#reflecting.abort(new Error('the operator is stopping'))
  }

  /** Waits are monotonic, and were to end at a wall time from before the jump: every waiting key is looked at again. */
  #clockWasSet(by: number): void {
    this.#log.warn('the wall clock was set; all due times are looked at again', { bySeconds: Math.round(by / 1000) })
    for (const { queue } of this.#controllers.values()) queue.addAllDue()
  }

  // The base class's own I/O follows. It exits the process, swallows errors or bypasses the ports, so it must be
  // unreachable: each method has its replacement elsewhere.

  protected override watchResource(): Promise<never> {
    return Promise.reject(replaced('watchResource', 'a row of the watch table'))
  }
  protected override setResourceStatus(): Promise<never> {
    return Promise.reject(replaced('setResourceStatus', "KubeWriter.patch(…, 'status')"))
  }
  protected override patchResourceStatus(): Promise<never> {
    return Promise.reject(replaced('patchResourceStatus', "KubeWriter.patch(…, 'status')"))
  }
  protected override handleResourceFinalizer(): Promise<never> {
    return Promise.reject(replaced('handleResourceFinalizer', 'runtime/objects/finalizer.ts'))
  }
  protected override setResourceFinalizers(): Promise<never> {
    return Promise.reject(replaced('setResourceFinalizers', 'runtime/objects/finalizer.ts'))
  }
  protected override registerCustomResourceDefinition(): Promise<never> {
    return Promise.reject(replaced('registerCustomResourceDefinition', 'the chart'))
  }

  #createControllers(): ReadonlyMap<string, Controller> {
    const { controllers, clock, random, log, metrics } = this.#options
    return new Map(controllers().map((spec) => [spec.name, new Controller(spec, { clock, random, log, metrics })]))
  }
}

function replaced(method: string, by: string): TypeError {
  return new TypeError(`${method} of the base class is not used; see ${by}`)
}

function asOperatorLogger(log: Logger): OperatorLogger {
  return {
    debug: (message) => log.debug(message),
    info: (message) => log.info(message),
    warn: (message) => log.warn(message),
    error: (message) => log.error(message),
  }
}
