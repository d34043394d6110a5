/**
 * The rehearsal of a last dump while the tenant is alive: on request, and once when it is archived. A person can then
 * remove what blocks the dump before the retention is over. Pure.
 */
import { lane, requeue } from '../model/decision.ts'
import { annotations } from '../../api/names.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Tenant, TenantStatus } from '../../api/tenant.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { isEnding, isPurging, purgeIn } from '../lifecycle/life-fields.ts'
import type { RetentionFacts } from '../lifecycle/life-fields.ts'
import { dumpPath } from './dump-path.ts'
import type { Decision } from '../model/decision.ts'
import { removalTarget } from './removal-actions.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Outlook } from '../model/outlook.ts'
import { rehearsalFailed } from '../status/dump-failure.ts'
import { isDumpSkipped } from '../lifecycle/skipped-dump.ts'

/** The length of a value that fits into the status. */
const longest = 256

/** Milliseconds. A tenant that is purged sooner is dumped soon anyway. */
const worthwhile = 3_600_000

/** Milliseconds. The rehearsal's end wakes the tenant, so a look in between is for the unforeseen. */
const rarely = 600_000

/**
 * The rehearsal that is due, as a text that identifies it; undefined where none is. `keeps`: a target for dumps is
 * configured.
 */
export function rehearsalDue(facts: RetentionFacts, keeps: boolean, now: number): string | undefined {
  const { tenant } = facts
  const { status } = tenant
  if (isEnding(tenant) || isPurging(facts, now) || status?.purge?.finishedAt !== undefined) return undefined
  const asked = openRehearsalRequest(tenant)
  if (asked !== undefined) return `asked ${asked}`
  const { archivedAt, dumpRehearsedAt } = status ?? {}
  if (!keeps || archivedAt === undefined || isDumpSkipped(tenant)) return undefined
  if (dumpRehearsedAt !== undefined && Date.parse(dumpRehearsedAt) >= Date.parse(archivedAt)) return undefined
  return (purgeIn(facts, now) ?? 0) > worthwhile ? `archived ${archivedAt}` : undefined
}

/** The value of the annotation that asks for a rehearsal. */
function rehearsalRequest({ metadata }: Tenant): string | undefined {
  const asked = metadata.annotations?.[annotations.dumpRehearsalRequestedAt]
  return asked === undefined || asked === '' ? undefined : asked.slice(0, longest)
}

/** Undefined also after the rehearsal. */
export function openRehearsalRequest(tenant: Tenant): string | undefined {
  const request = rehearsalRequest(tenant)
  return request === tenant.status?.lastHandledDumpRehearsal ? undefined : request
}

/**
 * The decision with the rehearsal, if it makes or repairs the tenant; its own actions come first, and the database has
 * to exist.
 */
export function withRehearsal(decision: Decision, snapshot: Snapshot, now: number): Decision {
  const { outlook } = decision
  const { rehearsal, names, identity } = snapshot
  const due = rehearsalDue(snapshot, rehearsal !== 'NoTarget', now)
  if (due === undefined || outlook?.database !== 'Done' || decision.wanted === undefined || names.server === undefined)
    return decision
  if (rehearsal === 'NoTarget')
    return answered(decision, outlook, failed(rehearsalFailed('NoTarget', names.server)), snapshot, now)
  if (rehearsal?.kind === 'Ended') {
    const { failure } = rehearsal
    const told = failure && failed(rehearsalFailed(failure.reason, names.server, failure.told))
    return answered(decision, outlook, told ?? succeeded, snapshot, now)
  }
  if (rehearsal?.kind === 'Waiting') return { ...decision, ...requeue(decision.requeueAfter, rehearsal.dueIn) }
  const later = { ...decision, ...requeue(decision.requeueAfter, rarely) }
  if (rehearsal?.kind === 'UnderWay') return later
  const path = dumpPath(identity, 'rehearsal')
  const begin = { kind: 'RehearseDump', server: names.server, target: removalTarget(snapshot), path, key: due } as const
  return { ...later, stages: [...decision.stages, lane('Database', [begin])] }
}

type RehearsalVerdict = NonNullable<Outlook['rehearsal']>

const succeeded: RehearsalVerdict = {
  status: 'True',
  reason: 'DumpRehearsed',
  message: 'A last dump was rehearsed: Tenantry took it, restored it, and found the same data. Nothing of it is kept.',
}

function failed(verdict: Verdict): RehearsalVerdict {
  return { status: 'False', ...verdict }
}

function answered(
  decision: Decision,
  outlook: Outlook,
  rehearsal: RehearsalVerdict,
  { tenant }: Snapshot,
  now: number,
): Decision {
  const asked = rehearsalRequest(tenant)
  const handled: Partial<TenantStatus> = {
    dumpRehearsedAt: timestamp(now),
    ...(asked === undefined ? {} : { lastHandledDumpRehearsal: asked }),
  }
  return { ...decision, outlook: { ...outlook, rehearsal, fields: { ...outlook.fields, ...handled } } }
}
