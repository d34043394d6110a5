/** The parts of the status that a decision leaves as they were. Pure. */
import { isTrue } from '../../api/conditions.ts'
import type { TenantConditionType } from '../../api/conditions.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Part } from '../model/outlook.ts'

/** Keeps a condition that was True, for example when the plan is missing. */
export function unchangedPart(
  { tenant }: Pick<Snapshot, 'tenant'>,
  type: TenantConditionType,
  otherwise: Verdict,
): Part {
  return isTrue(tenant.status?.conditions, type) ? 'Done' : otherwise
}
