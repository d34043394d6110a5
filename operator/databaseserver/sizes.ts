/**
 * How large the data of tenants was when it was last measured. That is asked for rarely, apart from the catalogue: PostgreSQL
 * looks at each file of each database for it.
 */
import type { Random } from '../runtime/base/clock.ts'
import type { ObservedDatabase } from '../postgres/model/observed-database.ts'

type Found = ReadonlyMap<string, ObservedDatabase>

interface Measured {
  /** When it is due again (monotonic). */
  readonly due: number
  /** By owner role. */
  readonly bytes: ReadonlyMap<string, number>
}

export interface SizeSettings {
  /** Milliseconds between two measurements, on average. */
  readonly interval: number
  readonly random: Pick<Random, 'fraction'>
}

export class Sizes {
  readonly #settings: SizeSettings
  readonly #measured = new Map<string, Measured>()

  constructor(settings: SizeSettings) {
    this.#settings = settings
  }

  /** `now`: monotonic. */
  readonly isDue = (server: string, now: number): boolean => now >= (this.#measured.get(server)?.due ?? -Infinity)

  /** What was measured just now is kept. Where nothing could be, it stays due. */
  readonly keep = (server: string, found: Found, now: number): void => {
    const bytes = new Map(
      [...found].flatMap(([owner, { sizeBytes }]) => (sizeBytes === undefined ? [] : [[owner, sizeBytes]])),
    )
    if (bytes.size === 0) return
    const { interval, random } = this.#settings
    // Servers that are looked at in the same moment are not measured in the same one.
    this.#measured.set(server, { due: now + interval * (0.8 + 0.4 * random.fraction()), bytes })
  }

  /** With the sizes of the last measurement where there are none. */
  readonly fill = (server: string, found: Found): Found => {
    const bytes = this.#measured.get(server)?.bytes
    if (bytes === undefined) return found
    return new Map(
      [...found].map(([owner, seen]) => {
        const sizeBytes = seen.sizeBytes ?? bytes.get(owner)
        return [owner, sizeBytes === undefined || seen.database === undefined ? seen : { ...seen, sizeBytes }]
      }),
    )
  }

  readonly forget = (server: string): void => void this.#measured.delete(server)
}
