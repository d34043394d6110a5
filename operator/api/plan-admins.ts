/** What a TenantPlan says of a tenant's admins: how many there may be, and how many are invited per day. */
import { z } from 'zod'

/** The default where no plan says otherwise: more than a tenant's admins need. */
export const adminsDefault = { max: 100, invitesPerDay: 200 } as const

export const admins = z.object({
  max: z
    .int()
    .min(1)
    .max(10_000)
    .default(adminsDefault.max)
    .describe('How many TenantAdmins a tenant may have. Invited ones stay; of the others the oldest come first.'),
  invitesPerDay: z
    .int()
    .min(1)
    .max(100_000)
    .default(adminsDefault.invitesPerDay)
    .describe(
      "How many invites per day (UTC) go out in a tenant's name: resends and invites of deleted TenantAdmins count, and invites for an MSP's customers count as the MSP's.",
    ),
})
