/** What is asked of the servers themselves for one tenant, beside its corner: whom its clients trust, and a try to log in. */
import { isTrue } from '../../api/conditions.ts'
import type { Tenant } from '../../api/tenant.ts'
import { isOutOfReach } from '../../databaseserver/server-pool.ts'
import { currentLogin } from '../database/current-login.ts'
import { isDataLost } from '../model/provisioned.ts'
import type { ProvisionedFacts } from '../model/provisioned.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { isAnotherServer } from '../validation/server-watch.ts'
import { closedForSize } from '../../domain/usable.ts'
import type { DatabaseState, Login } from '../model/live-facts.ts'
import type { ObservePorts } from './ports.ts'

/** Of the servers that the tenant is or can be placed on; one that cannot be told of is left out. */
export async function observeAuthorities(
  { servers, names }: Pick<Snapshot, 'servers' | 'names'>,
  { catalogue }: ObservePorts,
  signal: AbortSignal,
): Promise<Snapshot['authorities']> {
  const candidates = servers.filter(
    (server) =>
      (server.metadata.name === names.server && !isAnotherServer(server)) || isTrue(server.status?.conditions, 'Ready'),
  )
  const told = candidates.map(async ({ metadata: { name } }) => {
    try {
      return [[name, { ca: await catalogue.authority(name, signal) }]] as const
    } catch (error) {
      if (isOutOfReach(error)) return []
      throw error
    }
  })
  return Object.fromEntries((await Promise.all(told)).flat())
}

/** Only once the credentials were complete, and while the server can be reached. */
export async function observeLogin(
  tenant: Tenant,
  facts: ProvisionedFacts & Pick<Snapshot, 'children'>,
  databaseState: DatabaseState,
  { login, caches }: ObservePorts,
  signal: AbortSignal,
): Promise<Login> {
  const { database } = tenant.status ?? {}
  const secret = database?.binding?.name
  const there = secret === undefined ? undefined : facts.children[childId('Secret', secret)]
  const { password } = there ?? {}
  const { server } = facts.names
  const current = currentLogin(tenant, facts.names.database, there?.username).login
  // No login role may log in while the tenant is off, or its data too large for its plan.
  if (tenant.status?.suspendedAt !== undefined || closedForSize(tenant) !== undefined) return 'NotDue'
  const reachable =
    databaseState.kind === 'Assumed' || (databaseState.kind === 'Observed' && !isDataLost({ ...facts, databaseState }))
  if (secret === undefined || password === undefined || server === undefined || !reachable) return 'NotDue'
  const setBackAt = caches.servers.get(server)?.status?.setBack?.noticedAt
  return login.probe(
    {
      uid: facts.identity.uid,
      server,
      database: facts.names.database.database,
      username: facts.names.database.logins[current],
      secret: { namespace: facts.names.namespace, name: secret },
      password,
      ...(setBackAt === undefined ? {} : { setBackAt }),
    },
    signal,
  )
}
