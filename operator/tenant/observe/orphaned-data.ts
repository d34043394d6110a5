/**
 * Asks the servers for an earlier tenant without claims: the databases from the last look, each asked for again now.
 */
import type { Tenant } from '../../api/tenant.ts'
import { isOutOfReach, isQueryRefused } from '../../databaseserver/server-pool.ts'
import { withOrphanedData } from '../validation/adoption-problems.ts'
import { markedDatabases } from '../validation/orphaned-claims.ts'
import type { Identity } from '../../domain/marks.ts'
import type { TenantCaches } from '../../domain/caches.ts'
import type { Adoption, MarkedDatabase, OrphanedData } from '../model/adoption.ts'
import type { Catalogue } from './ports.ts'

interface Ports {
  readonly caches: TenantCaches
  readonly catalogue: Pick<Catalogue, 'lookLive' | 'surveyOf'>
}

/**
 * The adoption with what the servers tell, or with the server that the spec names, where the remaining claims do not
 * tell.
 */
export async function observeOrphanedData(
  adoption: Adoption | undefined,
  tenant: Tenant,
  identity: Identity,
  ports: Ports,
  signal: AbortSignal,
): Promise<Adoption | undefined> {
  if (adoption === undefined || adoption.recorded || adoption.settled) return adoption
  const { server } = tenant.spec.database
  const names = [...ports.caches.servers.values()].map(({ metadata }) => metadata.name)
  const asked = (server === undefined ? names : [server]).map((name) =>
    orphanedDataOn(name, adoption.asked, identity.installation, ports, signal),
  )
  const traces = await Promise.all(asked)
  const all = {
    databases: traces.flatMap(({ databases }) => databases),
    unseen: traces.flatMap(({ unseen }) => unseen),
  }
  return withOrphanedData(adoption, all, identity, ports.caches)
}

async function orphanedDataOn(
  server: string,
  asked: string,
  installation: string,
  { catalogue }: Ports,
  signal: AbortSignal,
): Promise<OrphanedData> {
  try {
    const known = markedDatabases(asked, installation, server, (await catalogue.surveyOf(server, signal)).values())
    const now = async ({ names }: MarkedDatabase) => catalogue.lookLive(server, names, signal)
    return { databases: markedDatabases(asked, installation, server, await Promise.all(known.map(now))), unseen: [] }
  } catch (error) {
    if (isOutOfReach(error)) return { databases: [], unseen: [{ server }] }
    if (isQueryRefused(error)) return { databases: [], unseen: [{ server, refusal: error.message }] }
    throw error
  }
}
