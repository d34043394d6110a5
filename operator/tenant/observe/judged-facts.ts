/** The facts of the first reads, with what the rules say of them: the license, and what holds a deletion. Pure. */
import { judgeLicense } from '../../license/judge-license.ts'
import { holdsOn } from '../lifecycle/deletion-holds.ts'
import type { Instant } from '../lifecycle/deletion-holds.ts'
import { ownCloudIds } from '../validation/cloud-ids.ts'
import type { CachedFacts, FirstFacts, ReadFacts } from './facts.ts'

export function judgedFacts(cached: CachedFacts, first: FirstFacts, at: Instant): ReadFacts {
  const { licenseSource: source, recentDeletions, ...read } = first
  const facts = { ...cached, ...read }
  const question = { source, cloudIds: ownCloudIds(facts), granted: facts.tenant.status?.license }
  return { ...facts, license: judgeLicense(question, at.now), ...holdsOn(facts, recentDeletions, at) }
}
