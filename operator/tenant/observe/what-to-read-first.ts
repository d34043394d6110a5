/** What is read live first about a tenant, by the facts from the caches: what decides what else is read. Pure. */
import type { Tenant } from '../../api/tenant.ts'
import { isCounted } from '../lifecycle/deletion-holds.ts'
import { isPurging } from '../lifecycle/life-fields.ts'
import { isDumpSkipped } from '../lifecycle/skipped-dump.ts'
import { childId } from '../model/snapshot.ts'
import type { CachedFacts } from './facts.ts'

export interface FirstReads {
  /**
   * The Secret that should exist and is not cached. A cache that has not heard of it yet must not pass for its loss,
   * which would change the password.
   */
  readonly secret: string | undefined
  /** Whether the cluster is checked, as something of the tenant may be removed. */
  readonly cluster: boolean
  /** The path of the last dump on which that removal relies. */
  readonly dump: string | undefined
  /** Whether the record of deletions is read, by which the brake judges. */
  readonly deletions: boolean
}

/** The license is always read. `now`: milliseconds since the epoch. */
export function whatToReadFirst(facts: CachedFacts, now: number): FirstReads {
  const { tenant, children } = facts
  const secret = tenant.status?.database?.binding?.name
  const isCached = secret !== undefined && children[childId('Secret', secret)]?.password !== undefined
  const mayEnd = tenant.metadata.deletionTimestamp !== undefined || isPurging(facts, now)
  return {
    secret: isCached ? undefined : secret,
    cluster: mayEnd,
    dump: mayEnd && !isDumpSkipped(tenant) ? recordedDump(tenant) : undefined,
    deletions: isCounted({ ...facts, live: undefined }),
  }
}

function recordedDump({ metadata, status }: Tenant): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return status?.deletion?.dump
  return status?.purge?.finishedAt === undefined ? status?.purge?.dump : undefined
}
