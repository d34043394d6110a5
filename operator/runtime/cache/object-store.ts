/** Keeps the cache of views of the objects that a reflector receives, and reports the changes. No I/O. */
import type { KubeObject } from '../../kube/port.ts'
import { IndexedCache, type Indexes } from './cache.ts'
import { keyOf, withoutNoise } from '../objects/object.ts'
import type { Key } from '../queue/reconcile.ts'

/**
 * What happened to an object. A deletion and recreation under the same name is reported as a deletion and an addition.
 */
export type Change<V> =
  | { readonly type: 'added'; readonly key: Key; readonly before: undefined; readonly after: V }
  | { readonly type: 'updated'; readonly key: Key; readonly before: V; readonly after: V }
  | { readonly type: 'deleted'; readonly key: Key; readonly before: V; readonly after: undefined }

export class ObjectStore<T extends KubeObject, V, I extends string = never> {
  readonly cache: IndexedCache<V, I>
  readonly #project: (object: T) => V | undefined
  readonly #notify: (change: Change<V>) => void

  constructor(project: (object: T) => V | undefined, notify: (change: Change<V>) => void, indexes?: Indexes<V, I>) {
    this.cache = new IndexedCache(indexes)
    this.#project = project
    this.#notify = notify
  }

  /** The object exists. Nothing is reported when this version is known already. */
  put(object: T): void {
    const key = keyOf(object)
    const { uid = '', resourceVersion = '' } = object.metadata
    const known = this.cache.entry(key)
    if (known?.uid === uid && known.resourceVersion === resourceVersion) return
    if (known !== undefined && known.uid !== uid) this.remove(key)
    const after = this.#project(withoutNoise(object))
    if (after === undefined) return this.remove(key)
    const before = this.cache.entry(key)
    this.cache.set(key, { uid, resourceVersion, value: after })
    if (before === undefined) this.#notify({ type: 'added', key, before: undefined, after })
    else this.#notify({ type: 'updated', key, before: before.value, after })
  }

  remove(key: Key): void {
    const known = this.cache.entry(key)
    if (known === undefined) return
    this.cache.delete(key)
    this.#notify({ type: 'deleted', key, before: known.value, after: undefined })
  }

  /** These objects exist and no others. */
  replace(objects: Iterable<T>): void {
    const gone = new Set(this.cache.keys())
    for (const object of objects) {
      gone.delete(keyOf(object))
      this.put(object)
    }
    for (const key of gone) this.remove(key)
  }
}
