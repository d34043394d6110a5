/** What a Tenant's status answers to the annotation that asks what a deletion would remove. */
import { z } from 'zod'
import { time } from './fields.ts'

const deletionOutcomes = ['Removed', 'Kept', 'Refused'] as const

/** As many as the schema takes; the count beside them has no end. */
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
    .meta({ description: 'What lies in it, by kind. Events are not counted.', ...atomic })
    .optional(),
  notCounted: z
    .array(z.string().max(320).describe('Kind, or Kind.group.'))
    .max(mostKinds)
    .meta({
      description:
        'Kinds that the cluster knows and that the operator may not list: objects of these would go too, if there are any.',
      ...atomic,
    })
    .optional(),
})

export const deletionPreview = z.object({
  request: z.string().max(256).describe('The value of the annotation that this answers.'),
  at: time().describe('When it was looked at.'),
  outcome: z
    .enum(deletionOutcomes)
    .describe(
      'Removed: all that is listed would go. Kept: the Tenant would go, all that is listed would stay. Refused: nothing would go before what the summary says is done.',
    ),
  summary: z.string().max(1024).describe('All of it in a few sentences.'),
  grace: z
    .string()
    .max(32)
    .describe('How long nothing would be removed, counted from the deletion; not there where it would begin at once.')
    .optional(),
  finalDump: z
    .boolean()
    .describe('Whether a last dump would be taken and verified before anything is removed; not there where none would.')
    .optional(),
  database: database.describe('What would go from the database server.').optional(),
  namespace: namespace.describe('The namespace that would go, with all that lies in it.').optional(),
  admins: counted('The TenantAdmins who would have no tenant any more, as namespace/name.')
    .describe('Who would lose access.')
    .optional(),
  customers: counted('The customers that stand in the way.').describe('The customers of an MSP.').optional(),
  releasedNames: z
    .array(z.string().max(253).describe('A Cloud ID or a host name.'))
    .max(mostNames)
    .meta({ description: 'The names that others could have then, former ones included.', ...atomic })
    .optional(),
})

export type DeletionPreview = z.infer<typeof deletionPreview>
