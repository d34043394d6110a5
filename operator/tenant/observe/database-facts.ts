/** Looks at the data of one tenant on its server. A server that does not answer is a fact too. */
import { isOutOfReach, isQueryRefused } from '../../databaseserver/server-pool.ts'
import { AnotherServer } from '../../postgres/model/port.ts'
import { isDataLost } from '../model/data-loss.ts'
import type { ProvisionedFacts } from '../model/data-loss.ts'
import { isAnotherServer } from '../validation/server-watch.ts'
import type { DatabaseState } from '../model/live-facts.ts'
import type { ObservePorts } from './ports.ts'

/** `look`: the last knowledge is enough; the others ask now, `measure` for the size as well. */
export type HowToLook = 'look' | 'lookLive' | 'measure'

/** Only a live answer counts before something is destroyed, and before a loss is reported. */
export async function observeDatabase(
  facts: ProvisionedFacts,
  how: HowToLook,
  { catalogue, caches }: Pick<ObservePorts, 'catalogue' | 'caches'>,
  signal: AbortSignal,
): Promise<DatabaseState> {
  const { server, database } = facts.names
  if (server === undefined) return { kind: 'NotLookedAt' }
  const declared = caches.servers.get(server)
  if (declared !== undefined && isAnotherServer(declared)) return { kind: 'Unreachable', another: true }
  try {
    const first = await ask(server, how)
    const isLost = (databaseState: DatabaseState) => isDataLost({ ...facts, databaseState })
    const databaseState = how === 'look' && isLost(first) ? await ask(server, 'lookLive') : first
    // A restored database may bear no mark by which the next look at all tenants would find it.
    if (isLost(databaseState)) catalogue.awaitReturn(server, database, facts.identity.uid)
    return databaseState
  } catch (error) {
    if (error instanceof AnotherServer) return { kind: 'Unreachable', another: true }
    if (isOutOfReach(error)) return { kind: 'Unreachable' }
    if (isQueryRefused(error)) return { kind: 'Unreachable', refusal: error.message }
    throw error
  }

  async function ask(name: string, by: HowToLook): Promise<DatabaseState> {
    if (by === 'look') return catalogue.look(name, database, signal)
    return { kind: 'Observed', observed: await catalogue[by](name, database, signal) }
  }
}
