/**
 * Judges an AccessGrant: whether it entitles its user now. The tenant's own pass binds users by this judgement, and the
 * status of the AccessGrant reports it. Pure.
 */
import type { AccessGrant } from '../../api/accessgrant.ts'
import { findCondition } from '../../api/conditions.ts'
import { grantProblemOf, technicianUser } from './grant-problems.ts'
import type { GrantFacts } from './grant-problems.ts'
import { endOf, hasEnded } from './grant-end.ts'
import { grantRefused } from './verdicts.ts'
import type { GrantVerdict } from './verdicts.ts'

export type Judgement =
  /** `user`: the Kubernetes user; `end`: milliseconds since the epoch, undefined with an open end. */
  | { readonly kind: 'Entitled'; readonly user: string; readonly end: number | undefined }
  | { readonly kind: 'Ended'; readonly end: number }
  | { readonly kind: 'Not'; readonly verdict: GrantVerdict }

export function judge(facts: GrantFacts): Judgement {
  const { grant, now } = facts
  const past = decided(grant)
  if (past !== undefined) return past
  const end = endOf(grant, facts.settings)
  if (end !== undefined && end <= now) return { kind: 'Ended', end }
  const verdict = grantProblemOf(facts)
  if (verdict !== undefined) return { kind: 'Not', verdict }
  const user = grant.spec.type === 'Masquerade' ? grant.spec.username : technicianUser(facts)
  if (user === undefined) return { kind: 'Not', verdict: grantRefused('spec.username names no user.') }
  return { kind: 'Entitled', user, end }
}

/** A final verdict on a masquerade: one that was refused does not begin later, unasked. */
export function decided(grant: AccessGrant): Judgement | undefined {
  const { spec, status } = grant
  if (hasEnded(grant)) return { kind: 'Ended', end: Date.parse(status?.endsAt ?? '1970-01-01T00:00:00Z') }
  if (spec.type !== 'Masquerade' || status?.phase !== 'Refused') return undefined
  const said = findCondition(status.conditions, 'Ready')
  return { kind: 'Not', verdict: grantRefused(said?.message ?? 'The masquerade was refused.', said?.reason) }
}
