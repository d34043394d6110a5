/** A builder: what is known of one TenantAdmin at one moment, as `observe` gathers it. */
import type { AdminTenant } from '../../../operator/domain/admin-tenant.ts'
import type { Gathered, Snapshot } from '../../../operator/tenantadmin/snapshot.ts'
import { tenant, tenantAdmin } from './gen.ts'

/** A tenant whose plan offers two roles, and admits three admins. */
export function foundTenant(over: Partial<Extract<AdminTenant, { kind: 'Found' }>> = {}): AdminTenant {
  return {
    kind: 'Found',
    tenant: tenant(),
    uids: [''],
    parent: undefined,
    offeredRoles: ['viewer', 'editor'],
    maxAdmins: 3,
    ...over,
  }
}

export function gathered(over: Partial<Gathered> = {}): Gathered {
  return {
    admin: tenantAdmin(),
    home: foundTenant(),
    others: [],
    acceptances: [],
    inherited: [],
    keys: { current: 'k', invite: true },
    password: 'NotAsked',
    firstPassword: { source: undefined, kept: undefined },
    relay: undefined,
    trouble: undefined,
    jitter: 0,
    live: undefined,
    ahead: 0,
    ...over,
  }
}

export function snapshot(over: Partial<Snapshot> = {}): Snapshot {
  return { ...gathered(), invites: undefined, wait: undefined, ...over }
}
