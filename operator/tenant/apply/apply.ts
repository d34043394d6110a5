/**
 * Carries a decision out: stages one after the other, lanes side by side, actions in order. A lane that fails stops,
 * and those after it do not begin; the others of its stage finish, so that a failure of one target does not keep the
 * others waiting.
 */
import { isDatabaseAction } from '../model/action.ts'
import type { Action, Lane, PlannedDatabaseAction, Stage, Target } from '../model/action.ts'
import { restoreAcceptances } from './acceptances.ts'
import { applyDatabaseAction, assume } from './database-action.ts'
import type { DatabasePorts } from './database-action.ts'
import { applyDump } from './dump-action.ts'
import type { DumpPorts } from './dump-action.ts'
import { applyKubeAction } from './kubernetes.ts'
import { writeLineOf } from '../../api/log-lines.ts'
import type { LineWriter } from '../../api/log-lines.ts'
import { thingOf } from '../contests/contested-thing.ts'
import { databaseDrift } from '../database/drift.ts'
import { Notes, watchedKube } from './effect-recorder.ts'
import { lineOf } from './effects.ts'
import { Postponed } from '../model/errors.ts'
import { whyOf } from './occasion.ts'
import { isDataLost } from '../../postgres/model/shape.ts'
import type { Clock } from '../../runtime/base/clock.ts'
import type { Failure, Outcome } from '../model/outcome.ts'
import type { KubePorts, ApplyContext } from './apply-context.ts'
import type { Attempt, Dispute } from '../contests/attempt.ts'

export type ApplyPorts = Omit<KubePorts, 'dispute'> &
  DatabasePorts &
  DumpPorts & { readonly clock: Pick<Clock, 'monotonic'>; readonly log: LineWriter }

export async function apply(stages: readonly Stage[], context: ApplyContext, ports: ApplyPorts): Promise<Outcome> {
  for (const [index, stage] of stages.entries()) {
    const ends = await runStage(stage, context, ports)
    const failures = ends.filter((end) => typeof end === 'object')
    if (failures.length === 0) continue
    const held = stage.filter((_, at) => ends[at] === 'Skipped')
    const later = stages.slice(index + 1).flat()
    const skipped = [...held, ...later].map(({ target }) => target)
    const undone = [
      ...stage.flatMap(({ actions }, at) => undoneOf(actions, ends[at])),
      ...later.flatMap(({ actions }) => actions),
    ]
    return {
      effects: context.effects,
      failures,
      skipped,
      undone,
      refusedParameters: context.refusedParameters,
      tenant: context.tenant,
    }
  }
  return {
    effects: context.effects,
    failures: [],
    skipped: [],
    undone: [],
    refusedParameters: context.refusedParameters,
    tenant: context.tenant,
  }
}

function undoneOf(actions: readonly Action[], end: End | undefined): readonly Action[] {
  if (end === 'Skipped') return actions
  return typeof end === 'object' ? actions.slice(actions.indexOf(end.action)) : []
}

type End = 'Done' | 'Skipped' | Failure

/** In the order of the lanes. */
async function runStage(stage: Stage, context: ApplyContext, ports: ApplyPorts): Promise<readonly End[]> {
  const named = new Map<string, Promise<End>>()
  const running = stage.map((lane) => {
    const before = (lane.after ?? []).flatMap((name) => named.get(name) ?? [])
    const end = runAfter(before, lane, context, ports)
    if (lane.name !== undefined) named.set(lane.name, end)
    return end
  })
  const ends = await Promise.all(running)
  const database = stage.filter(({ target }) => target === 'Database')
  const complete = database.every((lane) => ends[stage.indexOf(lane)] === 'Done')
  const last = database.flatMap(({ actions }) => actions.filter(isDatabaseAction)).at(-1)
  if (complete && last !== undefined && reachesTarget(last, context)) assume(last, ports)
  return ends
}

