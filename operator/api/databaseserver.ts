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
        message: "{field} must not be PUBLIC or one of PostgreSQL's own roles, which stand for many roles.",
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
    "Where applications reach the server, for instance a pooler's address. Default: spec.endpoint.",
    {
      tls: tls()
        .meta({
          description:
            'How applications secure their connections there, where it differs from spec.tls; written into the Secrets of tenants.',
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
      description: 'How the connection is secured. Without certificates here those of the system are trusted.',
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
          'The provider of the locale: the operating system, ICU, or, from PostgreSQL 17 on, PostgreSQL itself.',
        ),
      name: text(
        128,
        /^[A-Za-z][-A-Za-z0-9_.@=;]*$/,
        '{field} must be the name of a locale, such as C.UTF-8, de_DE.UTF-8 or de-DE.',
      ).describe('The name of the locale.'),
    })
    .meta({
      description:
        "The locale of databases that are made for tenants, whose encoding is UTF8. Existing databases keep theirs. Default: that of the server's template0.",
      ...rules({
        rule: "self.provider != 'builtin' || self.name in ['C', 'C.UTF-8', 'PG_UNICODE_FAST']",
        message: '{field}.name must be C, C.UTF-8 or PG_UNICODE_FAST where the provider is builtin.',
      }),
    })
    .optional(),
  publicDatabases: names(
    32,
    'Databases of no tenant that every login of the server may connect to, by choice or because they belong to the provider. Any other such database keeps the server from being Ready.',
    text(63, /^[^\x00-\x1f\x7f]+$/, '{field} must be the name of a database in PostgreSQL.'),
  ).optional(),
  platformRoles: names(
    32,
    "Roles of the platform, for change data capture for instance, that may connect to tenants' databases: what an administrator of the server grants them there stays. Neither a tenant's role nor PUBLIC.",
    platformRole(),
  ).optional(),
  unschedulable: z.boolean().default(false).describe('Whether no further tenant may be placed here.'),
  capacity: z
    .object({
      maxTenants: z
        .int()
        .min(0)
        .max(100_000)
        .describe('How many tenants the server takes. Default: no limit.')
        .optional(),
    })
    .prefault({})
    .meta({ description: 'The capacity of the server.' }),
})

const setBack = z
  .object({
    noticedAt: time().describe('When the operator noticed it.'),
    seenUntil: time().describe(
      'When the operator had last seen the server before: data written later or shortly before is lost.',
    ),
    replayedUntil: time().describe('The time of the last transaction on the server, as far as it is known.').optional(),
    tenants: z
      .array(z.string().max(317).describe('A Tenant, as namespace/name.'))
      .max(20)
      .meta({
        description: 'Tenants whose database no longer exists: they are younger than the restored state. The first 20.',
        'x-kubernetes-list-type': 'atomic',
      })
      .optional(),
  })
  .meta({ description: 'Set when the server was set back to an earlier time, by a restore for instance.' })

export const databaseServerStatus = z.object({
  observedGeneration: observedGenerationField(),
  version: z.string().max(64).describe('The version of PostgreSQL.').optional(),
  tenants: z
    .int()
    .min(0)
    .describe('How many tenants are placed here, by their claims; retained and orphaned ones included.')
    .optional(),
  leftovers: z
    .int()
    .min(1)
    .describe(
      'How many tenants have data here although their Tenants are gone without a decision; absent while there are none.',
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
      'The identity of the PostgreSQL server: system_identifier of pg_control_system(). Nothing is done on a server with another one.',
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
    .describe('The position of the write-ahead log when it was last recorded, which is not at each look.')
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
  description: 'A PostgreSQL server that tenants can be placed on. A serverSelector chooses by its labels.',
  spec: databaseServerSpec.meta({ description: 'What is wanted.' }),
  status: databaseServerStatus.meta({ description: 'The observed state, written by the operator only.' }),
  rules: [],
  columns: [
    { name: 'Host', type: 'string', path: '.spec.endpoint.host', description: 'The address of the server.' },
    { name: 'Version', type: 'string', path: '.status.version', description: 'The version of PostgreSQL.' },
    { name: 'Tenants', type: 'integer', path: '.status.tenants', description: 'How many tenants are placed here.' },
    { name: 'Size', type: 'integer', path: '.status.sizeBytes', description: 'The size of their data in bytes.' },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether tenants can be placed here.',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'When the object was created.' },
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
      description: 'The present state and what to do.',
      wide: true,
    },
  ],
}
