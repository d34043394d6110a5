/** The action that writes the status in the middle of a pass, before something long or final begins. Pure. */
import type { Action } from '../model/action.ts'
import type { Outlook } from '../model/outlook.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { statusOf } from '../status/status.ts'
import { withContests } from './contested.ts'

/** The action that writes it. `now`: milliseconds since the epoch. */
export function statusBetween(snapshot: Snapshot, outlook: Outlook, now: number): Action {
  return { kind: 'WriteStatus', status: statusOf(snapshot, withContests(outlook, snapshot.contested), now) }
}
