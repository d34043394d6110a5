/** The options, ports and events of a reflector. */
import type { KubeObject, Resource } from '../../kube/port.ts'
import type { KubeWatcher } from '../../kube/watcher.ts'
import type { Indexes } from './cache.ts'
import type { Clock, Random } from '../base/clock.ts'
import type { Logger } from '../logging/log.ts'
import type { Change } from './object-store.ts'

/** Called in order, synchronously; must not block. Its errors are logged and do not affect other handlers. */
export type Handler<V> = (change: Change<V>) => void

export interface SourceOptions<T extends KubeObject, V, I extends string> {
  readonly resource: Resource<T>
  /**
   * What the cache keeps of an object: itself for Tenantry's own kinds, a small fingerprint for children; undefined:
   * nothing. Pure.
   */
  readonly project: (object: T) => V | undefined
  readonly indexes?: Indexes<V, I>
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

/** Whether the server streams lists (WatchList, KEP-3157); found out once and shared by all sources of a server. */
export interface ServerFeatures {
  watchList: boolean
}

export interface SourcePorts {
  readonly watcher: KubeWatcher
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly features?: ServerFeatures
}

/** What the operator needs of a source, whatever its objects. */
export interface Reflector {
  readonly name: string
  run(signal: AbortSignal): Promise<void>
  /** Resolves when the cache has held all objects once. */
  readonly synced: Promise<void>
  /** Whether the cache follows the server now; false while a dead watch is being replaced. */
  live(): boolean
}
