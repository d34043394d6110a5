/**
 * Databases that PUBLIC may connect to and that are no tenant's. A provider's own (cloudsqladmin, azure_maintenance, rdsadmin)
 * is such by its rights, and shut by pg_hba.conf: whether a login can enter shows by trying with that of the operator.
 */
import type { Clock } from '../../runtime/base/clock.ts'
import { PostgresError } from '../model/port.ts'
import type { Server } from '../session/server.ts'

export interface OpenDatabase {
  readonly name: string
  /** A session in a template would stand in the way of those who copy it, so it is not tried. */
  readonly template: boolean
}

/** Milliseconds until a database that refused is tried again: each refusal is a line in the server's log. */
const refusalLasts = 3_600_000

export class OpenDatabases {
  readonly #clock: Pick<Clock, 'monotonic'>
  /** Until when (monotonic), by name. */
  readonly #refused = new Map<string, number>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Those of `open` that can be entered, or of which that is not known. */
  async enterable(on: Server, open: readonly OpenDatabase[], signal: AbortSignal): Promise<readonly string[]> {
    const tried = open.map(async ({ name, template }) => {
      if (!template && (await this.#refuses(on, name, signal))) return []
      return [name]
    })
    return (await Promise.all(tried)).flat()
  }

  async #refuses(on: Server, name: string, signal: AbortSignal): Promise<boolean> {
    const now = this.#clock.monotonic()
    if (now < (this.#refused.get(name) ?? -Infinity)) return true
    const refused = await isRefused(on, name, signal)
    if (refused) this.#refused.set(name, now + refusalLasts)
    else this.#refused.delete(name)
    return refused
  }
}

/** Class 28, invalid authorization: pg_hba.conf lets nobody like us in. Any other error proves nothing. */
async function isRefused(on: Server, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await on.inside(name, signal, async () => undefined)
    return false
  } catch (error) {
    if (error instanceof PostgresError) return error.sqlstate?.startsWith('28') === true
    throw error
  }
}
