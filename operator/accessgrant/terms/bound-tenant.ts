/**
 * The record of the Tenant that an AccessGrant was given for, so that it opens no other Tenant of that name
 * (docs/decisions/0022-bound-to-one-tenant.md). The reconciler of AccessGrants writes it, and the tenant's own pass
 * binds no user before. Pure.
 */
import type { AccessGrant } from '../../api/accessgrant.ts'
import type { Tenant } from '../../api/tenant.ts'
import { isBeingDeleted } from './access-blocker.ts'

export interface GivenFacts {
  readonly grant: AccessGrant
  /** The Tenant of the name in spec.tenantRef. */
  readonly tenant: Tenant
  /** The tenant's uid, and those of the tenants that it has taken over. */
  readonly uids: readonly string[]
  /** Whether its RoleBinding names this AccessGrant: a record of it, should the status be lost. */
  readonly named: boolean
}

/** `Open`: for no tenant so far. */
export function givenFor(facts: GivenFacts): 'This' | 'Another' | 'Open' {
  const { grant, uids, named } = facts
  const recorded = grant.status?.tenantUid
  if (recorded !== undefined) return uids.includes(recorded) ? 'This' : 'Another'
  if (beganBefore(facts)) return 'Another'
  return named ? 'This' : 'Open'
}

/** For access from before tenants were recorded: it began before this tenant was created, which took over no other. */
function beganBefore({ grant, tenant, uids }: GivenFacts): boolean {
  const [created, started] = [grant.metadata.creationTimestamp, grant.status?.startedAt]
  const since = tenant.metadata.creationTimestamp
  if (uids.length > 1 || created === undefined || started === undefined || since === undefined) return false
  return Date.parse(created) < Date.parse(since) && Date.parse(started) < Date.parse(since)
}

/** Whether it was created after the tenant's deletion had begun. */
function createdSince({ metadata: { deletionTimestamp } }: Tenant, { metadata }: AccessGrant): boolean {
  const { creationTimestamp } = metadata
  if (creationTimestamp === undefined || deletionTimestamp === undefined) return false
  return Date.parse(creationTimestamp) > Date.parse(deletionTimestamp)
}

/**
 * The AccessGrant with its tenant recorded; one that was created during the tenant's deletion is for the next tenant.
 */
export function withTenant(facts: GivenFacts): AccessGrant {
  const { grant, tenant } = facts
  const given = givenFor(facts)
  if (given === 'Another' || (given === 'Open' && isBeingDeleted(tenant) && createdSince(tenant, grant))) return grant
  const status = {
    observedGeneration: grant.metadata.generation ?? 0,
    ...grant.status,
    tenantUid: tenant.metadata.uid ?? '',
  }
  return { ...grant, status }
}
