/**
 * The sizes of tenants' data at the last measurement. Measurements are rare and separate from the catalogue, as
 * PostgreSQL looks at each file of each database.
 */
import type { Random } from '../runtime/base/clock.ts'
import type { ObservedDatabase } from '../postgres/model/observed-database.ts'

type Found = ReadonlyMap<string, ObservedDatabase>

interface Measured {
  /** When the next measurement is due (monotonic). */
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

  /** A new measurement is kept. Without one, it stays due. */
  readonly keep = (server: string, found: Found, now: number): void => {
    const bytes = new Map(
      [...found].flatMap(([owner, { sizeBytes }]) => (sizeBytes === undefined ? [] : [[owner, sizeBytes]])),
    )
    if (bytes.size === 0) return
    const { interval, random } = this.#settings
    // Servers that are looked at at the same moment are not measured at the same moment.
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
