/** Reads the snapshot of one AccessGrant from the caches. */
import type { AccessGrant } from '../api/accessgrant.ts'
import { grantedBindingName } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import { homeOf } from '../domain/hierarchy.ts'
import { adminsOf, uidsOf } from '../domain/ownership.ts'
import type { AccessGrantPorts } from './ports.ts'
import type { Snapshot, TenantSnapshot } from './terms/snapshot.ts'
import { grantsInForce, grantsTold } from '../domain/granted-annotation.ts'

type Caches = AccessGrantPorts['caches']

export function observe(grant: AccessGrant, caches: Caches): Snapshot {
  const { metadata, spec } = grant
  const tenant = caches.tenants.get(`${metadata.namespace ?? ''}/${spec.tenantRef.name}`)
  const masquerades = spec.type === 'Masquerade' ? caches.grants.by('masquerader', spec.username) : []
  return { grant, target: tenant && targetOf(grant, tenant, caches), masquerades }
}

function targetOf({ metadata }: AccessGrant, tenant: Tenant, caches: Caches): TenantSnapshot {
  const home = homeOf(tenant, caches)
  const staff = home.kind === 'Msp' ? adminsOf(home.parent, home.parent.status?.namespace, caches) : []
  const binding = caches.children.RoleBinding.get(`${tenant.status?.namespace ?? ''}/${grantedBindingName}`)
  const uids = uidsOf(tenant, caches)
  const ours = binding !== undefined && uids.includes(binding.tenantUid ?? '') && !binding.deleting
  const names = (told: readonly string[]) => ours && told.includes(metadata.uid ?? '')
  const bound = binding?.tenantUid === tenant.metadata.uid && names(grantsInForce(binding?.grants))
  return { tenant, uids, home, staff, named: names(grantsTold(binding?.grants)), bound }
}
