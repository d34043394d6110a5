/**
 * The decision for an existing tenant whose TenantPlan is missing. What only a TenantPlan tells stays as it is; access
 * is kept up to date, and a tenant that is to be off is turned off. Pure.
 */
import { anyCanLogin, removalActions } from '../../postgres/reads/drift-statements.ts'
import type { Verdict } from '../../api/verdict.ts'
import { accessListWork } from '../namespace/access-list.ts'
import type { Action, Stage } from '../model/action.ts'
import { lifeFieldsOf, nextLifeFields } from '../lifecycle/life-fields.ts'
import { claiming } from '../names/claiming.ts'
import { fieldsOf } from '../status/status-fields.ts'
import { bearsMark } from '../../domain/marks.ts'
import { isUsableWithout, serverGone, wasComplete, withoutPlan } from '../validation/missing-reference.ts'
import { childWork, hasSubAdmins } from '../namespace/namespace-actions.ts'
import { lane, requeue, stagesOf } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import { databaseMissing, isDataLost, lossField } from '../model/data-loss.ts'
import { removalTarget } from '../removal/removal-actions.ts'
import { isActiveNow } from './provision.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { serverBlocker } from '../validation/server-watch.ts'
import { changing, workloadActions } from '../namespace/suspension.ts'
import type { Outlook } from '../model/outlook.ts'
import type { EffectiveState } from '../model/effective-state.ts'

/** Undefined where the tenant does not exist, or was off and is to be on again: then it waits for its plan. */
export function decideWithoutPlan(
  snapshot: Snapshot,
  without: Verdict,
  { effective, problem }: { readonly effective: EffectiveState; readonly problem: Verdict | undefined },
  now: number,
): Decision | undefined {
  const suspended = effective.phase !== 'Active'
  const server = snapshot.names.server
  if (server === undefined || !isThere(snapshot) || (!suspended && snapshot.tenant.status?.suspendedAt !== undefined))
    return undefined
  const said = withoutPlan(without)
  const database = databasePart(snapshot, server, suspended, said)
  const changes = changing(snapshot, undefined, suspended, now)
  const { pollInterval } = snapshot.settings
  return {
    stages: stages(snapshot, server, suspended, database.actions, now),
    outlook: outlookOf(snapshot, { said, database: database.blocker, changes, effective, problem }, now),
    ...(database.waitsFor === undefined ? {} : { waitsFor: database.waitsFor }),
    ...(database.blocker === undefined ? {} : { stuck: true as const }),
    ...requeue(changes === undefined ? undefined : pollInterval),
  }
}

function isThere({ namespace, identity, tenant }: Snapshot): boolean {
  const ours = namespace !== undefined && !namespace.deleting && bearsMark(namespace, identity)
  return ours && tenant.status?.planRevision !== undefined
}

function stages(
  snapshot: Snapshot,
  server: string,
  suspended: boolean,
  database: readonly Action[],
  now: number,
): readonly Stage[] {
  const workloads = workloadActions(snapshot, suspended, now)
  // The list names sub-admins by the roles that the plan offers.
  const list = hasSubAdmins(snapshot) ? [] : accessListWork(snapshot, { spec: {} }, suspended).actions
  return stagesOf(
    ...claiming(snapshot, server),
    [
      { target: 'Database', actions: database },
      {
        target: 'Content',
        name: 'content',
        actions: [...childWork(snapshot, undefined, suspended).actions, ...(suspended ? workloads : [])],
      },
      { target: 'Content', after: ['content'], actions: list },
    ],
    lane('Content', suspended ? [] : workloads),
  )
}

interface DatabasePart {
  readonly actions: readonly Action[]
  readonly blocker: Verdict | undefined
  readonly waitsFor?: string
}

/** Logins are turned off where that is due; the connection limit for turning them on comes from the plan. */
function databasePart(snapshot: Snapshot, server: string, suspended: boolean, said: Verdict): DatabasePart {
  const known = snapshot.servers.some(({ metadata }) => metadata.name === server)
  if (!known) return { actions: [], blocker: serverGone(server) }
  if (snapshot.databaseState.kind === 'Unreachable') return { actions: [], ...serverBlocker(server, snapshot) }
  const lost = isDataLost(snapshot) ? databaseMissing(snapshot, server) : undefined
  if (lost === undefined && !wasComplete(snapshot, 'DatabaseReady')) return { actions: [], blocker: said }
  return { actions: suspended ? closing(snapshot, server) : [], blocker: lost }
}

function closing(snapshot: Snapshot, server: string): readonly Action[] {
  const { databaseState, tenant } = snapshot
  const target = removalTarget(snapshot)
  const disable: Action = { kind: 'DisableLogins', server, target }
  const end: Action = { kind: 'TerminateSessions', server, target }
  // The outcome of Tenantry's own last action is not reported; that action was for a tenant that was on.
  if (databaseState.kind === 'Assumed') return tenant.status?.suspendedAt === undefined ? [disable, end] : []
  const observed = databaseState.kind === 'Observed' ? databaseState.observed : undefined
  if (observed === undefined || removalActions(target, observed).kind === 'Conflict') return []
  const open = anyCanLogin(observed)
  return [...(open ? [disable] : []), ...(open || observed.sessions > 0 ? [end] : [])]
}

interface Facts {
  readonly said: Verdict
  readonly database: Verdict | undefined
  readonly changes: Verdict | undefined
  readonly effective: EffectiveState
  readonly problem: Verdict | undefined
}

function outlookOf(snapshot: Snapshot, { said, database, changes, effective, problem }: Facts, now: number): Outlook {
  const suspended = effective.phase !== 'Active'
  const usable = !suspended && isUsableWithout(snapshot, database ?? said)
  const wasActive = !suspended && isActiveNow(snapshot)
  const lost = isDataLost(snapshot) ? database : undefined
  const stalled = problem ?? lost
  const reconciling = changes ?? said
  return {
    phase: suspended || usable || lost !== undefined || wasActive ? effective.phase : 'Provisioning',
    ready: { status: 'False', ...(stalled ?? reconciling) },
    reconciling: lost !== undefined || problem?.reason === reconciling.reason ? undefined : reconciling,
    stalled,
    namespace: said,
    database: database ?? 'Done',
    ...(suspended ? { off: effective.verdict } : { usable }),
    wasActive,
    fields: {
      ...fieldsOf(snapshot, undefined),
      ...(lost === undefined ? {} : lossField(snapshot, now)),
    },
    // Only the plan says for how long an archived tenant can be revived, so nothing of it ends before the plan exists.
    life: nextLifeFields(snapshot.tenant, effective, undefined, now),
    ...(suspended ? {} : { unfinished: lifeFieldsOf(snapshot.tenant) }),
  }
}
