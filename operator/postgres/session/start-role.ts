/** Whether a server lets a session start as the role that its login has set, as the last test login showed. */
import { z } from 'zod'

import type { Connection } from './connection.ts'
import { PostgresError } from '../model/port.ts'
import { startRoleQuery } from '../statements/queries-sql.ts'

const answer = z.tuple([z.object({ ignored: z.boolean() })])

/** ALTER ROLE … SET role has no effect in these (release notes of 15.10, 16.6 and 17.2). */
const defective: ReadonlySet<number> = new Set([150_009, 160_005, 170_001])

export class StartRoles {
  #ignored = false

  /** In a session of a login. A login whose session cannot be asked has still succeeded. */
  async ask(connection: Connection, signal: AbortSignal): Promise<void> {
    try {
      const [{ ignored }] = answer.parse(await connection.run({ text: startRoleQuery }, signal))
      this.#ignored = ignored
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error
    }
  }

  areIgnored(version: number): boolean {
    return this.#ignored || defective.has(version)
  }
}
