/**
 * The plan of a tenant that is there while its TenantPlan is not. What only a TenantPlan tells stays as it is; who has access
 * is followed, and a tenant that is to be off is turned off. Pure.
 */
import { anyCanLogin, removalActions } from '../../postgres/reads/drift.ts'
import { parseDuration } from '../../api/duration.ts'
import type { Verdict } from '../../api/verdict.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { accessListWork } from '../namespace/access-list.ts'
import type { Action, Stage } from '../model/action.ts'
import { lifeFieldsOf } from '../lifecycle/timestamps.ts'
import { claiming } from '../names/claiming.ts'
import { fieldsOf } from '../status/fields.ts'
import { bearsMark } from '../../domain/marks.ts'
import { isUsableWithout, serverGone, wasComplete, withoutPlan } from '../validation/missing-reference.ts'
import { childWork, hasSubAdmins } from '../namespace/namespace-actions.ts'
import { lane, requeue, stagesOf } from '../model/decision.ts'
import type { Plan } from '../model/decision.ts'
import { databaseMissing, isDataLost, lossField } from '../model/provisioned.ts'
import { removalTarget } from '../removal/removal-actions.ts'
import type { Seen } from '../model/snapshot.ts'
import { outOfReach } from '../validation/server-watch.ts'
import { changing, workloadActions } from '../namespace/suspension.ts'
import type { LifeFields, Outlook } from '../model/outlook.ts'
import type { Standing } from '../model/standing.ts'

/** Undefined where the tenant is not there, or was off and is to be on again: then it waits for its plan. */
export function decideWithoutPlan(
  seen: Seen,
  without: Verdict,
  { standing, refusal }: { readonly standing: Standing; readonly refusal: Verdict | undefined },
  now: number,
): Plan | undefined {
  const suspended = standing.phase !== 'Active'
  const server = seen.names.server
  if (server === undefined || !isThere(seen) || (!suspended && seen.tenant.status?.suspendedAt !== undefined))
    return undefined
  const said = withoutPlan(without)
  const database = databasePart(seen, server, suspended, said)
  const changes = changing(seen, undefined, suspended, now)
  const { haste } = seen.settings
  return {
    stages: stages(seen, server, suspended, database.actions, now),
    outlook: outlookOf(seen, { said, database: database.problem, changes, standing, refusal }, now),
    ...(database.waitsFor === undefined ? {} : { waitsFor: database.waitsFor }),
    ...(database.problem === undefined ? {} : { stuck: true as const }),
    ...requeue(changes === undefined ? undefined : haste),
  }
}

function isThere({ namespace, identity, tenant }: Seen): boolean {
  const ours = namespace !== undefined && !namespace.deleting && bearsMark(namespace, identity)
  return ours && tenant.status?.planRevision !== undefined
}

function stages(
  seen: Seen,
  server: string,
  suspended: boolean,
  database: readonly Action[],
  now: number,
): readonly Stage[] {
  const workloads = workloadActions(seen, suspended, now)
  // The list tells of sub-admins by the roles that the plan offers.
  const list = hasSubAdmins(seen) ? [] : accessListWork(seen, { spec: {} }, suspended).actions
  return stagesOf(
    ...claiming(seen, server),
    [
      { target: 'Database', actions: database },
      {
        target: 'Content',
        name: 'content',
        actions: [...childWork(seen, undefined, suspended).actions, ...(suspended ? workloads : [])],
      },
      { target: 'Content', after: ['content'], actions: list },
    ],
    lane('Content', suspended ? [] : workloads),
  )
}

interface DatabasePart {
  readonly actions: readonly Action[]
  readonly problem: Verdict | undefined
  readonly waitsFor?: string
}

/** Logins go off where that is due; how many connections a tenant may have when they go on is the plan's to say. */
function databasePart(seen: Seen, server: string, suspended: boolean, said: Verdict): DatabasePart {
  const known = seen.servers.some(({ metadata }) => metadata.name === server)
  if (!known) return { actions: [], problem: serverGone(server) }
  if (seen.corner.kind === 'Unreachable') return { actions: [], problem: outOfReach(server, seen), waitsFor: server }
  const lost = isDataLost(seen) ? databaseMissing(seen, server) : undefined
  if (lost === undefined && !wasComplete(seen, 'DatabaseReady')) return { actions: [], problem: said }
  return { actions: suspended ? closing(seen, server) : [], problem: lost }
}

function closing(seen: Seen, server: string): readonly Action[] {
  const { corner, tenant } = seen
  const target = removalTarget(seen)
  const disable: Action = { kind: 'DisableLogins', server, target }
  const end: Action = { kind: 'TerminateSessions', server, target }
  // What our own last action left is not told; it was done for a tenant that was on.
  if (corner.kind === 'Settled') return tenant.status?.suspendedAt === undefined ? [disable, end] : []
  const observed = corner.kind === 'Seen' ? corner.observed : undefined
  if (observed === undefined || removalActions(target, observed).kind === 'Conflict') return []
  const open = anyCanLogin(observed)
  return [...(open ? [disable] : []), ...(open || observed.sessions > 0 ? [end] : [])]
}

interface Facts {
  readonly said: Verdict
  readonly database: Verdict | undefined
  readonly changes: Verdict | undefined
  readonly standing: Standing
  readonly refusal: Verdict | undefined
}

function outlookOf(seen: Seen, { said, database, changes, standing, refusal }: Facts, now: number): Outlook {
  const suspended = standing.phase !== 'Active'
  const usable = !suspended && isUsableWithout(seen, database ?? said)
  const lost = isDataLost(seen) ? database : undefined
  const stalled = refusal ?? lost
  const reconciling = changes ?? said
  return {
    phase: suspended || usable || lost !== undefined ? standing.phase : 'Provisioning',
    ready: { status: 'False', ...(stalled ?? reconciling) },
    reconciling: lost !== undefined || refusal?.reason === reconciling.reason ? undefined : reconciling,
    stalled,
    namespace: said,
    database: database ?? 'Done',
    ...(suspended ? { off: standing.verdict } : { usable }),
    fields: {
      ...fieldsOf(seen, undefined),
      ...(lost === undefined ? {} : lossField(seen, now)),
    },
    life: lifeFields(seen, standing, now),
    ...(suspended ? {} : { unfinished: lifeFieldsOf(seen.tenant) }),
  }
}

/** Where only the plan says how long an archived tenant can be revived, nothing of it ends before the plan is there. */
function lifeFields({ tenant }: Seen, { phase }: Standing, now: number): LifeFields {
  const { suspendedAt = timestamp(now), ...before } = lifeFieldsOf(tenant)
  if (phase === 'Active') return before
  if (phase !== 'Archived') return { suspendedAt }
  const archivedAt = before.archivedAt ?? timestamp(now)
  const own = tenant.spec.archive.retention
  const end = own === undefined ? undefined : Date.parse(archivedAt) + parseDuration(own)
  const known = before.purgeAfter === undefined ? undefined : Date.parse(before.purgeAfter)
  const ends = [end, known].filter((each) => each !== undefined)
  const purge = before.purge === undefined ? {} : { purge: before.purge }
  return {
    suspendedAt,
    archivedAt,
    ...(ends.length === 0 ? {} : { purgeAfter: timestamp(Math.max(...ends)) }),
    ...purge,
  }
}
