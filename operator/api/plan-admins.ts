/** The fields of a TenantPlan on admins: how many a tenant may have, and how many are invited per day. */
import { z } from 'zod'

/** The default where no plan says otherwise: more than a tenant's admins need. */
export const adminsDefault = { max: 100, invitesPerDay: 200 } as const

export const admins = z.object({
  max: z
    .int()
    .min(1)
    .max(10_000)
    .default(adminsDefault.max)
    .describe(
      'The maximum number of TenantAdmins of a tenant. TenantAdmins that are already invited stay; the others are invited in the order of their creation.',
    ),
  invitesPerDay: z
    .int()
    .min(1)
    .max(100_000)
    .default(adminsDefault.invitesPerDay)
    .describe(
      "The maximum number of invites per day (UTC) in a tenant's name. Resends and the invites of deleted TenantAdmins count. The invites of an MSP's customers count for the MSP.",
    ),
})
