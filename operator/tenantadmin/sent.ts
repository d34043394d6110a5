/** The mail that a decision sends. Pure. */
import type { Decision, Situation } from './decision.ts'

/** The situation once it is sent, as far as it differs from the one found; undefined where no mail is due. */
export function sentBy({ actions }: Decision): Partial<Situation> | undefined {
  for (const action of actions) {
    if (action.kind === 'SendInvite')
      return { invite: action.invite, putOff: undefined, heldUntil: undefined, paced: undefined }
    if (action.kind === 'SendWarning') return { warning: action.warning }
  }
  return undefined
}
