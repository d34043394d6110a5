/** The answer in a Tenant's status to the annotation that asks what a deletion would remove. */
import { z } from 'zod'
import { time } from './fields.ts'

const deletionOutcomes = ['Removed', 'Kept', 'Refused'] as const

/** As many as the schema takes; the count beside them has no limit. */
export const mostNames = 100
export const mostKinds = 500

const atomic = { 'x-kubernetes-list-type': 'atomic' }

const counted = (what: string) =>
  z.object({
    count: z.int().min(0).describe('How many.'),
    names: z
      .array(z.string().max(320).describe('A name.'))
      .max(mostNames)
      .meta({ description: `${what} The first ${mostNames} of them.`, ...atomic })
      .optional(),
  })

const database = z.object({
  server: z.string().max(253).describe('The DatabaseServer.'),
  name: z.string().max(63).describe('The database; with isolation Schema the shared one, which stays.').optional(),
  schema: z.string().max(63).describe('With isolation Schema: the schema that goes.').optional(),
  sizeBytes: z
    .int()
    .min(0)
    .describe('Bytes, as the server measured them at that moment; with isolation Schema its last estimate.')
    .optional(),
  roles: z
    .array(z.string().max(63).describe('A role.'))
    .max(8)
    .meta({ description: 'The roles that go.', ...atomic })
    .optional(),
  sessions: z.int().min(0).describe('How many sessions would be ended.').optional(),
})

const namespace = z.object({
  name: z.string().max(63).describe('The namespace.'),
  objects: z
    .array(
      z
        .object({
          kind: z.string().max(63).describe('The kind.'),
          apiGroup: z.string().max(253).describe('Its API group; none for the core group.').optional(),
          count: z.int().min(1).describe('How many there are.'),
        })
        .describe('The objects of one kind.'),
    )
    .max(mostKinds)
    .meta({ description: 'Its contents, by kind. Events are not counted.', ...atomic })
    .optional(),
  notCounted: z
    .array(z.string().max(320).describe('Kind, or Kind.group.'))
    .max(mostKinds)
    .meta({
      description: 'Kinds of the cluster that the operator may not list: any objects of these would go too.',
      ...atomic,
    })
    .optional(),
})

export const deletionPreview = z.object({
  request: z.string().max(256).describe('The value of the annotation that is answered.'),
  at: time().describe('When the operator looked.'),
  outcome: z
    .enum(deletionOutcomes)
    .describe(
      'Removed: everything listed would go. Kept: the Tenant would go, everything listed would stay. Refused: nothing would go until what the summary names is done.',
    ),
  summary: z.string().max(1024).describe('The whole answer in a few sentences.'),
  grace: z
    .string()
    .max(32)
    .describe(
      'For how long nothing would be removed, counted from the deletion; absent where the removal would begin at once.',
    )
    .optional(),
  finalDump: z
    .boolean()
    .describe('Whether a last dump would be taken and verified before anything is removed; absent where none would.')
    .optional(),
  database: database.describe('What a deletion would remove from the database server.').optional(),
  namespace: namespace.describe('The namespace that would go, with all its contents.').optional(),
  admins: counted('The TenantAdmins that would no longer have a tenant, as namespace/name.')
    .describe('The people who would lose access.')
    .optional(),
  customers: counted('The customers that block the deletion.').describe('The customers of an MSP.').optional(),
  releasedNames: z
    .array(z.string().max(253).describe('A Cloud ID or a host name.'))
    .max(mostNames)
    .meta({ description: 'The names that would be free for others, former ones included.', ...atomic })
    .optional(),
})

export type DeletionPreview = z.infer<typeof deletionPreview>
