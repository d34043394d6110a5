/** Asks the servers for an earlier tenant that no claim tells of: those known from the last look, each asked for again now. */
import type { Tenant } from '../../api/tenant.ts'
import { isOutOfReach } from '../../databaseserver/server-pool.ts'
import { withTraces } from '../validation/adoption.ts'
import { cornersOf } from '../validation/orphaned-claims.ts'
import type { Identity } from '../../domain/marks.ts'
import type { TenantCaches } from '../../domain/caches.ts'
import type { Adoption, MarkedCorner, Traces } from '../model/adoption.ts'
import type { Catalogue } from './ports.ts'

interface Ports {
  readonly caches: TenantCaches
  readonly catalogue: Pick<Catalogue, 'lookLive' | 'surveyOf'>
}

/** The adoption with what the servers tell, or the one that the spec names, where the claims that are left do not. */
export async function observeTraces(
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
    tracesOn(name, adoption.asked, identity.installation, ports, signal),
  )
  const traces = await Promise.all(asked)
  const all = { corners: traces.flatMap(({ corners }) => corners), unseen: traces.flatMap(({ unseen }) => unseen) }
  return withTraces(adoption, all, identity, ports.caches)
}

async function tracesOn(
  server: string,
  asked: string,
  installation: string,
  { catalogue }: Ports,
  signal: AbortSignal,
): Promise<Traces> {
  try {
    const known = cornersOf(asked, installation, server, (await catalogue.surveyOf(server, signal)).values())
    const now = async ({ names }: MarkedCorner) => catalogue.lookLive(server, names, signal)
    return { corners: cornersOf(asked, installation, server, await Promise.all(known.map(now))), unseen: [] }
  } catch (error) {
    if (isOutOfReach(error)) return { corners: [], unseen: [server] }
    throw error
  }
}
