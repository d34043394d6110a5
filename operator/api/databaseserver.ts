/** DatabaseServer: a PostgreSQL server that tenants can be placed on. */
import { z } from 'zod'
import type { KubeObject } from '../kube/port.ts'
import { conditionsField, conditionTypes, observedGenerationField } from './conditions.ts'
import { dataKey, names, objectName, rules, text, time } from './fields.ts'
import { ownResource } from './kind.ts'
import type { KindDefinition, SpecOf, StatusOf } from './kind.ts'
import { isolations } from './phases.ts'
import { endpoint, oneAuthority, tls } from './server-endpoint.ts'

function platformRole() {
  const name = text(63, /^[A-Za-z_][-A-Za-z0-9_.@$]*$/, '{field} must be the name of a role in PostgreSQL.')
  return name.meta({
    ...name.meta(),
    ...rules(
      {
        rule: "!(self in ['public', 'PUBLIC'] || self.startsWith('pg_'))",
        message: "{field} must not be PUBLIC or one of PostgreSQL's own roles, which stand for many.",
      },
      {
        rule: "!self.matches('^t_[a-z0-9]{16}(_[a-z]+)?$')",
        message: '{field} must not be a role of a tenant.',
      },
    ),
  })
}

export const databaseServerSpec = z.object({
  endpoint: endpoint('Where the operator reaches the server.', {}),
  applicationEndpoint: endpoint(
    "Where applications reach the server, a pooler's address for instance. Default: spec.endpoint.",
    {
      tls: tls()
        .meta({
          description:
            'How applications secure their connections there, where that is otherwise than spec.tls: the Secrets of tenants say so.',
          ...oneAuthority,
        })
        .optional(),
    },
  ).optional(),
  admin: z
    .object({
      secretRef: z
        .object({
          name: objectName().describe('The name of the Secret.'),
          usernameKey: dataKey().default('username').describe('The key of the entry with the user name.'),
          passwordKey: dataKey().default('password').describe('The key of the entry with the password.'),
        })
        .meta({ description: "A Secret in the operator's namespace." }),
      database: text(63, /^[A-Za-z_][-A-Za-z0-9_$]*$/, '{field} must be the name of a database in PostgreSQL.')
        .default('postgres')
        .describe('The database to connect to for work on the server itself.'),
    })
    .meta({ description: "The operator's login: CREATEDB and CREATEROLE, never a superuser." }),
  tls: tls()
    .prefault({})
    .meta({
      description: "How the connection is secured. Without certificates here the system's are trusted.",
      ...oneAuthority,
    }),
  isolation: z
    .array(z.enum(isolations).describe('One kind of isolation.'))
    .min(1)
    .max(isolations.length)
    .default(['Database'])
    .meta({ description: 'The kinds of isolation that the server offers.', 'x-kubernetes-list-type': 'set' }),
  locale: z
    .object({
      provider: z
        .enum(['libc', 'icu', 'builtin'])
        .default('libc')
        .describe(
          'Whose locales these are: those of the operating system, of ICU, or, from PostgreSQL 17 on, its own.',
        ),
      name: text(
        128,
        /^[A-Za-z][-A-Za-z0-9_.@=;]*$/,
        '{field} must be the name of a locale, such as C.UTF-8, de_DE.UTF-8 or de-DE.',
      ).describe('The name of the locale.'),
    })
    .meta({
      description:
        "The locale of databases that are made for tenants, whose encoding is UTF8. Those that exist keep theirs. Not given: that of the server's template0.",
      ...rules({
        rule: "self.provider != 'builtin' || self.name in ['C', 'C.UTF-8', 'PG_UNICODE_FAST']",
        message: '{field}.name must be C, C.UTF-8 or PG_UNICODE_FAST where the provider is builtin.',
      }),
    })
    .optional(),
  publicDatabases: names(
    32,
    "Databases that are no tenant's and that every login of the server may connect to, by choice or because they are the provider's. With any other the server is not Ready.",
    text(63, /^[^\x00-\x1f\x7f]+$/, '{field} must be the name of a database in PostgreSQL.'),
  ).optional(),
  platformRoles: names(
    32,
    "Roles of the platform, such as that of a change data capture, that may connect to tenants' databases: what an administrator of the server grants them there stays. No tenant's, and not PUBLIC.",
    platformRole(),
  ).optional(),
  unschedulable: z.boolean().default(false).describe('Whether no further tenant may be placed here.'),
  capacity: z
    .object({
      maxTenants: z
        .int()
        .min(0)
        .max(100_000)
        .describe('How many tenants the server takes. Not given: as many as come.')
        .optional(),
    })
    .prefault({})
    .meta({ description: 'How much the server takes.' }),
})

