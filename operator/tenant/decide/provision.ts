/** The decision for a tenant that has all it needs: namespace, database and their contents are made and repaired. Pure. */
import { statusBetween } from '../contests/status-between.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import { accessListWork } from '../namespace/access-list.ts'
import type { Action, Stage } from '../model/action.ts'
import { lifeFieldsOf, nextLifeFields } from '../lifecycle/life-fields.ts'
import { claiming, recordPlacement } from '../names/claiming.ts'
import { databaseWork } from '../database/database-actions.ts'
import type { DatabaseWork } from '../database/database-actions.ts'
import { judgeSize } from '../validation/database-size.ts'
import type { SizeVerdict } from '../validation/database-size.ts'
import { digest } from '../../domain/fingerprint.ts'
import { bearsMark } from '../../domain/marks.ts'
import { licenseMissing } from '../lifecycle/license-rules.ts'
import { childWork, namespaceWork, ownCountsDueIn } from '../namespace/namespace-actions.ts'
import { credentialFields, fieldsOf } from '../status/status-fields.ts'
import { isUsableWithout } from '../validation/missing-reference.ts'
import { planRevision } from '../../domain/plan-revision.ts'
import { lane, requeue, stagesOf } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { changing, workloadActions } from '../namespace/suspension.ts'
import { isWhole } from '../../domain/usable.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { LifeFields, Outlook } from '../model/outlook.ts'
import type { EffectiveState } from '../model/effective-state.ts'
import { isSecretLost } from '../database/binding-secret-actions.ts'

/** What is wanted of a tenant that has a server. */
interface Aim {
  readonly plan: TenantPlan
  readonly server: string
  readonly effective: EffectiveState
  readonly problem: Verdict | undefined
}

/** The claims first; then everything at once, except what needs the namespace. */
export function provision(snapshot: Snapshot, aim: Aim, now: number): Decision {
  const { plan, server, effective } = aim
  const suspended = effective.phase !== 'Active'
  const size = judgeSize(snapshot, plan)
  const work = databaseWork(
    snapshot,
    plan,
    server,
    { ...size, loginAllowed: !suspended && size.closed === undefined },
    now,
  )
  const workloads = workloadActions(snapshot, suspended, now)
  const outlook = { ...outlookOf(snapshot, aim, work, now), ...(work.followsSize ? sizeOutlook(size) : {}) }
  const kube = kubeWork(snapshot, plan, suspended, suspended ? workloads : [])
  const stages = stagesOf(
    ...claiming(snapshot, server),
    lane('Claims', recordPlacement(snapshot, server)),
    lane('Tenant', work.credentialsLost ? [reportLostSecret(snapshot, outlook, now)] : []),
    [...kube.before, ...work.lanes, ...kube.after],
    lane('Content', suspended ? [] : workloads),
    lane('Database', work.rotation === undefined ? [] : rotate(snapshot, outlook, work.rotation, now)),
  )
  const { pollInterval } = snapshot.settings
  return {
    stages,
    outlook,
    wanted: { content: kube.wanted, database: work.wanted },
    size: { server, bound: size.bound },
    ...(work.waitsFor === undefined ? {} : { waitsFor: work.waitsFor }),
    ...(isHeldUp(work, outlook, now) ? { stuck: true as const } : {}),
    ...requeue(
      changing(snapshot, plan, suspended, now) === undefined ? undefined : pollInterval,
      work.dueIn,
      ownCountsDueIn(snapshot, plan, now),
    ),
  }
}

/**
 * The actions in Kubernetes, before and after the database lanes of their stage, and a digest of all wanted objects.
 */
function kubeWork(snapshot: Snapshot, plan: TenantPlan, suspended: boolean, workloads: readonly Action[]) {
  const namespace = namespaceWork(snapshot, plan)
  const content = childWork(snapshot, plan, suspended)
  const list = accessListWork(snapshot, plan, suspended)
  const before: Stage = [{ target: 'Namespace', name: 'namespace', actions: namespace.actions }]
  const after: Stage = [
    { target: 'Content', name: 'content', after: ['namespace'], actions: [...content.actions, ...workloads] },
    { target: 'Content', after: ['namespace', 'content'], actions: list.actions },
  ]
  return { before, after, wanted: digest([...namespace.wanted, ...content.wanted, ...list.wanted]) }
}

