/**
 * The decisions for a Tenant that is to take over an earlier one: it takes over, or waits, and creates nothing.
 * Pure.
 */
import { finalizer } from '../../api/names.ts'
import type { Verdict } from '../../api/verdict.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { Action, Stage } from '../model/action.ts'
import { adoptionProblem, adoptionWait } from '../validation/adoption-problems.ts'
import { cloudIdClaim } from '../model/name-claim.ts'
import { placeOn } from '../names/claiming.ts'
import { markOf } from '../../domain/marks.ts'
import { stagesOf } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import { closedTarget } from '../removal/removal-actions.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { stall } from './idle-decisions.ts'
import { unreachable } from '../validation/server-watch.ts'
import type { Outlook } from '../model/outlook.ts'
import type { Adoption, MarkedDatabase } from '../model/adoption.ts'

/**
 * Undefined where there is nothing to take over, or all of it is done; a tenant with a life of its own goes on with it.
 */
export function decideTakeover(snapshot: Snapshot, now: number): Decision | undefined {
  const { adoption } = snapshot
  if (adoption === undefined || adoption.settled) return undefined
  const { pollInterval } = snapshot.settings
  const unseen = adoptionWait(adoption)
  if (unseen !== undefined) {
    const { blocker, stalled, ...waits } = unreachable(unseen.server, unseen.refusal)
    const outlook = outlookOf(blocker, 'Pending')
    const told = stalled ? { ...outlook, reconciling: undefined, stalled: blocker } : outlook
    return { stages: [], outlook: told, ...waits, stuck: true }
  }
  const problem = adoptionProblem(adoption)
  // A status that came back from a backup may say that the tenant exists: this Tenant did not make it.
  if (problem !== undefined) return stall(snapshot, problem)
  const verdict: Verdict = { reason: 'Adopting', message: `The tenant is taking over ${adoption.asked}.` }
  return {
    stages: stagesOf(...adopting(adoption, snapshot, now)),
    outlook: outlookOf(verdict, 'Provisioning'),
    requeueAfter: pollInterval,
  }
}

function outlookOf(verdict: Verdict, phase: Outlook['phase']): Outlook {
  return {
    phase,
    ready: { status: 'False', ...verdict },
    reconciling: verdict,
    stalled: undefined,
    namespace: verdict,
    database: verdict,
    fields: {},
  }
}

/** The names first, since everything else is recorded with them; the repair of drift marks the rest again. */
function adopting(adoption: Adoption, snapshot: Snapshot, now: number): readonly Stage[] {
  const { tenant } = snapshot
  const bound = tenant.metadata.finalizers?.includes(finalizer) === true
  const [databaseState] = adoption.databases
  return [
    bound ? [] : [{ target: 'Tenant', actions: [{ kind: 'AddFinalizer' }] }],
    databaseState === undefined
      ? []
      : [{ target: 'Claims', actions: takingDatabase(databaseState, adoption.asked, snapshot, now) }],
    adoption.claims.map(({ name, holder }) => ({
      target: 'Claims' as const,
      actions: [{ kind: 'AdoptClaim' as const, claim: name, from: holder }],
    })),
  ]
}

/** The acceptances before the claim: with the claim the directory becomes this tenant's, and is rewritten. */
function takingDatabase(
  { server, uid, names: database, isolation }: MarkedDatabase,
  asked: string,
  snapshot: Snapshot,
  now: number,
): readonly Action[] {
  const { identity, names } = snapshot
  const heir = { ...identity, formerUids: [...identity.formerUids, uid] }
  const target = closedTarget(database, markOf(heir), isolation)
  const earlier = asked === uid ? undefined : asked.slice(identity.installation.length + 1)
  const claim = cloudIdClaim(heir, { ...names, database, isolation }, placeOn(snapshot, server))
  return [
    { kind: 'RestoreAcceptances', server, target, from: uid, at: timestamp(now) },
    { kind: 'ClaimDatabase', claim, from: uid, earlier, owner: database.owner },
  ]
}
