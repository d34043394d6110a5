/** What a plan that takes nothing away says of the parts of the tenant: what was said before. Pure. */
import { findCondition, isTrue } from '../api/conditions.ts'
import type { TenantConditionType } from '../api/conditions.ts'
import type { Verdict } from '../api/verdict.ts'
import type { Seen } from './seen.ts'
import type { Outlook, Part } from './status.ts'

/** What was there before is there still: a plan that is gone, say, takes nothing away. */
export function kept({ tenant }: Pick<Seen, 'tenant'>, type: TenantConditionType, otherwise: Verdict): Part {
  return isTrue(tenant.status?.conditions, type) ? 'Done' : otherwise
}

/** Nothing at all is touched: who could log in still can, and who could not cannot. */
export function untouched(
  seen: Pick<Seen, 'tenant'>,
  otherwise: Verdict,
): Pick<Outlook, 'namespace' | 'database' | 'off'> {
  const namespace = kept(seen, 'NamespaceReady', otherwise)
  const database = kept(seen, 'DatabaseReady', otherwise)
  const available = findCondition(seen.tenant.status?.conditions, 'Available')
  const off = namespace === 'Done' && database === 'Done' && available?.status === 'False'
  return { namespace, database, ...(off ? { off: { reason: available.reason, message: available.message } } : {}) }
}
