/**
 * What a replica does, in order, when it begins or stops to lead. When it may lead: runtime/leadership/lease.ts.
 */
import type { ServerPool } from '../databaseserver/server-pool.ts'
import type { DumpJobs } from '../dump/jobs.ts'
import type { DumpRehearsals } from '../dump/rehearsals.ts'
import type { Key } from '../runtime/queue/reconcile.ts'
import type { TenantryOperator } from './operator.ts'
import { controllers } from './watch-mappings.ts'

/** What runs on the leader only. */
interface LeadersWork {
  readonly operator: Pick<TenantryOperator, 'wake' | 'lead' | 'standBy'>
  readonly servers: Pick<ServerPool, 'lead'>
  readonly dumps: Pick<DumpJobs, 'lead' | 'stop'> | undefined
  readonly rehearsals: Pick<DumpRehearsals, 'stop'> | undefined
}

/**
 * The remains of the former leader come first: its sessions end when a server is opened, and files of unfinished dumps
 * are removed. Then the workers start, and all known objects are reconciled once: those with unseen changes first
 * (`isUnseen` in watches.ts).
 */
export function beginToLead({ operator, servers, dumps }: LeadersWork, signingKeys: Key): void {
  servers.lead()
  dumps?.lead()
  operator.wake({ controller: controllers.keys, key: signingKeys })
  operator.lead()
}

/** Stops workers, dumps and rehearsals side by side. `grace`: milliseconds for the reconciles in progress. */
export async function stopLeading({ operator, dumps, rehearsals }: LeadersWork, grace: number): Promise<void> {
  await Promise.all([operator.standBy(grace), dumps?.stop(), rehearsals?.stop()])
}
