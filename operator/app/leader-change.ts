/**
 * What a replica does, in order, when it begins or stops to lead. When it may lead: runtime/leadership/lease.ts.
 */
import type { ServerPool } from '../databaseserver/server-pool.ts'
import type { DumpJobs } from '../dump/jobs.ts'
import type { DumpRehearsals } from '../dump/rehearsals.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import { untilSuccess } from '../runtime/base/until-success.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { Key } from '../runtime/queue/reconcile.ts'
import type { TenantryOperator } from './operator.ts'
import { controllers } from './watch-mappings.ts'

/** What runs on the leader only. */
interface LeadersWork {
  readonly operator: Pick<TenantryOperator, 'wake' | 'lead' | 'standBy'>
  readonly servers: Pick<ServerPool, 'lead'>
  readonly dumps: Pick<DumpJobs, 'lead' | 'stop'> | undefined
  readonly rehearsals: Pick<DumpRehearsals, 'stop'> | undefined
  /** Puts into its place what an earlier version kept elsewhere; undefined: there is nothing of that. */
  readonly moveRecords: ((signal: AbortSignal) => Promise<void>) | undefined
  readonly clock: Clock
  readonly random: Pick<Random, 'fraction'>
  readonly log: Logger
}

const pauses = { base: 200, cap: 5_000 }

/** The turns of this replica as leader. */
export interface Turns {
  begin(): void
  /** `grace`: milliseconds for the reconciles in progress. */
  end(grace: number): Promise<void>
}

/** `work` is asked for at the begin of each turn. */
export function createTurns(work: () => LeadersWork, signingKeys: Key): Turns {
  let turn = new AbortController()
  return {
    begin: () => {
      turn = new AbortController()
      beginToLead(work(), signingKeys, turn.signal)
    },
    end: (grace) => {
      turn.abort(new Error('this replica no longer leads'))
      return stopLeading(work(), grace)
    },
  }
}

function beginToLead(work: LeadersWork, signingKeys: Key, signal: AbortSignal): void {
  // The usual start has no wait in it.
  if (work.moveRecords === undefined) return begin(work, signingKeys)
  void moved(work.moveRecords, work, signal).then(() => {
    if (!signal.aborted) begin(work, signingKeys)
  })
}

/**
 * The remains of the former leader come first: its sessions end when a server is opened, and files of unfinished dumps
 * are removed. Then the workers start, and all known objects are reconciled once: those with unseen changes first
 * (`isUnseen` in watches.ts).
 */
function begin({ operator, servers, dumps }: LeadersWork, signingKeys: Key): void {
  servers.lead()
  dumps?.lead()
  operator.wake({ controller: controllers.keys, key: signingKeys })
  operator.lead()
}

function moved(
  move: (signal: AbortSignal) => Promise<void>,
  { clock, random, log }: LeadersWork,
  signal: AbortSignal,
): Promise<void> {
  const onFailure = (error: unknown) =>
    log.warn('the records of an earlier version cannot be moved, trying again', { error })
  return untilSuccess(() => move(signal), { clock, random, pauses, signal, onFailure })
}

/** Stops workers, dumps and rehearsals side by side. */
async function stopLeading({ operator, dumps, rehearsals }: LeadersWork, grace: number): Promise<void> {
  await Promise.all([operator.standBy(grace), dumps?.stop(), rehearsals?.stop()])
}
