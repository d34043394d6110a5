/** The status of a Tenant, written by the operator only. */
import { z } from 'zod'
import { deletionPreview } from './deletion-preview-schema.ts'
import { conditionsField, conditionTypes, observedGenerationField } from './conditions.ts'
import { time } from './schema-fields.ts'
import { tally } from './tally.ts'
import { inviteStatuses, isolations, states, tenantPhases } from './phases.ts'

const statusDatabase = z.object({
  server: z.string().max(253).describe('The DatabaseServer that the tenant was placed on.').optional(),
  name: z.string().max(63).describe('The name of the database.').optional(),
  schema: z.string().max(63).describe('With isolation Schema: the name of the schema.').optional(),
  isolation: z
    .enum(isolations)
    .describe('The isolation of the tenant: its own database, or a schema in a shared one.')
    .optional(),
  roles: z
    .object({
      owner: z.string().max(63).describe('The NOLOGIN role that owns the schemas.'),
      logins: z
        .object({
          a: z.string().max(63).describe('The first login role.'),
          b: z.string().max(63).describe('The second login role.'),
        })
        .describe('The two login roles.'),
      current: z.enum(['a', 'b']).describe('The current login role: the one in the Secret.'),
    })
    .describe('The roles in PostgreSQL.')
    .optional(),
  binding: z
    .object({ name: z.string().max(253).describe("The name of the Secret, in the tenant's namespace.") })
    .describe('The service binding (servicebinding.io) with the credentials.')
    .optional(),
  directory: z
    .string()
    .max(64)
    .describe('A digest of the admin directory as last written. It reveals nothing about the contents.')
    .optional(),
  begunEmpty: z
    .string()
    .max(63)
    .describe(
      'The value of the annotation tenantry.dev/begin-empty that was carried out and has no further effect; removed with the annotation.',
    )
    .optional(),
  missingSince: time().describe('When the operator noticed that the database or schema is missing.').optional(),
  sizeBytes: z
    .int()
    .min(0)
    .describe('The size of the data in bytes, rounded up in coarse steps. Measured every 15 minutes by default.')
    .optional(),
  lastHandledRotation: z
    .string()
    .max(256)
    .describe('The last value of the annotation tenantry.dev/rotate-requested-at that was carried out.')
    .optional(),
  rotatedAt: time().describe('When the current password in the Secret was set.').optional(),
  formerLoginUntil: time()
    .describe(
      'After a rotation: when the grace period of the former login role ends. Absent when that role cannot log in.',
    )
    .optional(),
  rotation: z
    .object({
      to: z.enum(['a', 'b']).describe('The login role that the Secret will contain.'),
      request: z.string().max(256).describe('The value of the annotation that this answers.').optional(),
    })
    .describe('A rotation in progress.')
    .optional(),
  readers: z
    .array(z.string().max(22).describe('A digest of one user. It does not reveal the user.'))
    .max(2000)
    .meta({
      description:
        'The users who could read the Secret since its password last changed. When one of them loses access, the password is rotated.',
      'x-kubernetes-list-type': 'set',
    })
    .optional(),
})

const alias = z.object({
  cloudId: z.string().max(40).describe('A former Cloud ID. Absent when host is set.').optional(),
  host: z.string().max(253).describe('A former host name. Absent when cloudId is set.').optional(),
  until: time().describe('When the alias ends.').optional(),
})

const warning = z.object({
  daysBefore: z.int().min(0).max(365).describe('The number of days before the expiry.'),
  expiresAt: time().describe('The expiry time that the warning is about.'),
  sentAt: time().describe('When the warning was sent.'),
})

const purge = z.object({
  dump: z
    .string()
    .max(1024)
    .describe('The path of the last dump in the configured target. Absent when the dump was skipped.')
    .optional(),
  startedAt: time().describe('When the removal of the data began. After that the tenant cannot be revived.').optional(),
  finishedAt: time().describe('When all data was removed.').optional(),
})

const license = z.object({
  id: z.string().max(64).describe('The id of the license, unique for its issuer (the JWT claim jti).'),
  expiresAt: time().describe('When the license expires.'),
  customers: z
    .int()
    .min(0)
    .max(100_000)
    .describe('The maximum number of customers that the license allows an MSP.')
    .optional(),
})

