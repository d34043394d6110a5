/** What a plan that takes nothing away says of the parts of the tenant: what was said before. Pure. */
import { findCondition, isTrue } from '../api/conditions.ts'
import type { TenantConditionType } from '../api/conditions.ts'
import type { Verdict } from '../api/verdict.ts'
import { anyCanLogin } from '../postgres/drift.ts'
import type { Seen } from './seen.ts'
import { standingOf } from './standing.ts'
import type { Outlook, Part } from './status.ts'

/** What was there before is there still: a plan that is gone, say, takes nothing away. */
export function kept({ tenant }: Pick<Seen, 'tenant'>, type: TenantConditionType, otherwise: Verdict): Part {
  return isTrue(tenant.status?.conditions, type) ? 'Done' : otherwise
}

/** Nothing at all is touched: who could log in still can, and who could not cannot. */
export function untouched(
  seen: Seen,
  otherwise: Verdict,
  now: number,
): Pick<Outlook, 'namespace' | 'database' | 'off'> {
  const namespace = kept(seen, 'NamespaceReady', otherwise)
  const database = kept(seen, 'DatabaseReady', otherwise)
  const off = namespace === 'Done' && database === 'Done' ? whyOff(seen, otherwise, now) : undefined
  return { namespace, database, ...(off === undefined ? {} : { off }) }
}

/** What was said, or what is seen where a pass that turned the logins off could not say so any more. */
function whyOff(seen: Seen, otherwise: Verdict, now: number): Verdict | undefined {
  const available = findCondition(seen.tenant.status?.conditions, 'Available')
  if (available?.status === 'False') return { reason: available.reason, message: available.message }
  const observed = seen.corner.kind === 'Seen' ? seen.corner.observed : undefined
  if (observed === undefined || anyCanLogin(observed)) return undefined
  const { phase, verdict } = standingOf(seen, now)
  return phase === 'Active' ? otherwise : verdict
}
