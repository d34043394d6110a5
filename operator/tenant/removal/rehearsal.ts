/**
 * Whether a last dump of the tenant would succeed, tried while it lives: when somebody asks, and once when it is archived.
 * What keeps it from succeeding can then be mended before its time is over. Pure.
 */
import { lane, requeue } from '../model/decision.ts'
import { annotations } from '../../api/names.ts'
import type { Tenant, TenantStatus } from '../../api/tenant.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { isEnding, isPurging, purgeIn } from '../lifecycle/timestamps.ts'
import { dumpPath } from './dump-path.ts'
import type { Plan } from '../model/decision.ts'
import { removalTarget } from './removal-actions.ts'
import type { Seen } from '../model/snapshot.ts'
import type { Outlook } from '../model/outlook.ts'
import { rehearsalFailed } from '../status/dump-failure.ts'
import { isDumpSkipped } from '../lifecycle/skipped-dump.ts'

/** As much of a value as the status can hold. */
const longest = 256

/** Milliseconds. Of one that is purged as soon the dump itself follows. */
const worthwhile = 3_600_000

/** Milliseconds. Its end wakes the tenant, so that a look in between is for what nobody thought of. */
const rarely = 600_000

/** Which rehearsal is due: a text that tells it from others; undefined where none is. `keeps`: dumps are kept somewhere. */
export function rehearsalDue(tenant: Tenant, keeps: boolean, now: number): string | undefined {
  const { status } = tenant
  if (isEnding(tenant) || isPurging(tenant, now) || status?.purge?.finishedAt !== undefined) return undefined
  const asked = requestOf(tenant)
  if (asked !== undefined && asked !== status?.lastHandledDumpRehearsal) return `asked ${asked}`
  const { archivedAt, dumpRehearsedAt } = status ?? {}
  if (!keeps || archivedAt === undefined || isDumpSkipped(tenant)) return undefined
  if (dumpRehearsedAt !== undefined && Date.parse(dumpRehearsedAt) >= Date.parse(archivedAt)) return undefined
  return (purgeIn(tenant, now) ?? 0) > worthwhile ? `archived ${archivedAt}` : undefined
}

function requestOf({ metadata }: Tenant): string | undefined {
  const asked = metadata.annotations?.[annotations.dumpRehearsalRequestedAt]
  return asked === undefined || asked === '' ? undefined : asked.slice(0, longest)
}

/** Of a plan that makes or mends the tenant; what it wants comes first, and its database has to be there. */
export function withRehearsal(plan: Plan, seen: Seen, now: number): Plan {
  const { outlook } = plan
  const { rehearsal, names, identity } = seen
  const due = rehearsalDue(seen.tenant, rehearsal !== 'NoTarget', now)
  if (due === undefined || outlook?.database !== 'Done' || plan.wanted === undefined || names.server === undefined)
    return plan
  if (rehearsal === 'NoTarget')
    return answered(plan, outlook, failed(rehearsalFailed('NoTarget', names.server)), seen, now)
  if (rehearsal?.kind === 'Ended') {
    const { failure } = rehearsal
    const told = failure && failed(rehearsalFailed(failure.reason, names.server, failure.told))
    return answered(plan, outlook, told ?? succeeded, seen, now)
  }
  if (rehearsal?.kind === 'Waiting') return { ...plan, ...requeue(plan.requeueAfter, rehearsal.dueIn) }
  const later = { ...plan, ...requeue(plan.requeueAfter, rarely) }
  if (rehearsal?.kind === 'UnderWay') return later
  const path = dumpPath(identity, 'rehearsal')
  const begin = { kind: 'RehearseDump', server: names.server, target: removalTarget(seen), path, key: due } as const
  return { ...later, stages: [...plan.stages, lane('Database', [begin])] }
}

type Told = NonNullable<Outlook['rehearsal']>

const succeeded: Told = {
  status: 'True',
  reason: 'DumpRehearsed',
  message: 'A last dump was rehearsed: it could be taken and restored, and was the same. Nothing of it is kept.',
}

function failed(message: string): Told {
  return { status: 'False', reason: 'DumpFailed', message }
}

function answered(plan: Plan, outlook: Outlook, rehearsal: Told, { tenant }: Seen, now: number): Plan {
  const asked = requestOf(tenant)
  const handled: Partial<TenantStatus> = {
    dumpRehearsedAt: timestamp(now),
    ...(asked === undefined ? {} : { lastHandledDumpRehearsal: asked }),
  }
  return { ...plan, outlook: { ...outlook, rehearsal, fields: { ...outlook.fields, ...handled } } }
}