/** A restored database wakes the tenant; the end of a purge blocker may not. */
function isHeldUp({ blocker }: DatabaseWork, { life }: Outlook, now: number): boolean {
  const isPurgeDue = life?.purgeAfter !== undefined && Date.parse(life.purgeAfter) <= now
  return (blocker !== undefined && !isLoss(blocker)) || isPurgeDue
}

function reportLostSecret(snapshot: Snapshot, outlook: Outlook, now: number): Action {
  const lost: Verdict = {
    reason: 'Updating',
    message: 'The Secret with the credentials is missing. Tenantry creates it with a new password.',
  }
  // The consequences of the size are still ahead.
  const { size: _size, closed: _closed, ...others } = outlook
  return reportBetween(snapshot, { ...others, database: lost }, lost, now)
}

/** The start of a rotation is recorded first, unless it is already: then the next leader finishes it after a crash. */
function rotate(
  snapshot: Snapshot,
  outlook: Outlook,
  { verdict, begun, actions }: NonNullable<DatabaseWork['rotation']>,
  now: number,
): readonly Action[] {
  const before = snapshot.tenant.status?.database
  const database = { ...before, ...credentialFields(begun) }
  if (digest(database) === digest(before)) return actions
  return [reportBetween(snapshot, { ...outlook, fields: { ...outlook.fields, database } }, verdict, now), ...actions]
}

/** Reports progress in the middle of the actions. */
function reportBetween(snapshot: Snapshot, outlook: Outlook, verdict: Verdict, now: number): Action {
  const between: Outlook = { ...outlook, ready: { status: 'False', ...verdict }, reconciling: verdict }
  return statusBetween(snapshot, between, now)
}

export function outlookOf(
  snapshot: Snapshot,
  { plan, server, effective, problem }: Aim,
  work: DatabaseWork,
  now: number,
): Outlook {
  const { blocker } = work
  const stalled = problem ?? (work.stalled ? blocker : undefined)
  const suspended = effective.phase !== 'Active'
  const changes = changing(snapshot, plan, suspended, now)
  const reconciling = blocker ?? licenseMissing(snapshot) ?? changes
  const trouble = stalled ?? reconciling
  const usable = isUsableWithout(snapshot, blocker)
  const was = suspended ? {} : wasBefore(snapshot)
  const asItWas = suspended || usable || blocker === undefined || isLoss(blocker)
  return {
    phase: asItWas || was.wasActive === true ? effective.phase : 'Provisioning',
    ready: trouble === undefined ? { status: 'True', ...effective.verdict } : { status: 'False', ...trouble },
    reconciling: work.stalled ? undefined : reconciling,
    stalled,
    namespace: 'Done',
    database: blocker ?? 'Done',
    ...(suspended ? { off: effective.verdict } : { usable }),
    ...was,
    fields: fieldsOf(snapshot, {
      plan: plan.metadata.name,
      planRevision: planRevision(plan),
      server,
      directory: work.directory,
      loss: work.loss,
      target: blocker === undefined,
      credentials: work.credentials,
    }),
    life: lifeAfter(snapshot, changes, effective, plan, now),
    ...(suspended ? {} : { unfinished: lifeFieldsOf(snapshot.tenant) }),
  }
}

/** Until the tenant is revived its status keeps the time since which it was off: resuming its workloads needs it. */
function lifeAfter(
  { tenant }: Snapshot,
  changes: Verdict | undefined,
  effective: EffectiveState,
  plan: TenantPlan,
  now: number,
): LifeFields {
  return changes?.reason === 'Reviving' ? lifeFieldsOf(tenant) : nextLifeFields(tenant, effective, plan, now)
}

function sizeOutlook({ told, closed }: SizeVerdict): Pick<Outlook, 'size' | 'closed'> {
  return { size: told, ...(closed === undefined ? {} : { closed }) }
}

/** Nothing is being made: an administrator decides what becomes of the tenant. */
export function isLoss({ reason }: Verdict): boolean {
  return reason === 'DatabaseMissing'
}

function wasBefore(snapshot: Snapshot): Pick<Outlook, 'wasActive' | 'wasUsable'> {
  const wasActive = isActiveNow(snapshot)
  return { wasActive, wasUsable: wasActive && isWhole(snapshot.tenant) }
}

/** Whether the tenant was Active and has what it had: nothing of it is created again, whatever fails. */
export function isActiveNow(snapshot: Snapshot): boolean {
  const { namespace, identity, tenant } = snapshot
  const isThere = namespace !== undefined && !namespace.deleting && bearsMark(namespace, identity)
  return isThere && !isSecretLost(snapshot) && tenant.status?.phase === 'Active'
}
