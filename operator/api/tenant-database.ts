/** What a Tenant says of its database. Pure. */
import { z } from 'zod'
import { byteSize, labelSelector, objectName } from './fields.ts'
import { parameters } from './parameters.ts'
import { isolations, overSizes } from './phases.ts'

export const database = z.object({
  server: objectName()
    .describe(
      'The DatabaseServer to be placed on. Needs the verb use on it. Cannot be changed once the tenant is placed.',
    )
    .optional(),
  serverSelector: labelSelector()
    .meta({
      description: 'Labels of the DatabaseServers to choose from; the one with the most free capacity is taken.',
    })
    .optional(),
  isolation: z
    .enum(isolations)
    .describe(
      'A database of its own, or a schema in a shared one. Default: as the plan says. Cannot be changed once the tenant is placed.',
    )
    .optional(),
  connectionLimit: z
    .int()
    .min(1)
    .max(10_000)
    .describe('How many connections the tenant may have at once. Default: as the plan says.')
    .optional(),
  maxSize: byteSize()
    .describe("How large the tenant's data may become, such as 10Gi. Default: as the plan says.")
    .optional(),
  overSize: z
    .enum(overSizes)
    .describe(
      'What happens when the data is larger than that: only a report (Warn), sessions begin read-only (ReadOnly), or the logins are turned off (Off). Default: as the plan says.',
    )
    .optional(),
  parameters: parameters(
    "Parameters of PostgreSQL that the tenant's sessions start with, such as search_path or statement_timeout. They override those of the plan; for a customer of an MSP, a limit of the plan can only be made stricter.",
  ).optional(),
})
