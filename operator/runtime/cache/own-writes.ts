/**
 * Bridges the moment between an own write and its arrival in the cache, so that a key that comes up again at once is
 * not decided upon with the object that the write replaced. Correctness does not depend on it: each write carries the
 * resourceVersion as its precondition.
 */
import type { KubeObject } from '../../kube/port.ts'
import type { Key } from '../queue/reconcile.ts'

interface Written<T> {
  readonly uid: string | undefined
  /** The resourceVersions that own writes replaced. */
  readonly replaced: Set<string>
  latest: T
}

export class OwnWrites<T extends KubeObject> {
  readonly #written = new Map<Key, Written<T>>()

  /** `after` is the apiserver's answer to a write of `before`, or `before` itself where nothing was written. */
  note(key: Key, before: T, after: T): T {
    if (after === before) return after
    const { uid, resourceVersion = '' } = before.metadata
    const known = this.#written.get(key)
    const written =
      known?.uid === uid && known !== undefined ? known : { uid, replaced: new Set<string>(), latest: after }
    written.replaced.add(resourceVersion)
    written.latest = after
    this.#written.set(key, written)
    return after
  }

  /** The cached object, or the newer one of an own write while the cache is behind it. */
  readonly newest = (key: Key, cached: T | undefined): T | undefined => {
    const written = this.#written.get(key)
    if (written === undefined) return cached
    const behind = cached?.metadata.uid === written.uid && written.replaced.has(cached?.metadata.resourceVersion ?? '')
    if (behind) return written.latest
    this.#written.delete(key)
    return cached
  }
}
