/** Makes the live reads that {@link whatToReadLive} asks for, side by side. */
import { isServerFailure } from '../../databaseserver/server-pool.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { isDataLost } from '../model/data-loss.ts'
import type { DatabaseState, Login } from '../model/live-facts.ts'
import { observeOrphanedData } from './orphaned-data.ts'
import type { ObservePorts } from './ports.ts'
import { observeDatabase } from './database-facts.ts'
import type { LiveFacts, ReadFacts } from './facts.ts'
import type { LiveReads } from './what-to-read.ts'

/** A server that does not answer is a fact like any other. Throws KubeError, and what connecting throws beyond that. */
export async function readLive(
  facts: ReadFacts,
  reads: LiveReads,
  ports: ObservePorts,
  signal: AbortSignal,
): Promise<LiveFacts> {
  const { tenant, identity } = facts
  const database = (how: LiveReads['database'] | 'measure') => observeDatabase(facts, how, ports, signal)
  const [{ databaseState, login }, authorities, adoption, preview, drain, stuckWorkloads] = await Promise.all([
    database(reads.database).then(async (found) => withLogin(found, facts, reads, ports, signal)),
    readAuthorities(reads.authorities, ports, signal),
    reads.orphanedData ? observeOrphanedData(facts.adoption, tenant, identity, ports, signal) : facts.adoption,
    readPreview(facts, reads, ports, () => database('measure')),
    readDrain(facts, reads, ports),
    readStuckWorkloads(facts, reads, ports),
  ])
  return { databaseState, login, authorities, adoption, preview, drain, stuckWorkloads }
}

/** A test login, where the database exists. */
async function withLogin(
  databaseState: DatabaseState,
  facts: ReadFacts,
  { login }: LiveReads,
  ports: ObservePorts,
  signal: AbortSignal,
): Promise<{ readonly databaseState: DatabaseState; readonly login: Login }> {
  const isThere =
    databaseState.kind === 'Assumed' || (databaseState.kind === 'Observed' && !isDataLost({ ...facts, databaseState }))
  return {
    databaseState,
    login: login === undefined || !isThere ? 'NotDue' : await ports.login.probe(login, signal),
  }
}

/** A server to which no session can be opened is left out. */
async function readAuthorities(
  servers: readonly string[],
  { catalogue }: ObservePorts,
  signal: AbortSignal,
): Promise<Snapshot['authorities']> {
  const found = servers.map(async (name) => {
    try {
      return [[name, { ca: await catalogue.authority(name, signal) }]] as const
    } catch (error) {
      if (isServerFailure(error)) return []
      throw error
    }
  })
  return Object.fromEntries((await Promise.all(found)).flat())
}

async function readPreview(
  facts: ReadFacts,
  { preview }: LiveReads,
  { previews }: ObservePorts,
  databaseState: () => Promise<DatabaseState>,
): Promise<Snapshot['preview']> {
  if (preview === undefined) previews.forget(facts.identity.uid)
  return preview === undefined ? undefined : previews.look(preview, facts, databaseState)
}

async function readDrain(facts: ReadFacts, reads: LiveReads, { drain }: ObservePorts): Promise<Snapshot['drain']> {
  if (reads.drain === undefined) drain.forget(facts.identity.uid)
  return reads.drain === undefined ? 'Unknown' : drain.look(reads.drain)
}

async function readStuckWorkloads(
  { identity, namespace }: ReadFacts,
  { backFor }: LiveReads,
  { resume }: ObservePorts,
): Promise<Snapshot['stuckWorkloads']> {
  if (backFor === undefined || namespace === undefined) {
    resume.forget(identity.uid)
    return []
  }
  return backFor === 'Later' ? [] : resume.look(identity.uid, namespace.name, backFor)
}
