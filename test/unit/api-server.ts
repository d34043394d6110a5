/**
 * The Kubernetes API in memory, as far as unit tests need it: names, uids, resourceVersions, generations, preconditions,
 * finalizers, merge patches, namespaces that take their contents along. No schemas, no defaults, no admission.
 */
import { isDeepStrictEqual } from 'node:util'
import { KubeError } from '../../operator/kube/port.ts'
import type { KubeObject, ObjectKey } from '../../operator/kube/port.ts'
import { keyOf } from '../../operator/runtime/objects/object.ts'
import { merged } from './merge-patch.ts'

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED'

export interface Preconditions {
  readonly uid?: string
  readonly resourceVersion?: string
}

export class ApiServer {
  readonly #objects = new Map<string, KubeObject>()
  #version = 100
  #uids = 0
  /** What an object that is deleted with a finalizer on it gets. */
  deletedAt = '2030-01-01T00:00:00Z'
  /** Told of each change, once it is made. */
  onChange: (type: ChangeType, object: KubeObject) => void = () => {}
  /** What others make of each object at once. */
  finish: <T extends KubeObject>(object: T) => T = (object) => object
  /** What is not gone with its last finalizer: a namespace that somebody else holds. */
  isHeld: (object: KubeObject) => boolean = () => false

  /** Of the last change. */
  get version(): number {
    return this.#version
  }

  objects(): KubeObject[] {
    return [...this.#objects.values()]
  }

  all<T extends KubeObject>(kind: string): T[] {
    return this.objects().filter((object): object is T => object.kind === kind)
  }

  find<T extends KubeObject>(kind: string, key: string): T | undefined {
    return this.#objects.get(`${kind} ${key}`) as T | undefined
  }

  /** Nothing is checked. A change of the spec makes a new generation. */
  put<T extends KubeObject & { readonly spec?: unknown }>(object: T): T {
    const id = idOf(object)
    const before = this.#objects.get(id)
    this.#version += 1
    const generation = before?.metadata.generation ?? object.metadata.generation
    const isEdited = before !== undefined && JSON.stringify(specOf(before)) !== JSON.stringify(object.spec)
    const metadata = {
      ...object.metadata,
      uid: object.metadata.uid ?? before?.metadata.uid ?? `uid-${(this.#uids += 1)}`,
      generation: (generation ?? 1) + (isEdited ? 1 : 0),
      resourceVersion: String(this.#version),
    }
    const stored = this.finish({ ...object, metadata })
    this.#objects.set(id, stored)
    this.onChange(before === undefined ? 'ADDED' : 'MODIFIED', stored)
    return stored
  }

  create<T extends KubeObject>(object: T): T {
    if (this.#objects.has(idOf(object))) throw new KubeError('AlreadyExists', 'exists', 409)
    return this.put(object)
  }

  replace<T extends KubeObject>(object: T): T {
    const live = this.demand<T>(object.kind, keyOf(object), object.metadata)
    return this.put({ ...object, metadata: { ...object.metadata, uid: live.metadata.uid ?? '' } })
  }

  /** A patch that changes nothing is no change. `admit`: what admission makes of the object. */
  patch<T extends KubeObject>(
    kind: string,
    key: string,
    patch: object,
    admit: (object: T) => T = (object) => object,
  ): T {
    const live = this.demand<T>(kind, key, (patch as Partial<KubeObject>).metadata ?? {})
    const next = admit(merged(live, patch) as T)
    if (isDeepStrictEqual(next, live)) return live
    const { metadata } = next
    const stored = { ...next, metadata: { ...metadata, uid: live.metadata.uid ?? '' } }
    if (metadata.deletionTimestamp === undefined || (metadata.finalizers ?? []).length > 0) return this.put(stored)
    return this.drop(stored)
  }

  /** As `kubectl delete` does it, with finalizers. */
  delete(kind: string, key: string, preconditions: Preconditions = {}): boolean {
    if (this.find(kind, key) === undefined) return false
    const live = this.demand(kind, key, preconditions)
    const { finalizers = [], deletionTimestamp } = live.metadata
    if (finalizers.length === 0 && !this.isHeld(live)) this.drop(live)
    else if (deletionTimestamp === undefined)
      this.put({ ...live, metadata: { ...live.metadata, deletionTimestamp: this.deletedAt } })
    return true
  }

  /** It is gone, whatever holds it; with a namespace all that is in it. */
  drop<T extends KubeObject>(object: T): T {
    this.#version += 1
    this.#objects.delete(idOf(object))
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } }
    this.onChange('DELETED', last)
    if (object.kind !== 'Namespace') return last
    for (const inside of this.objects()) if (inside.metadata.namespace === object.metadata.name) this.drop(inside)
    return last
  }

  /** @throws KubeError where it is not there, or is another or another version of it. */
  demand<T extends KubeObject>(kind: string, key: string, wanted: Preconditions): T {
    const live = this.find<T>(kind, key)
    if (live === undefined) throw new KubeError('NotFound', `${kind} ${key} not found`, 404)
    const isStale = wanted.resourceVersion !== undefined && wanted.resourceVersion !== live.metadata.resourceVersion
    const isOther = wanted.uid !== undefined && wanted.uid !== live.metadata.uid
    if (isStale || isOther) throw new KubeError('Conflict', `${kind} ${key} has been modified`, 409)
    return live
  }
}

function specOf(object: object): unknown {
  return Reflect.get(object, 'spec')
}

function idOf(object: KubeObject): string {
  return `${object.kind} ${keyOf(object)}`
}

/** The key of an object as caches have it. */
export function joined({ namespace, name }: ObjectKey): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}
