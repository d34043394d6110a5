/** The schema of spec.database of a Tenant. Pure. */
import { z } from 'zod'
import { byteSize, labelSelector, objectName } from './schema-fields.ts'
import { parameters } from './parameters.ts'
import { isolations, overSizes } from './phases.ts'

export const database = z.object({
  server: objectName()
    .describe(
      'The DatabaseServer to place the tenant on. Setting it requires the verb use on that server. Immutable after the tenant is placed.',
    )
    .optional(),
  serverSelector: labelSelector()
    .meta({
      description:
        'Selects DatabaseServers by their labels. The tenant is placed on the one with the most free capacity.',
    })
    .optional(),
  isolation: z
    .enum(isolations)
    .describe(
      'Whether the tenant gets its own database (Database) or a schema in a shared database (Schema). Default: the value of the plan. Immutable after the tenant is placed.',
    )
    .optional(),
  connectionLimit: z
    .int()
    .min(1)
    .max(10_000)
    .describe('The maximum number of concurrent connections of the tenant. Default: the value of the plan.')
    .optional(),
  maxSize: byteSize()
    .describe("The maximum size of the tenant's data, such as 10Gi. Default: the value of the plan.")
    .optional(),
  overSize: z
    .enum(overSizes)
    .describe(
      'What happens when the data exceeds maxSize: the status warns (Warn), new sessions are read-only (ReadOnly), or the logins are disabled (Off). Default: the value of the plan.',
    )
    .optional(),
  parameters: parameters(
    "PostgreSQL parameters that the tenant's sessions start with, such as search_path or statement_timeout. They override the parameters of the plan; a customer of an MSP can only make the plan's limits stricter.",
  ).optional(),
})
