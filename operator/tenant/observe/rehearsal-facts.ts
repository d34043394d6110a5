/**
 * The facts about a due rehearsal of a last dump. A finished one that is no longer due is forgotten, as the status has
 * it.
 */
import type { RetentionFacts } from '../lifecycle/life-fields.ts'
import type { DumpLookPorts } from './last-dump-facts.ts'
import { rehearsalDue } from '../removal/rehearsal.ts'
import type { RehearsalState } from '../model/live-facts.ts'

/** `now`: milliseconds since the epoch. */
export function observeRehearsal(facts: RetentionFacts, { rehearsals }: DumpLookPorts, now: number): RehearsalState {
  const { uid = '' } = facts.tenant.metadata
  const due = rehearsalDue(facts, rehearsals !== undefined, now)
  if (due === undefined) {
    rehearsals?.forget(uid)
    return undefined
  }
  return rehearsals === undefined ? 'NoTarget' : rehearsals.of(uid, due)
}
