/** Whether an administrator allowed the removal of a tenant's data without a last dump. Pure. */
import { annotations } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import { repeatsName } from '../../runtime/objects/object.ts'

export function isDumpSkipped(tenant: Pick<Tenant, 'metadata'>): boolean {
  return repeatsName(tenant, annotations.skipFinalDump)
}
