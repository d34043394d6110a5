/** The types of the facts at each step of an observation. */
import type { LicenseSource } from '../../license/judge-license.ts'
import type { RecentDeletions } from '../model/deletion-hold.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** The facts from the first live reads. */
export interface FirstFacts extends Pick<Snapshot, 'children' | 'live'> {
  readonly licenseSource: LicenseSource
  readonly recentDeletions: RecentDeletions | undefined
}

/** What the rules say of them. */
type Judgements = Pick<Snapshot, 'license' | 'brake' | 'grace'>

/** The facts from the live reads that follow. */
export type LiveFacts = Pick<
  Snapshot,
  'databaseState' | 'authorities' | 'adoption' | 'login' | 'preview' | 'drain' | 'stuckWorkloads'
>

/** `adoption`: without what the servers tell. `children`: without a Secret that the cache has not heard of. */
export type CachedFacts = Omit<Snapshot, keyof FirstFacts | keyof Judgements | keyof LiveFacts> &
  Pick<Snapshot, 'adoption' | 'children'>

/** The facts that decide what else is read. */
export type ReadFacts = Omit<Snapshot, keyof LiveFacts> & Pick<Snapshot, 'adoption'>
