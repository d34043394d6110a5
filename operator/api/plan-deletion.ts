/** The fields of a TenantPlan on the deletion of its tenants. */
import { z } from 'zod'
import { durationOrNone } from './schema-fields.ts'

export const deletion = z
  .object({
    grace: durationOrNone()
      .describe(
        'The grace period: how long after its deletion a Tenant stays as it is before anything of it is removed. 0s: no grace period. Default: settings.deletion.grace of the installation.',
      )
      .optional(),
    finalDump: z
      .boolean()
      .describe(
        'Whether a last dump is taken and verified by a restore before anything is removed, as before a purge. Default: settings.deletion.finalDump of the installation.',
      )
      .optional(),
  })
  .meta({
    description: 'What happens to a tenant after its Tenant is deleted. Default: the settings of the installation.',
  })