async function runAfter(
  before: readonly Promise<End>[],
  lane: Lane,
  context: ApplyContext,
  ports: ApplyPorts,
): Promise<End> {
  const ends = await Promise.all(before)
  return ends.every((end) => end === 'Done') ? runLane(lane, context, ports) : 'Skipped'
}

async function runLane({ target, actions }: Lane, context: ApplyContext, ports: ApplyPorts): Promise<End> {
  for (const action of actions) {
    try {
      context.signal.throwIfAborted()
      await act(action, target, context, ports)
    } catch (error) {
      if (!(error instanceof Postponed)) return { target, action, error }
      // The password waits for its Secret; everything else that comes afterwards exists already.
      if (action.kind === 'EnsureBinding') return 'Skipped'
    }
  }
  return 'Done'
}

/** One action; its effect is reported at once, also where it fails half way, as a crash may be next. */
async function act(action: Action, target: Target, context: ApplyContext, ports: ApplyPorts): Promise<void> {
  const { contests, identity } = context
  const thing = thingOf(action, target)
  const attempt = thing && contests.begin(identity.uid, thing)
  const notes = new Notes()
  const watched = { ...ports, kube: watchedKube(ports.kube, notes), dispute: attempt ?? undisputed }
  const begun = ports.clock.monotonic()
  try {
    await perform(action, context, watched, notes)
  } finally {
    if (notes.did !== undefined)
      logEffect(action, target, { notes, attempt }, ports.clock.monotonic() - begun, context, ports.log)
  }
}

const undisputed: Dispute = { found: () => {}, answered: () => {} }

type ActionPorts = ApplyPorts & { readonly dispute: Dispute }

async function perform(action: Action, context: ApplyContext, ports: ActionPorts, notes: Notes): Promise<void> {
  if (isDatabaseAction(action)) {
    ports.dispute.found(databaseDrift(context.databaseState, action))
    notes.ofDatabase(await applyDatabaseAction(action, context, ports))
    if (notes.refusedParameters.length > 0)
      context.refusedParameters = { server: action.server, names: notes.refusedParameters }
  } else if (action.kind === 'Dump') applyDump(action, ports)
  else if (action.kind === 'RehearseDump') ports.rehearsals?.begin(action, action.key)
  else if (action.kind === 'RestoreAcceptances') await restoreAcceptances(action, context, ports)
  else await applyKubeAction(action, context, ports)
}

function logEffect(
  action: Action,
  target: Target,
  {
    notes: { did, directoryLost, notCarried },
    attempt,
  }: { readonly notes: Notes; readonly attempt: Attempt | undefined },
  milliseconds: number,
  { identity, occasion, effects, contests }: ApplyContext,
  log: LineWriter,
): void {
  const line = did && lineOf(action, did)
  if (did === undefined || line === undefined) return
  const why = whyOf(action, target, did, occasion)
  const contested = attempt !== undefined && contests.end(identity.uid, attempt, why === 'repair')
  effects.push({
    action,
    did,
    why,
    ...(directoryLost ? { directoryLost } : {}),
    ...(contested ? { contested } : {}),
    ...(notCarried.length === 0 ? {} : { notCarried }),
  })
  const { tenant, uid } = identity
  const durationMs = Math.round(milliseconds)
  writeLineOf(log, { tenant, uid, why, durationMs }, line)
}

/** Whether the database is as its target says once this last action is done. Roles alone do not bring lost data back. */
function reachesTarget(
  { kind, target }: PlannedDatabaseAction,
  { databaseState, refusedParameters }: ApplyContext,
): boolean {
  const isLost = databaseState.kind === 'Observed' && isDataLost(target, databaseState.observed)
  return !unsettling.has(kind) && !isLost && refusedParameters === undefined
}

/** Actions after which the database is not as its target says, or not for long. */
const unsettling: ReadonlySet<Action['kind']> = new Set<Action['kind']>([
  'PrepareLogin',
  'DisableLogins',
  'TerminateSessions',
  'DropDatabase',
  'DropRoles',
  'EndDump',
])