const deletion = z.object({
  heldAt: time().describe('When the deletion brake held the deletion. Nothing is removed while it is held.').optional(),
  because: z.string().max(300).describe('The limit of settings.deletionBrake that holds the deletion.').optional(),
  notBefore: time()
    .describe('When the grace period ends. Nothing is removed before, unless an administrator releases the deletion.')
    .optional(),
  dump: z
    .string()
    .max(1024)
    .describe('The path of the last dump in the configured target. Absent when no dump is taken.')
    .optional(),
  startedAt: time().describe('When the removal began. A removal that has begun cannot be undone.').optional(),
})

export const tenantStatus = z.object({
  observedGeneration: observedGenerationField(),
  phase: z.enum(tenantPhases).describe('The phase of the tenant, for display.').optional(),
  state: z
    .enum(states)
    .describe("The effective state: the strictest of spec.state and the states of the tenant's ancestors.")
    .optional(),
  cloudId: z.string().max(40).describe('The Cloud ID that the tenant holds.').optional(),
  subdomain: z.string().max(63).describe('The subdomain that the tenant holds.').optional(),
  host: z.string().max(253).describe('The host name that the tenant holds.').optional(),
  url: z.string().max(300).describe('The URL of the tenant.').optional(),
  aliases: z
    .array(alias.describe('One former name.'))
    .max(32)
    .meta({
      description: 'Former names that still lead to this tenant. No other tenant can take them before they end.',
      'x-kubernetes-list-type': 'atomic',
    })
    .optional(),
  adopted: z
    .array(z.string().max(64).describe('The uid of a Tenant.'))
    .max(16)
    .meta({
      description: 'The uids of the earlier Tenants that this one has adopted, with their data and their acceptances.',
      'x-kubernetes-list-type': 'set',
    })
    .optional(),
  formerCloudIds: z
    .array(z.string().max(40).describe('One Cloud ID.'))
    .max(32)
    .meta({
      description: 'The former Cloud IDs of the tenant, the latest first. A license for one of them remains valid.',
      'x-kubernetes-list-type': 'set',
    })
    .optional(),
  license: license.describe('The last valid license, without its key.').optional(),
  plan: z.string().max(253).describe('The TenantPlan in effect.').optional(),
  planRevision: z
    .string()
    .max(64)
    .describe(
      'A digest of the TenantPlan that the tenant fully follows. It differs from the current one while an edit is being rolled out.',
    )
    .optional(),
  namespace: z.string().max(63).describe("The tenant's namespace.").optional(),
  admin: z
    .object({
      name: z.string().max(253).describe('The name of the TenantAdmin.'),
      username: z.string().max(128).describe('The username.'),
      email: z.string().max(254).describe('The e-mail address.').optional(),
    })
    .describe("The tenant's first admin.")
    .optional(),
  invite: z.enum(inviteStatuses).describe("The status of the first admin's invite.").optional(),
  database: statusDatabase.describe('What the operator created in PostgreSQL.').optional(),
  expiresAt: time()
    .describe('When the tenant expires, according to its license, its spec and the limit of its MSP.')
    .optional(),
  suspendedAt: time().describe('When the logins and workloads were turned off.').optional(),
  revivedAt: time().describe('When the logins and workloads were last turned on again.').optional(),
  archivedAt: time().describe('When the tenant was archived.').optional(),
  purgeAfter: time().describe('When the retention of an archived tenant ends and its data is purged.').optional(),
  lastHandledDumpRehearsal: z
    .string()
    .max(256)
    .describe('The last value of the annotation tenantry.dev/dump-rehearsal-requested-at that was carried out.')
    .optional(),
  dumpRehearsedAt: time()
    .describe('When a last dump was last rehearsed. The condition DumpRehearsed has the result.')
    .optional(),
  purge: purge.describe('The purge of the data, after the retention of an archived tenant.').optional(),
  warnings: z
    .array(warning.describe('One warning.'))
    .max(16)
    .meta({
      description: 'The expiry warnings that were sent.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['daysBefore'],
    })
    .optional(),
  deletion: deletion.describe('The progress of the deletion of the Tenant.').optional(),
  deletionPreview: deletionPreview
    .describe(
      'What a deletion would do. The annotation tenantry.dev/preview-deletion requests it; it is removed with the annotation.',
    )
    .optional(),
  departedInvites: tally('The number of invites on that day.')
    .describe(
      "The invites of one day in the tenant's name whose TenantAdmins were deleted. They still count towards invitesPerDay.",
    )
    .optional(),
  admins: z.int().min(0).describe('The number of admins of the tenant.').optional(),
  customers: z.int().min(0).describe('For an MSP: the number of its customers.').optional(),
  conditions: conditionsField(conditionTypes.Tenant).optional(),
})
