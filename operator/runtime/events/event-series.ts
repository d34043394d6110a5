/**
 * Which Events are worth a write: the first of its kind, its first repetition (which makes it a series), then one
 * update of the series every six minutes at most, as client-go's broadcaster does; and no more than a burst for one
 * object. All times are monotonic, as a wall clock that is set back would hold Events up. Pure.
 */

/** All in milliseconds. */
const seriesLife = 360_000
const refill = 300_000
const burst = 25
const forgetAbove = 4_096

export interface Series {
  /** The name of the Event that was created. */
  readonly name: string
  count: number
  lastObserved: number
  written: number
}

type EventWrite =
  | { readonly write: 'create'; readonly series: Series }
  | { readonly write: 'update'; readonly series: Series }
  | { readonly write: 'nothing'; readonly why: 'series' | 'rate' }

export class EventSeries {
  readonly #series = new Map<string, Series>()
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  /**
   * @param kind what makes two Events the same
   * @param object the object that the Event is about
   * @param name for the Event, should it be created
   * @param now monotonic milliseconds
   */
  see(kind: string, object: string, name: string, now: number): EventWrite {
    const known = this.#series.get(kind)
    if (known !== undefined && now - known.lastObserved <= seriesLife) return repeat(known, now)
    if (!this.#spend(object, now)) return { write: 'nothing', why: 'rate' }
    const series = { name, count: 1, lastObserved: now, written: now }
    this.#forgetOld(now)
    this.#series.set(kind, series)
    return { write: 'create', series }
  }

  #spend(object: string, now: number): boolean {
    const bucket = this.#buckets.get(object) ?? { tokens: burst, at: now }
    const tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refill)
    this.#buckets.set(object, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    return tokens >= 1
  }

  #forgetOld(now: number): void {
    if (this.#series.size < forgetAbove) return
    for (const [kind, series] of this.#series) if (now - series.lastObserved > seriesLife) this.#series.delete(kind)
    for (const [object, bucket] of this.#buckets) if (now - bucket.at > burst * refill) this.#buckets.delete(object)
  }
}

function repeat(series: Series, now: number): EventWrite {
  series.count += 1
  series.lastObserved = now
  if (series.count > 2 && now - series.written < seriesLife) return { write: 'nothing', why: 'series' }
  series.written = now
  return { write: 'update', series }
}
