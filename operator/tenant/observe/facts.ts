/** The types of the facts at each step of an observation. */
import type { Snapshot } from '../model/snapshot.ts'

/** The first reads from the cluster, which decide what else is read. */
export type ClusterFacts = Pick<Snapshot, 'children' | 'license' | 'live' | 'brake' | 'grace'>

/** The facts from the live reads that follow. */
export type LiveFacts = Pick<
  Snapshot,
  'databaseState' | 'authorities' | 'adoption' | 'login' | 'preview' | 'drain' | 'stuckWorkloads'
>

/** `adoption`: without what the servers tell. `children`: without a Secret that the cache has not heard of. */
export type CachedFacts = Omit<Snapshot, keyof ClusterFacts | keyof LiveFacts> & Pick<Snapshot, 'adoption' | 'children'>

/** The facts of the first two steps. */
export type ReadFacts = Omit<Snapshot, keyof LiveFacts> & Pick<Snapshot, 'adoption'>
