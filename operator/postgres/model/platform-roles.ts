/**
 * Roles of the platform that a DatabaseServer names: rights that an administrator gives them on a tenant's database
 * stay. Only to enter and to use it, and nothing that they could pass on.
 */
import type { TenantDatabase } from './port.ts'
import { aclGrantee } from './quote.ts'

/** The names of tenants' roles, and of roles for dumps. */
const ofTenants = /^t_[a-z0-9]{16}(_[a-z]+)?$/

type Named = Pick<TenantDatabase, 'platformRoles'>

/** Whether a right on the tenant's database is to stay. */
export function mayEnter(target: Named, item: string): boolean {
  return isNamed(target, item) && /=[CTc]+\/[^=]+$/.test(item)
}

/** Whether a right on the tenant's schema in a shared database is to stay. */
export function mayUse(target: Named, item: string): boolean {
  return isNamed(target, item) && /=U\/[^=]+$/.test(item)
}

function isNamed({ platformRoles = [] }: Named, item: string): boolean {
  const grantee = aclGrantee(item)
  return platformRoles.includes(grantee) && grantee !== '' && !ofTenants.test(grantee)
}
