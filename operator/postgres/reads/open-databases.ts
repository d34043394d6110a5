/**
 * Databases of no tenant that PUBLIC may connect to. A provider's own (cloudsqladmin, azure_maintenance, rdsadmin) look
 * open by their rights, and pg_hba.conf shuts them: a login attempt as the operator shows whether a login can enter.
 */
import type { Clock } from '../../runtime/base/clock.ts'
import { PostgresError } from '../model/port.ts'
import type { Server } from '../session/server.ts'

export interface OpenDatabase {
  readonly name: string
  /** A session in a template would block copies of it, so it is not tried. */
  readonly template: boolean
}

/** Milliseconds until a refused login is tried again: each is a line in the server's log. */
const refusedLoginLasts = 3_600_000

export class OpenDatabases {
  readonly #clock: Pick<Clock, 'monotonic'>
  /** Until when (monotonic), by name. */
  readonly #loginsRefused = new Map<string, number>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** The databases of `open` that can be entered, or for which that is unknown. */
  async enterable(on: Server, open: readonly OpenDatabase[], signal: AbortSignal): Promise<readonly string[]> {
    const tried = open.map(async ({ name, template }) => {
      if (!template && (await this.#refusesLogin(on, name, signal))) return []
      return [name]
    })
    return (await Promise.all(tried)).flat()
  }

  async #refusesLogin(on: Server, name: string, signal: AbortSignal): Promise<boolean> {
    const now = this.#clock.monotonic()
    if (now < (this.#loginsRefused.get(name) ?? -Infinity)) return true
    const isRefused = await isLoginRefused(on, name, signal)
    if (isRefused) this.#loginsRefused.set(name, now + refusedLoginLasts)
    else this.#loginsRefused.delete(name)
    return isRefused
  }
}

/** Class 28, invalid authorization: pg_hba.conf rejects a login like this one. Any other error proves nothing. */
async function isLoginRefused(on: Server, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await on.inside(name, signal, async () => undefined)
    return false
  } catch (error) {
    if (error instanceof PostgresError) return error.sqlstate?.startsWith('28') === true
    throw error
  }
}
