/** The times in a life in which others than the operator have something to do: they count for nobody's recovery. */
import type { World } from '../harness/world.ts'
import type { Subject } from './end-state.ts'
import { tenantOf } from './life.ts'

/** Monotonic, in milliseconds. */
interface Span {
  readonly from: number
  readonly to: number
}

/** The namespace controller's, from when a namespace is condemned (it waits 5 s); and what an archive's retention leaves. */
export class OthersTimes {
  readonly #world: World
  readonly #name: string
  #condemned: number | undefined
  #gone: number | undefined
  #purgeAfter: number | undefined

  constructor(world: World, { name }: Subject) {
    this.#world = world
    this.#name = name
  }

  async look(): Promise<void> {
    if (this.#gone !== undefined) return
    const namespace = await this.#world.api.get(`/api/v1/namespaces/tenant-${this.#name}`)
    if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined)
      this.#condemned ??= performance.now()
    if (namespace === undefined) this.#gone = performance.now()
    if (this.#purgeAfter === undefined) await this.#lookForDate()
  }

  async #lookForDate(): Promise<void> {
    const date = (await tenantOf(this.#world, this.#name))?.status?.['purgeAfter']
    if (typeof date === 'string') this.#purgeAfter = Date.parse(date) - performance.timeOrigin
  }

  /** Milliseconds since `start` in which the operator was the one to act. */
  ownTime(start: number): number {
    const now = performance.now()
    const spans: readonly Span[] = [
      { from: start, to: this.#purgeAfter ?? start },
      { from: this.#condemned ?? now, to: this.#gone ?? now },
    ]
    const others = spans.map(({ from, to }) => Math.max(0, Math.min(to, now) - Math.max(from, start)))
    return now - start - others.reduce((sum, each) => sum + each, 0)
  }
}
