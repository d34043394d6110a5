/** DatabaseServer: a PostgreSQL server that tenants can be placed on. */
import { z } from 'zod'
import type { KubeObject } from '../kube/port.ts'
import { conditionsField, conditionTypes, observedGenerationField } from './conditions.ts'
import { dataKey, names, objectName, rules, text, time } from './schema-fields.ts'
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
  endpoint: endpoint('The address at which the operator reaches the server.', {}),
  applicationEndpoint: endpoint(
    'The address at which applications reach the server, such as that of a connection pooler. Default: spec.endpoint.',
    {
      tls: tls()
        .meta({
          description:
            'How applications secure their connections, if not as in spec.tls. It is written into the Secrets of tenants.',
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
        .describe('The database to which the operator connects for server-wide work.'),
    })
    .meta({ description: "The operator's login. It needs CREATEDB and CREATEROLE, and must not be a superuser." }),
  tls: tls()
    .prefault({})
    .meta({
      description:
        'How connections are secured. Without a certificate authority here, the system certificates are trusted.',
      ...oneAuthority,
    }),
  isolation: z
    .array(z.enum(isolations).describe('One kind of isolation.'))
    .min(1)
    .max(isolations.length)
    .default(['Database'])
    .meta({
      description: 'The kinds of isolation that tenants can have on this server.',
      'x-kubernetes-list-type': 'set',
    }),
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
        "The locale of new tenants' databases; their encoding is UTF8. Existing databases keep theirs. Default: the locale of the server's template0.",
      ...rules({
        rule: "self.provider != 'builtin' || self.name in ['C', 'C.UTF-8', 'PG_UNICODE_FAST']",
        message: '{field}.name must be C, C.UTF-8 or PG_UNICODE_FAST where the provider is builtin.',
      }),
    })
    .optional(),
  publicDatabases: names(
    32,
    'Databases that belong to no tenant and to which every login may connect, intentionally or because the provider owns them. The server is not Ready while every login may connect to another such database.',
    text(63, /^[^\x00-\x1f\x7f]+$/, '{field} must be the name of a database in PostgreSQL.'),
  ).optional(),
  platformRoles: names(
    32,
    "Roles of the platform that may connect to tenants' databases, such as for change data capture. Tenantry keeps the privileges that an administrator of the server grants them there. Must be neither PUBLIC nor a role of a tenant.",
    platformRole(),
  ).optional(),
  unschedulable: z.boolean().default(false).describe('Whether the server takes no new tenants.'),
  capacity: z
    .object({
      maxTenants: z
        .int()
        .min(0)
        .max(100_000)
        .describe('The maximum number of tenants on the server. Default: no limit.')
        .optional(),
    })
    .prefault({})
    .meta({ description: 'The capacity of the server.' }),
})

const setBack = z
  .object({
    noticedAt: time().describe('When the operator noticed the restore.'),
    seenUntil: time().describe(
      'When the operator last saw the server before the restore. Data written after this time, or shortly before it, is lost.',
    ),
    replayedUntil: time().describe('The time of the last transaction on the server, if known.').optional(),
    tenants: z
      .array(z.string().max(317).describe('A Tenant, as namespace/name.'))
      .max(20)
      .meta({
        description:
          'The first 20 tenants whose database no longer exists, because it is newer than the restored state.',
        'x-kubernetes-list-type': 'atomic',
      })
      .optional(),
  })
  .meta({ description: 'Present when the server was set back to an earlier time, for example by a restore.' })

export const databaseServerStatus = z.object({
  observedGeneration: observedGenerationField(),
  version: z.string().max(64).describe('The version of PostgreSQL.').optional(),
  tenants: z
    .int()
    .min(0)
    .describe(
      'The number of tenants on this server according to their name claims, including retained and orphaned ones.',
    )
    .optional(),
  leftovers: z
    .int()
    .min(1)
    .describe(
      'The number of tenants with data on this server whose Tenant disappeared without a deletion by the operator. Absent when there are none.',
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
  timeline: z.int().min(1).max(2_147_483_647).describe('The timeline of the server at seenAt.').optional(),
  lsn: z.string().max(17).describe('The position of the write-ahead log at seenAt.').optional(),
  seenAt: time().describe('When timeline and lsn were last recorded. They are not recorded at each check.').optional(),
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
  description: 'A PostgreSQL server for the databases of tenants. A serverSelector selects it by its labels.',
  spec: databaseServerSpec.meta({ description: 'The desired state.' }),
  status: databaseServerStatus.meta({ description: 'The observed state. Only the operator writes it.' }),
  rules: [],
  columns: [
    { name: 'Host', type: 'string', path: '.spec.endpoint.host', description: 'The address of the server.' },
    { name: 'Version', type: 'string', path: '.status.version', description: 'The version of PostgreSQL.' },
    { name: 'Tenants', type: 'integer', path: '.status.tenants', description: 'The number of tenants on the server.' },
    {
      name: 'Size',
      type: 'integer',
      path: '.status.sizeBytes',
      description: "The size of the tenants' data in bytes.",
    },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether the server can take tenants (the condition Ready).',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'When the object was created.' },
    {
      name: 'Unschedulable',
      type: 'boolean',
      path: '.spec.unschedulable',
      description: 'Whether the server takes no new tenants.',
      wide: true,
    },
    {
      name: 'Message',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].message',
      description: 'The current state, and what to do.',
      wide: true,
    },
  ],
}
