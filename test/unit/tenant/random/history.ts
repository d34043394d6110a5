/**
 * What of a tenant's past counts for what it has to be now. The operator is not asked: when it looked is not known, so what
 * it may have seen is told from what it must have seen, which is what was so when all was at rest.
 */
import { parseDuration } from '../../../../operator/api/duration.ts'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import type { TenantPlan } from '../../../../operator/api/tenantplan.ts'
import { wantedPhase } from '../../../model/wanted.ts'
import type { Wanted } from '../../../model/wanted.ts'
import type { Life } from './life.ts'

export interface Past {
  /** Namespace and database. */
  mayBeMade: boolean
  isMade: boolean
  mayBeAccepted: boolean
  isAccepted: boolean
  archive?: Archive
  /** Its removal may have begun, or that of the tenant that it has taken over: what is gone then cannot be kept. */
  mayBeRemoved: boolean
  mayBePurged: boolean
  isPurged: boolean
  /** What the last pass may have made of it while its MSP was there: without the MSP it is left as it is. */
  phases: Set<Wanted>
}

/** Milliseconds since the epoch. */
interface Archive {
  /** It was seen to be archived between these. */
  from: number
  until: number
  /** Its data goes between these. */
  earliest: number
  latest: number
  /** All were at rest while it was archived, and it has been archived ever since. */
  sure: boolean
}

export class History {
  readonly #pasts = new Map<string, Past>()

  of({ metadata: { uid = '' } }: Tenant): Past {
    const past = this.#pasts.get(uid) ?? {
      mayBeMade: false,
      isMade: false,
      mayBeAccepted: false,
      isAccepted: false,
      mayBeRemoved: false,
      mayBePurged: false,
      isPurged: false,
      phases: new Set<Wanted>(),
    }
    this.#pasts.set(uid, past)
    return past
  }

  /** After every step: what a pass can see from now on. */
  note(life: Life): void {
    const now = life.world.clock.now()
    for (const tenant of life.tenants()) {
      const past = this.of(tenant)
      past.mayBeAccepted ||= isAccepted(tenant, life)
      past.mayBeMade ||= mayBeMade(tenant, past, life)
      past.mayBeRemoved ||= mayBeRemoved(tenant, life) || this.#earlierOf(tenant)?.mayBeRemoved === true
      if (!life.isOrphan(tenant)) past.phases.add(wantedPhase(tenant, life.parentOf(tenant), now))
      noteArchive(past, tenant, life)
      past.mayBePurged ||=
        tenant.spec.state === 'Archived' &&
        past.archive !== undefined &&
        now >= past.archive.earliest &&
        (keptBy(tenant, life) === undefined || life.world.cluster.isLagging('Tenant'))
    }
  }

  /** Of the tenant that this one is to take over. */
  #earlierOf({ metadata }: Tenant): Past | undefined {
    return this.#pasts.get(metadata.annotations?.['tenantry.dev/adopt'] ?? '')
  }

  /** When all is at rest, and as it should be. */
  rested(life: Life): void {
    for (const tenant of life.tenants()) {
      const past = this.of(tenant)
      past.isAccepted ||= isAccepted(tenant, life)
      past.isMade = life.hasDatabase(tenant)
      past.mayBeRemoved &&= !past.isMade
      past.isPurged ||= tenant.status?.phase === 'Purged'
      past.mayBePurged = past.isPurged
      if (life.isOrphan(tenant)) continue
      past.phases = new Set([wantedPhase(tenant, life.parentOf(tenant), life.world.clock.now())])
      if (tenant.spec.state !== 'Archived') delete past.archive
      else if (past.archive !== undefined) settleArchive(past.archive, retentionOf(tenant, life))
    }
  }
}

/** Deleted, and nothing blocked it: the next pass drops the database, and what is protected after that is half gone. */
function mayBeRemoved(tenant: Tenant, life: Life): boolean {
  const { metadata, spec } = tenant
  return (
    metadata.deletionTimestamp !== undefined &&
    spec.deletion.policy === 'Delete' &&
    removalBlocker(tenant, life) === undefined
  )
}

/** The reason for which a deleted Tenant with policy Delete stays. */
export function removalBlocker(tenant: Tenant, life: Life): 'DeletionProtected' | 'HasCustomers' | undefined {
  if (tenant.spec.deletion.protected) return 'DeletionProtected'
  return life.customersOf(tenant).length > 0 ? 'HasCustomers' : undefined
}

/** Some admin has accepted. */
function isAccepted(tenant: Tenant, life: Life): boolean {
  return life.adminsOf(tenant).some(({ status }) => status?.invite?.status === 'Accepted')
}

function mayBeMade(tenant: Tenant, past: Past, life: Life): boolean {
  if (tenant.metadata.annotations?.['tenantry.dev/adopt'] !== undefined) return true
  const wanted = wantedPhase(tenant, life.parentOf(tenant), life.world.clock.now())
  return wanted === 'Active' && (tenant.spec.provisioning === 'Immediate' || past.mayBeAccepted)
}

function retentionOf({ spec }: Tenant, { world }: Life): number {
  const plan = world.cluster.find<TenantPlan>('TenantPlan', 'standard')
  return parseDuration(spec.archive.retention ?? plan?.spec.archive.retention ?? '30d')
}

/** A longer retention puts the purge off, a shorter one pulls no date in that was set. */
function noteArchive(past: Past, tenant: Tenant, life: Life): void {
  const { archive } = past
  if (tenant.spec.state !== 'Archived') {
    if (archive !== undefined) archive.sure = false
    return
  }
  const now = life.world.clock.now()
  const retention = retentionOf(tenant, life)
  // Its archive begins when its MSP is there again.
  if (archive === undefined && life.isOrphan(tenant)) return
  // The status has whole seconds.
  const from = Math.min(now - 1000, archive?.from ?? now)
  if (archive === undefined) {
    past.archive = { from, until: now, earliest: from + retention, latest: now + retention, sure: false }
    return
  }
  if (!archive.sure) {
    archive.from = from
    archive.until = Math.max(archive.until, now)
    archive.earliest = Math.min(archive.earliest, from + retention)
  }
  archive.latest = Math.max(archive.latest, archive.until + retention)
}

function settleArchive(archive: Archive, retention: number): void {
  archive.sure = true
  archive.earliest = Math.max(archive.earliest, archive.from + retention)
}

/** The reason for which the data of one that is archived stays although its time is over. */
export function keptBy(tenant: Tenant, life: Life): 'Misplaced' | 'HasCustomers' | 'PurgeProtected' | undefined {
  if (life.isOrphan(tenant)) return 'Misplaced'
  if (life.customersOf(tenant).length > 0) return 'HasCustomers'
  const { deletion } = tenant.spec
  return deletion.protected || deletion.policy === 'Retain' ? 'PurgeProtected' : undefined
}
