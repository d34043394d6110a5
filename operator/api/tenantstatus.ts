/** The status of a Tenant, written by the operator only. */
import { z } from 'zod'
import { deletionPreview } from './deletion-preview.ts'
import { conditionsField, conditionTypes, observedGenerationField } from './conditions.ts'
import { time } from './fields.ts'
import { tally } from './tally.ts'
import { inviteStatuses, isolations, states, tenantPhases } from './phases.ts'

const statusDatabase = z.object({
  server: z.string().max(253).describe('The DatabaseServer that the tenant was placed on.').optional(),
  name: z.string().max(63).describe('The name of the database.').optional(),
  schema: z.string().max(63).describe('With isolation Schema: the name of the schema.').optional(),
  isolation: z.enum(isolations).describe('How the tenant is kept apart from others.').optional(),
  roles: z
    .object({
      owner: z.string().max(63).describe('The role without login that owns the schemas.'),
      logins: z
        .object({
          a: z.string().max(63).describe('The first login role.'),
          b: z.string().max(63).describe('The second login role.'),
        })
        .describe('The two login roles.'),
      current: z.enum(['a', 'b']).describe('The login role that the Secret names now.'),
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
    .describe('A digest of the admin directory as last written; it reveals nothing of the content.')
    .optional(),
  begunEmpty: z
    .string()
    .max(63)
    .describe('The value of the annotation tenantry.dev/begin-empty that no longer counts; goes with the annotation.')
    .optional(),
  missingSince: time().describe('When the loss of the database, or schema, was noticed.').optional(),
  sizeBytes: z
    .int()
    .min(0)
    .describe('The size of the data, in bytes, in coarse steps, as last measured: every 15 minutes by default.')
    .optional(),
  lastHandledRotation: z
    .string()
    .max(256)
    .describe('The last value of the annotation tenantry.dev/rotate-requested-at that was carried out.')
    .optional(),
  rotatedAt: time().describe('When the present password of the Secret was set.').optional(),
  formerLoginUntil: time()
    .describe('After a rotation: until when the former login role can log in. Absent when it no longer can.')
    .optional(),
  rotation: z
    .object({
      to: z.enum(['a', 'b']).describe('The login role that the Secret will name.'),
      request: z.string().max(256).describe('The value of the annotation that is answered.').optional(),
    })
    .describe('A rotation that has begun and is not finished.')
    .optional(),
  readers: z
    .array(z.string().max(22).describe('A digest of one user, which does not reveal the user.'))
    .max(2000)
    .meta({
      description:
        'The users who could read the Secret since the last change of its password. When one of them loses access, the password is changed again.',
      'x-kubernetes-list-type': 'set',
    })
    .optional(),
})

const alias = z.object({
  cloudId: z.string().max(40).describe('A former Cloud ID; or else host is given.').optional(),
  host: z.string().max(253).describe('A former host name.').optional(),
  until: time().describe('When the alias ends.').optional(),
})

const warning = z.object({
  daysBefore: z.int().min(0).max(365).describe('How many days before the expiry the warning is for.'),
  expiresAt: time().describe('The expiry that the warning is for.'),
  sentAt: time().describe('When the warning went out.'),
})

const purge = z.object({
  dump: z
    .string()
    .max(1024)
    .describe('The path of the last dump in the configured target; absent when it was skipped.')
    .optional(),
  startedAt: time()
    .describe('When the removal of the data began; from then on the tenant cannot be revived.')
    .optional(),
  finishedAt: time().describe('When all data was gone.').optional(),
})

const license = z.object({
  id: z.string().max(64).describe('The id of the license, unique for its issuer (the claim jti).'),
  expiresAt: time().describe('When it ends.'),
  customers: z.int().min(0).max(100_000).describe('How many customers an MSP may have with it.').optional(),
})

const deletion = z.object({
  heldAt: time().describe('Since when the deletion is held. Nothing is removed meanwhile.').optional(),
  because: z.string().max(300).describe('Which limit of settings.deletionBrake holds it.').optional(),
  notBefore: time()
    .describe('Before this time nothing is removed, unless an administrator releases the deletion.')
    .optional(),
  dump: z
    .string()
    .max(1024)
    .describe('The path of the last dump in the configured target; absent where none is taken.')
    .optional(),
  startedAt: time().describe('When the removal began; from then on it is finished.').optional(),
})

export const tenantStatus = z.object({
  observedGeneration: observedGenerationField(),
  phase: z.enum(tenantPhases).describe('The phase of the tenant, for people.').optional(),
  state: z
    .enum(states)
    .describe("The state in effect: the strictest of the tenant's own and its ancestors'.")
    .optional(),
  cloudId: z.string().max(40).describe('The Cloud ID that the tenant holds.').optional(),
  subdomain: z.string().max(63).describe('The subdomain that the tenant holds.').optional(),
  host: z.string().max(253).describe('The host name that the tenant holds.').optional(),
  url: z.string().max(300).describe('Where people reach the tenant.').optional(),
  aliases: z
    .array(alias.describe('One former name.'))
    .max(32)
    .meta({
      description: 'Former names that still lead here, and that no other tenant can have meanwhile.',
      'x-kubernetes-list-type': 'atomic',
    })
    .optional(),
  adopted: z
    .array(z.string().max(64).describe('The uid of a Tenant.'))
    .max(16)
    .meta({
      description: 'The earlier Tenants that this one has taken over: their data and their acceptances are its own.',
      'x-kubernetes-list-type': 'set',
    })
    .optional(),
  formerCloudIds: z
    .array(z.string().max(40).describe('One Cloud ID.'))
    .max(32)
    .meta({
      description:
        'The Cloud IDs that the tenant held before, the latest first. A license for one of them is still valid.',
      'x-kubernetes-list-type': 'set',
    })
    .optional(),
  license: license.describe('The last valid license, without its key.').optional(),
  plan: z.string().max(253).describe('The TenantPlan in effect.').optional(),
  planRevision: z
    .string()
    .max(64)
    .describe(
      'A digest of the TenantPlan that the whole tenant follows; another one while an edit is being rolled out.',
    )
    .optional(),
  namespace: z.string().max(63).describe("The tenant's namespace.").optional(),
  admin: z
    .object({
      name: z.string().max(253).describe('The name of the TenantAdmin.'),
      username: z.string().max(128).describe('The username.'),
      email: z.string().max(254).describe('The address.').optional(),
    })
    .describe("The tenant's first admin.")
    .optional(),
  invite: z.enum(inviteStatuses).describe("The status of the first admin's invite.").optional(),
  database: statusDatabase.describe('What was made in PostgreSQL.').optional(),
  expiresAt: time().describe('The expiry in effect: of the license, or of the spec.').optional(),
  suspendedAt: time().describe('Since when logins and workloads are off.').optional(),
  revivedAt: time().describe('Since when they are on again, if they were ever off.').optional(),
  archivedAt: time().describe('When the tenant was archived.').optional(),
  purgeAfter: time().describe('When an archived tenant can no longer be revived.').optional(),
  lastHandledDumpRehearsal: z
    .string()
    .max(256)
    .describe('The last value of the annotation tenantry.dev/dump-rehearsal-requested-at that was answered.')
    .optional(),
  dumpRehearsedAt: time()
    .describe('When a last dump was rehearsed; the condition DumpRehearsed has the outcome.')
    .optional(),
  purge: purge.describe('What became of the data when the time to revive was over.').optional(),
  warnings: z
    .array(warning.describe('One warning.'))
    .max(16)
    .meta({
      description: 'Which expiry warnings went out.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['daysBefore'],
    })
    .optional(),
  deletion: deletion.describe('How far the deletion of the Tenant has come.').optional(),
  deletionPreview: deletionPreview
    .describe('What a deletion would do, asked for by the annotation tenantry.dev/preview-deletion; goes with it.')
    .optional(),
  departedInvites: tally('How many invites it was.')
    .describe("The invites of a day in the tenant's name whose TenantAdmins are deleted; they still count.")
    .optional(),
  admins: z.int().min(0).describe('How many admins the tenant has.').optional(),
  customers: z.int().min(0).describe('How many customers an MSP has.').optional(),
  conditions: conditionsField(conditionTypes.Tenant).optional(),
})
