/** The memory of the reconciler of DatabaseServers between passes, for one leadership. */
import { ApplicationLogins } from './application-login.ts'
import { LeftoverWatch } from './leftovers.ts'
import type { DatabaseServerPorts } from './ports.ts'

export function createServerMemory(ports: DatabaseServerPorts) {
  const { catalogues, waiting, lastLooks, pool } = ports
  const leftovers = new LeftoverWatch(ports.caches)
  const applications = new ApplicationLogins(ports)
  return {
    leftovers,
    applications,
    /** The DatabaseServer is gone: nothing is known of it any more, and its sessions end. */
    async forget(name: string): Promise<void> {
      for (const each of [catalogues, waiting, leftovers, lastLooks, applications]) each.forget(name)
      await pool.drop(name)
    },
  }
}
