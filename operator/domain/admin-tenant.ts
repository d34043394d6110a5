/** The tenant that an admin belongs to. Frozen data. */
import type { Tenant } from '../api/tenant.ts'

/** The tenant that the admin belongs to. */
export type AdminTenant =
  /** `wanted` says in words which tenant was looked for. */
  | { readonly kind: 'Missing'; readonly wanted: string }
  | {
      readonly kind: 'Found'
      readonly tenant: Tenant
      /** The tenant's uid, and the uids of the tenants that it has taken over. */
      readonly uids: readonly string[]
      /** The MSP in whose namespace the tenant lies. */
      readonly parent: Tenant | undefined
      /** Names of the roles that the tenant's plan offers; undefined while its plan is not known. */
      readonly offeredRoles: readonly string[] | undefined
      /** How many admins the tenant's plan allows. */
      readonly maxAdmins: number
    }