const setBack = z
  .object({
    noticedAt: time().describe('When it was noticed.'),
    seenUntil: time().describe(
      'When the server had last been seen before: what was written later or shortly before is lost.',
    ),
    replayedUntil: time()
      .describe('The time of the last transaction that the server has, as far as it is known.')
      .optional(),
    tenants: z
      .array(z.string().max(317).describe('A Tenant, as namespace/name.'))
      .max(20)
      .meta({
        description:
          'Tenants whose database is not there any more: they are younger than the restored state. The first 20.',
        'x-kubernetes-list-type': 'atomic',
      })
      .optional(),
  })
  .meta({ description: 'The server was set back to an earlier time, by a restore for instance.' })

export const databaseServerStatus = z.object({
  observedGeneration: observedGenerationField(),
  version: z.string().max(64).describe('The version of PostgreSQL.').optional(),
  tenants: z
    .int()
    .min(0)
    .describe('How many tenants are placed here, by their claims: those whose data was kept, or left, included.')
    .optional(),
  leftovers: z
    .int()
    .min(1)
    .describe(
      'Of how many tenants data is here whose Tenants are gone without a decision; not there while there is none.',
    )
    .optional(),
  sizeBytes: z
    .int()
    .min(0)
    .describe(
      'The size of all databases of tenants, in bytes, in coarse steps, as last measured: every 15 minutes by default.',
    )
    .optional(),
  systemIdentifier: z
    .string()
    .max(20)
    .describe(
      'Which PostgreSQL server it is: system_identifier of pg_control_system(). Nothing is done on a server that has another one.',
    )
    .optional(),
  timeline: z
    .int()
    .min(1)
    .max(2_147_483_647)
    .describe('The timeline that the server was on when it was last recorded.')
    .optional(),
  lsn: z
    .string()
    .max(17)
    .describe('How far the write-ahead log was written when that was last recorded; not at each look.')
    .optional(),
  seenAt: time().describe('When timeline and lsn were recorded.').optional(),
  setBack: setBack.optional(),
  conditions: conditionsField(conditionTypes.DatabaseServer).optional(),
})

export type DatabaseServerSpec = SpecOf<typeof databaseServerSpec>
export type DatabaseServerStatus = StatusOf<typeof databaseServerStatus>

export interface DatabaseServer extends KubeObject {
  readonly spec: DatabaseServerSpec
  readonly status?: DatabaseServerStatus
}

export const databaseServers = ownResource<DatabaseServer>('DatabaseServer', 'databaseservers', false)

export const databaseServerKind: KindDefinition<DatabaseServer> = {
  resource: databaseServers,
  singular: 'databaseserver',
  shortName: 'dbs',
  description: 'A PostgreSQL server that tenants can be placed on. Its labels are what serverSelector chooses by.',
  spec: databaseServerSpec.meta({ description: 'What is wanted.' }),
  status: databaseServerStatus.meta({ description: 'What is so, written by the operator only.' }),
  rules: [],
  columns: [
    { name: 'Host', type: 'string', path: '.spec.endpoint.host', description: 'Where the server is.' },
    { name: 'Version', type: 'string', path: '.status.version', description: 'The version of PostgreSQL.' },
    { name: 'Tenants', type: 'integer', path: '.status.tenants', description: 'How many tenants are placed here.' },
    { name: 'Size', type: 'integer', path: '.status.sizeBytes', description: 'The size of their data in bytes.' },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether tenants can be placed here.',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'Since when the object exists.' },
    {
      name: 'Unschedulable',
      type: 'boolean',
      path: '.spec.unschedulable',
      description: 'Whether no further tenant may be placed here.',
      wide: true,
    },
    {
      name: 'Message',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].message',
      description: 'What is so and what to do.',
      wide: true,
    },
  ],
}
