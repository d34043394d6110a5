/**
 * Decides about a tenant: from its snapshot to actions and an outlook. No clock, no I/O, no log. A deletion is another
 * decision from here, not another way of working.
 */
import { isPurging } from '../lifecycle/life-fields.ts'
import { namespaceForeign, problems } from '../validation/problems.ts'
import { uninvited } from '../access/admins.ts'
import { hasBegun } from '../lifecycle/deletion-rules.ts'
import { decideAlone } from './missing-parent.ts'
import { decideDeletion } from '../removal/deletion.ts'
import { withDeletionPreview } from '../removal/deletion-preview.ts'
import { awaitingAcceptance, parentDeleted, recordAway, renamesFirst } from '../lifecycle/prerequisites.ts'
import { hasStarted } from '../model/life-stage.ts'
import { licenseMissing } from '../lifecycle/license-rules.ts'
import { namesWork } from '../names/name-actions.ts'
import { place } from '../validation/placement.ts'
import type { Decision } from '../model/decision.ts'
import { planToFollow } from '../model/tenant-plan.ts'
import { decidePurge, decidePurged } from '../removal/purge.ts'
import { purgeBlocker } from '../lifecycle/purge-blockers.ts'
import { isDataLost } from '../model/data-loss.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { withRehearsal } from '../removal/rehearsal.ts'
import { hasData } from '../removal/removal-actions.ts'
import { stall, rest, waitFor } from './idle-decisions.ts'
import { effectiveStateOf } from '../lifecycle/effective-state-rules.ts'
import { decideTakeover } from './takeover.ts'
import { decideWithoutPlan } from './without-plan.ts'
import { withNames } from './with-names.ts'
import { failureVerdict } from '../../api/failures.ts'
import { firstOf } from '../../api/verdict.ts'
import type { Verdict } from '../../api/verdict.ts'
import { decideGivingUp } from './give-up.ts'
import { provision } from './provision.ts'

/** `now`: milliseconds since the epoch. */
export function decide(snapshot: Snapshot, now: number): Decision {
  if (snapshot.tenant.metadata.deletionTimestamp !== undefined)
    return decideDeletion(snapshot, now, (blocker) => decideStay(snapshot, now, blocker))
  const problem = firstOf(problems, snapshot)
  const decision = decideLife(snapshot, now, problem)
  // The names of a tenant that is taking over another are complete when all claims are its own.
  const named =
    snapshot.adoption?.settled === false ? decision : withNames(decision, snapshot, namesWork(snapshot, now, problem))
  return withDeletionPreview(withRehearsal(named, snapshot, now), snapshot, now)
}

/** The decision for everything but the names. */
function decideLife(snapshot: Snapshot, now: number, problem: Verdict | undefined): Decision {
  if (snapshot.tenant.status?.purge?.finishedAt !== undefined) return decidePurged(snapshot, problem, now)
  const purges = isPurging(snapshot, now) && purgeBlocker(snapshot, now) === undefined
  if (snapshot.live === undefined || !purges) return decideKept(snapshot, now, problem)
  const purge = decidePurge(snapshot, snapshot.live, now)
  return purge.keeps === true ? keepFirst(decideKept(snapshot, now, problem), purge) : purge
}

/**
 * A tenant whose deletion is blocked lives on under its names, but nothing is begun and nothing that is gone is
 * recreated. What a deletion has removed is no loss.
 */
function decideStay(snapshot: Snapshot, now: number, blocker: Verdict): Decision {
  const isLost = isDataLost(snapshot) && !hasBegun(snapshot.tenant)
  const stays = hasData(snapshot) || (isLost && snapshot.namespace?.deleting === false)
  const begins = snapshot.adoption?.settled === false || !stays
  const ends = snapshot.tenant.status?.purge?.startedAt !== undefined
  return begins || ends ? stall(snapshot, blocker) : decideKept(snapshot, now, blocker)
}

/** Drift is repaired before a last dump, since a dump that fails may keep the tenant for long. */
function keepFirst(kept: Decision, purge: Decision): Decision {
  return kept.stages.length === 0 ? purge : { ...kept, requeueAfter: 0 }
}

/** The decision for a tenant whose data stays. */
function decideKept(snapshot: Snapshot, now: number, problem: Verdict | undefined): Decision {
  const alone = decideAlone(snapshot)
  if (alone !== undefined) return alone
  const takeover = decideTakeover(snapshot, now)
  if (takeover !== undefined) return takeover
  const beginning = decideGivingUp(snapshot)
  if (beginning !== undefined) return beginning
  const stop = namespaceForeign(snapshot) ?? (hasStarted(snapshot) ? undefined : problem)
  if (stop !== undefined) return stall(snapshot, problem ?? stop)
  const effective = effectiveStateOf(snapshot, now)
  if (effective.phase !== 'Active' && !hasStarted(snapshot)) return rest(snapshot, effective, problem)
  const unlicensed = hasStarted(snapshot) ? undefined : licenseMissing(snapshot)
  const answer = awaitingAcceptance(snapshot)
  const prerequisite = parentDeleted(snapshot) ?? unlicensed ?? answer ?? renamesFirst(snapshot) ?? recordAway(snapshot)
  const unsent = answer !== undefined && prerequisite === answer ? uninvited(snapshot) : undefined
  if (prerequisite !== undefined) return waitFor(snapshot, prerequisite, problem ?? unsent)
  const { plan, without } = planToFollow(snapshot)
  if (plan === undefined)
    return decideWithoutPlan(snapshot, without, { effective, problem }, now) ?? waitFor(snapshot, without, problem)
  const placement = place(snapshot, plan)
  if (placement.wait !== undefined) return waitFor(snapshot, placement.wait, problem)
  if (snapshot.namespace?.deleting === true) return waitFor(snapshot, terminating(snapshot), problem)
  return provision(snapshot, { plan, server: placement.server, effective, problem }, now)
}

function terminating({ namespace }: Snapshot): Verdict {
  const blockers = namespace?.blockers ?? []
  const { reason, message } = failureVerdict('NamespaceDeleted', { name: namespace?.name ?? '' })
  const why = blockers.length === 0 ? '' : ` What blocks its deletion: ${blockers.join(' ')}`
  return { reason, message: `${message}${why}` }
}
