/** The schema of status.deletionPreview: the preview of a deletion that an annotation asks for. */
import { z } from 'zod'
import { time } from './schema-fields.ts'

const deletionOutcomes = ['Removed', 'Kept', 'Refused'] as const

/** As many as the schema takes; the count beside them has no limit. */
export const mostNames = 100
export const mostKinds = 500

const atomic = { 'x-kubernetes-list-type': 'atomic' }

const counted = (what: string) =>
  z.object({
    count: z.int().min(0).describe('The number of them.'),
    names: z
      .array(z.string().max(320).describe('A name.'))
      .max(mostNames)
      .meta({ description: `${what} The first ${mostNames} of them.`, ...atomic })
      .optional(),
  })

const database = z.object({
  server: z.string().max(253).describe('The DatabaseServer.'),
  name: z
    .string()
    .max(63)
    .describe('The database. With isolation Schema: the shared database, which stays.')
    .optional(),
  schema: z.string().max(63).describe('With isolation Schema: the schema that would be dropped.').optional(),
  sizeBytes: z
    .int()
    .min(0)
    .describe('The size in bytes, measured for this preview; with isolation Schema, the last estimate of the server.')
    .optional(),
  roles: z
    .array(z.string().max(63).describe('A role.'))
    .max(8)
    .meta({ description: 'The roles that would be dropped.', ...atomic })
    .optional(),
  sessions: z.int().min(0).describe('The number of sessions that would be ended.').optional(),
})

const namespace = z.object({
  name: z.string().max(63).describe('The namespace.'),
  objects: z
    .array(
      z
        .object({
          kind: z.string().max(63).describe('The kind.'),
          apiGroup: z.string().max(253).describe('The API group. Absent for the core group.').optional(),
          count: z.int().min(1).describe('The number of objects.'),
        })
        .describe('The objects of one kind.'),
    )
    .max(mostKinds)
    .meta({ description: 'The objects in the namespace, by kind. Events are not counted.', ...atomic })
    .optional(),
  notCounted: z
    .array(z.string().max(320).describe('Kind, or Kind.group.'))
    .max(mostKinds)
    .meta({
      description: 'Kinds that the operator may not list. Objects of these kinds would be removed too.',
      ...atomic,
    })
    .optional(),
})

export const deletionPreview = z.object({
  request: z.string().max(256).describe('The value of the annotation that this answers.'),
  at: time().describe('When the operator made the preview.'),
  outcome: z
    .enum(deletionOutcomes)
    .describe(
      'Removed: everything listed would be removed. Kept: the Tenant would be deleted, and everything listed would stay. Refused: nothing would be removed until the steps in the summary are done.',
    ),
  summary: z.string().max(1024).describe('The preview in a few sentences.'),
  grace: z
    .string()
    .max(32)
    .describe(
      'The grace period: how long after the deletion nothing would be removed. Absent when the removal would begin at once.',
    )
    .optional(),
  finalDump: z
    .boolean()
    .describe(
      'Whether a last dump would be taken and verified before anything is removed. Absent when none would be taken.',
    )
    .optional(),
  database: database.describe('What a deletion would remove from the database server.').optional(),
  namespace: namespace.describe('The namespace that would be removed, with everything in it.').optional(),
  admins: counted('The TenantAdmins that would be left without a tenant, as namespace/name.')
    .describe('The people who would lose access.')
    .optional(),
  customers: counted('The customers that block the deletion.').describe('The customers of an MSP.').optional(),
  releasedNames: z
    .array(z.string().max(253).describe('A Cloud ID or a host name.'))
    .max(mostNames)
    .meta({ description: 'The names that other tenants could take afterwards, including former names.', ...atomic })
    .optional(),
})

export type DeletionPreview = z.infer<typeof deletionPreview>
