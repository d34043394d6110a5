/** The port of the reflector: pages and watches with the resource versions that {@link KubeReader} keeps to itself. */
import type { KubeObject, ListOptions, Resource } from './port.ts'

export interface PageOptions extends ListOptions {
  /** Objects per page at most. */
  readonly limit?: number
  /** From the page before. */
  readonly continueToken?: string
}

export interface Page<T extends KubeObject> {
  readonly items: readonly T[]
  /** The version of the list as a whole: where a watch continues. */
  readonly resourceVersion: string
  readonly continueToken?: string
}

export interface WatchOptions extends ListOptions {
  /** Where to continue; with `initialEvents` omitted. */
  readonly resourceVersion?: string
  /** Asks for the present objects as events first, ended by a bookmark (KEP-3157, WatchList). */
  readonly initialEvents?: boolean
  /** The seconds after which the server ends the watch. */
  readonly timeoutSeconds: number
}

export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** `initialEventsEnd`: all present objects have been sent. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean }

export interface KubeWatcher {
  /** One page of a consistent list. Throws KubeError; `Gone` when a continue token is too old. */
  page<T extends KubeObject>(resource: Resource<T>, options: PageOptions, signal?: AbortSignal): Promise<Page<T>>
  /**
   * Resolves when the server has accepted the watch. The events end when the server ends the watch; they throw KubeError
   * when it is cut (`Unavailable`) or the version is too old (`Gone`), and stop when `signal` aborts.
   */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<WatchEvent<T>>>
  /** Reports that a connection seems dead although it is open: later calls use a new one. */
  distrust(): void
}
