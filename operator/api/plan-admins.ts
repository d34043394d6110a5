/** What a TenantPlan says of the people of a tenant: how many there may be, and how many are invited in a day. */
import { z } from 'zod'

/** What holds where no plan says otherwise: more than anybody needs who runs a tenant. */
export const adminsDefault = { max: 100, invitesPerDay: 200 } as const

export const admins = z.object({
  max: z
    .int()
    .min(1)
    .max(10_000)
    .default(adminsDefault.max)
    .describe(
      'How many TenantAdmins a tenant may have. Who was invited keeps the place; of the others the oldest come first.',
    ),
  invitesPerDay: z
    .int()
    .min(1)
    .max(100_000)
    .default(adminsDefault.invitesPerDay)
    .describe(
      "How many invites a day (UTC) go out in a tenant's name: resends and those of deleted TenantAdmins count, those for an MSP's customers are the MSP's.",
    ),
})
