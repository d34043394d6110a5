/**
 * The end of an archived tenant's data, when the retention is over: a last dump, then the same removal as at a
 * deletion. The Tenant itself stays, with its names, so that nothing brings the tenant back by accident. Pure.
 */
import { statusBetween } from '../contests/status-between.ts'
import type { Verdict } from '../../api/verdict.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { Action } from '../model/action.ts'
import { lifeFieldsOf } from '../lifecycle/life-fields.ts'
import { dumpPath } from './dump-path.ts'
import { beforeRemoval } from './last-dump.ts'
import { isAboutNames } from '../names/name-actions.ts'
import { lane, stagesOf } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import { lossField } from '../model/data-loss.ts'
import { databaseRemoval, destruction, ownNamespace, waitingFor, waitsForNamespace } from './removal-actions.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { effectiveStateOf } from '../lifecycle/effective-state-rules.ts'
import type { LifeFields, Outlook } from '../model/outlook.ts'
import type { LiveCheck } from '../model/live-facts.ts'

/**
 * The decision where a purge is due and nothing blocks it. `live`: what the cluster says now. Reviving in the last
 * moment wins: the first write fails on a Tenant that has changed since it was read.
 */
export function decidePurge(snapshot: Snapshot, live: LiveCheck, now: number): Decision {
  const work = databaseRemoval(snapshot)
  if (work.blocker !== undefined) return { ...wait(snapshot, work.blocker, work.stalled), ...waitingFor(work) }
  const first = dumpFirst(snapshot, live, work.actions, now)
  if (first !== undefined) return first
  const namespace = ownNamespace(snapshot, live)
  if (namespace?.deleting === true && work.actions.length === 0) {
    return wait(snapshot, { reason: 'Purging', message: waitsForNamespace(namespace) }, false)
  }
  if (namespace !== undefined || work.actions.length > 0) return destroy(snapshot, work.actions, namespace, now)
  return finish(snapshot, now)
}

const dumping: Verdict = {
  reason: 'Purging',
  message: 'The retention of the archived tenant is over: Tenantry takes a last dump, then removes the data.',
}

/** This pass records the dump's path when it succeeds; the removal is another pass. */
function dumpFirst(snapshot: Snapshot, live: LiveCheck, removal: readonly Action[], now: number): Decision | undefined {
  const before = lifeFieldsOf(snapshot.tenant)
  const { purge, ...life } = before
  const path = dumpPath(snapshot.identity, before.archivedAt ?? '')
  const begun = purge?.startedAt !== undefined
  const step = beforeRemoval(snapshot, live, removal, { taken: purge?.dump, path, begun, underWay: dumping })
  switch (step?.kind) {
    case undefined:
      return undefined
    case 'DataLost':
      return { stages: [], outlook: withoutData(snapshot, step.verdict, now) }
    case 'Stalled':
      return wait(snapshot, step.verdict, true)
    case 'Gone': {
      const outlook = outlookOf(snapshot, { reason: 'Purging', message: step.message }, life)
      return { stages: [], outlook, keeps: true, requeueAfter: 0 }
    }
    case 'Take':
      return {
        stages: stagesOf(lane('Tenant', [step.action])),
        outlook: { ...outlookOf(snapshot, dumping, { ...before, purge: { dump: path } }), unfinished: before },
        keeps: true,
        requeueAfter: 0,
      }
  }
}

/** The removal cannot be undone from the first write on. */
function destroy(
  snapshot: Snapshot,
  database: readonly Action[],
  namespace: LiveCheck['namespace'],
  now: number,
): Decision {
  const before = lifeFieldsOf(snapshot.tenant)
  const life: LifeFields = {
    ...before,
    purge: { ...before.purge, startedAt: before.purge?.startedAt ?? timestamp(now) },
  }
  const verdict: Verdict = {
    reason: 'Purging',
    message: 'The retention of the archived tenant is over: Tenantry removes the database and the namespace.',
  }
  const outlook = outlookOf(snapshot, verdict, life)
  const between = before.purge?.startedAt === undefined ? statusBetween(snapshot, outlook, now) : undefined
  return {
    stages: destruction(database, namespace, between),
    outlook,
    requeueAfter: namespace === undefined ? 0 : snapshot.settings.retryInterval,
  }
}

function finish(snapshot: Snapshot, now: number): Decision {
  const { purge, ...before } = lifeFieldsOf(snapshot.tenant)
  const startedAt = purge?.startedAt ?? timestamp(now)
  return {
    stages: [],
    outlook: purgedOutlook(snapshot, now, { ...before, purge: { ...purge, startedAt, finishedAt: timestamp(now) } }),
  }
}

/**
 * At rest: nothing is made, repaired or looked at any more. Only the names can still have a problem.
 */
export function decidePurged(snapshot: Snapshot, problem: Verdict | undefined, now: number): Decision {
  const outlook = purgedOutlook(snapshot, now, lifeFieldsOf(snapshot.tenant))
  if (problem === undefined || !isAboutNames(problem) || outlook.stalled !== undefined) return { stages: [], outlook }
  return { stages: [], outlook: { ...outlook, ready: { status: 'False', ...problem }, stalled: problem } }
}

function purgedOutlook(snapshot: Snapshot, now: number, life: LifeFields): Outlook {
  const { tenant } = snapshot
  const status = { observedGeneration: -1, ...tenant.status, ...life }
  const { verdict } = effectiveStateOf({ ...snapshot, tenant: { ...tenant, status } }, now)
  const outlook = outlookOf(snapshot, verdict, life)
  const problem: Verdict | undefined =
    tenant.spec.state === 'Archived' ? undefined : { ...verdict, reason: 'StateNotAllowed' }
  return {
    ...outlook,
    phase: 'Purged',
    ready: problem === undefined ? { status: 'True', ...verdict } : { status: 'False', ...problem },
    reconciling: undefined,
    stalled: problem,
  }
}

function wait(snapshot: Snapshot, verdict: Verdict, stalled: boolean): Decision {
  return {
    stages: [],
    outlook: stalled ? stuck(snapshot, verdict) : outlookOf(snapshot, verdict, lifeFieldsOf(snapshot.tenant)),
    stuck: true,
  }
}

/** The data is gone, and this purge has not removed it. */
function withoutData(snapshot: Snapshot, verdict: Verdict, now: number): Outlook {
  return { ...stuck(snapshot, verdict), database: verdict, fields: lossField(snapshot, now) }
}

function stuck(snapshot: Snapshot, verdict: Verdict): Outlook {
  return { ...outlookOf(snapshot, verdict, lifeFieldsOf(snapshot.tenant)), reconciling: undefined, stalled: verdict }
}

function outlookOf({ tenant }: Snapshot, verdict: Verdict, life: LifeFields): Outlook {
  return {
    phase: life.purge?.startedAt === undefined ? 'Archived' : 'Purged',
    ready: { status: 'False', ...verdict },
    reconciling: verdict,
    stalled: undefined,
    namespace: tenant.status?.purge?.startedAt === undefined ? 'Done' : verdict,
    database: tenant.status?.purge?.startedAt === undefined ? 'Done' : verdict,
    off: verdict,
    fields: {},
    life,
  }
}
