/** What a TenantPlan says of the deletion of its tenants. */
import { z } from 'zod'
import { durationOrNone } from './fields.ts'

export const deletion = z
  .object({
    grace: durationOrNone()
      .describe(
        "The grace period: how long a deleted Tenant stays as it is, counted from its deletion, before anything of it is removed; 0s: not at all. Default: the installation's settings.deletion.grace.",
      )
      .optional(),
    finalDump: z
      .boolean()
      .describe(
        "Whether a last dump is taken, and proved by a restore, before anything is removed, as before a purge. Default: the installation's settings.deletion.finalDump.",
      )
      .optional(),
  })
  .meta({ description: "What happens to a tenant once it is deleted. Default: the installation's settings." })
