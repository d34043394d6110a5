/**
 * Due times: a binary heap of keys by time, one entry per key. Pure. Replaced or removed entries stay in the heap until
 * they come up, which keeps every operation at O(log n).
 */
interface Entry {
  readonly key: string
  readonly at: number
}

export class DueHeap {
  readonly #heap: Entry[] = []
  readonly #due = new Map<string, Entry>()

  get size(): number {
    return this.#due.size
  }

  at(key: string): number | undefined {
    return this.#due.get(key)?.at
  }

  /** The keys with a due time, in no order. */
  keys(): readonly string[] {
    return [...this.#due.keys()]
  }

  /** Sets the due time of `key`, whatever it was before. */
  set(key: string, at: number): void {
    const entry = { key, at }
    this.#due.set(key, entry)
    this.#heap.push(entry)
    this.#rise(this.#heap.length - 1)
  }

  delete(key: string): void {
    this.#due.delete(key)
  }

  /** The earliest due time. */
  next(): number | undefined {
    this.#dropStale()
    return this.#heap[0]?.at
  }

  /** Removes and returns a key that is due at `now`, earliest first. */
  take(now: number): string | undefined {
    this.#dropStale()
    const first = this.#heap[0]
    if (first === undefined || first.at > now) return undefined
    this.#removeFirst()
    this.#due.delete(first.key)
    return first.key
  }

  #dropStale(): void {
    for (let first = this.#heap[0]; first !== undefined && this.#due.get(first.key) !== first; first = this.#heap[0]) {
      this.#removeFirst()
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    for (let index = from; index > 0;) {
      const parent = (index - 1) >> 1
      if (this.#time(parent) <= this.#time(index)) return
      this.#swap(parent, index)
      index = parent
    }
  }

  #sink(from: number): void {
    for (let index = from; ;) {
      const left = 2 * index + 1
      const smaller = this.#time(left + 1) < this.#time(left) ? left + 1 : left
      if (this.#time(index) <= this.#time(smaller)) return
      this.#swap(index, smaller)
      index = smaller
    }
  }

  #time(index: number): number {
    return this.#heap[index]?.at ?? Infinity
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]]
    if (first === undefined || second === undefined) return
    this.#heap[a] = second
    this.#heap[b] = first
  }
}
