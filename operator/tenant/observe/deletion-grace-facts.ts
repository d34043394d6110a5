/**
 * Whether the grace period of a deletion is over, by the API server's clock (the deletionTimestamp) and the operator's.
 */
import type { SteadyClock } from '../../runtime/base/steady-clock.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { isReleasedByName } from '../lifecycle/deletion-grace.ts'
import { losesData } from '../removal/deletion-loss.ts'
import type { LossFacts } from '../removal/deletion-loss.ts'
import { deletionTerms } from '../lifecycle/deletion-terms.ts'
import type { TermsFacts } from '../lifecycle/deletion-terms.ts'
import type { Grace } from '../model/deletion-hold.ts'

/**
 * Undefined where nothing would be lost, and once it is over. The reported time is never brought forward, only put off.
 */
export function observeGrace(facts: LossFacts & TermsFacts, clock: Pick<SteadyClock, 'now'>): Grace | undefined {
  const { tenant } = facts
  if (!losesData(facts) || isReleasedByName(tenant)) return undefined
  const { grace, graceBy } = deletionTerms(facts)
  const told = tenant.status?.deletion?.notBefore
  if (grace === 0 && told === undefined) return undefined
  const due = Date.parse(tenant.metadata.deletionTimestamp ?? '') + grace
  const at = Math.max(due, told === undefined ? due : Date.parse(told))
  const left = at - clock.now()
  return left <= 0 ? undefined : { until: timestamp(at), in: left, by: at === due ? graceBy : undefined }
}
