/** The contents of a reflector's cache, by key and by named indexes. Only the reflector writes to it. */
import type { Key } from '../queue/reconcile.ts'

export interface Cache<V, I extends string = never> {
  get(key: Key): V | undefined
  keys(): Iterable<Key>
  values(): Iterable<V>
  /** The values that index `name` has under `term`, in no particular order. */
  by(name: I, term: string): readonly V[]
  readonly size: number
}

/** The terms that a value is indexed under. Pure; the same value gives the same terms. */
export type IndexFunction<V> = (value: V, key: Key) => readonly string[]

export type Indexes<V, I extends string> = Readonly<Record<I, IndexFunction<V>>>

interface Index<V> {
  readonly terms: IndexFunction<V>
  readonly keys: Map<string, Set<Key>>
}

export interface Entry<V> {
  readonly uid: string
  readonly resourceVersion: string
  readonly value: V
}

export class IndexedCache<V, I extends string = never> implements Cache<V, I> {
  readonly #entries = new Map<Key, Entry<V>>()
  readonly #indexes: ReadonlyMap<string, Index<V>>

  constructor(indexes?: Indexes<V, I>) {
    const named: [string, IndexFunction<V>][] = indexes === undefined ? [] : Object.entries(indexes)
    this.#indexes = new Map(named.map(([name, terms]) => [name, { terms, keys: new Map() }]))
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: Key): V | undefined {
    return this.#entries.get(key)?.value
  }

  keys(): Iterable<Key> {
    return this.#entries.keys()
  }

  *values(): Iterable<V> {
    for (const { value } of this.#entries.values()) yield value
  }

  by(name: I, term: string): readonly V[] {
    const found: V[] = []
    for (const key of this.#indexes.get(name)?.keys.get(term) ?? []) {
      const entry = this.#entries.get(key)
      if (entry !== undefined) found.push(entry.value)
    }
    return found
  }

  entry(key: Key): Entry<V> | undefined {
    return this.#entries.get(key)
  }

  set(key: Key, entry: Entry<V>): void {
    this.#unfile(key)
    this.#entries.set(key, entry)
    for (const index of this.#indexes.values()) {
      for (const term of index.terms(entry.value, key)) {
        const keys = index.keys.get(term)
        if (keys === undefined) index.keys.set(term, new Set([key]))
        else keys.add(key)
      }
    }
  }

  delete(key: Key): void {
    this.#unfile(key)
    this.#entries.delete(key)
  }

  #unfile(key: Key): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    for (const index of this.#indexes.values()) {
      for (const term of index.terms(entry.value, key)) {
        const keys = index.keys.get(term)
        keys?.delete(key)
        if (keys?.size === 0) index.keys.delete(term)
      }
    }
  }
}
