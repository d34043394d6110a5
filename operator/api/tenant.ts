/** Tenant: one customer, or one MSP with customers of its own. */
import { z } from 'zod'
import type { KubeObject } from '../kube/port.ts'
import { dataKey, dnsLabel, duration, line, names, objectName, rules, text, time } from './fields.ts'
import { ownResource } from './kind.ts'
import type { KindDefinition, SpecOf, StatusOf } from './kind.ts'
import { defaultRoles, states, tenantTypes } from './phases.ts'
import { tenantStatus } from './tenantstatus.ts'
import { database } from './tenant-database.ts'

const license = z.object({
  key: text(
    4096,
    /^[-A-Za-z0-9._~+/=]+$/,
    '{field} must be a license key as it was issued: letters, digits and - . _ ~ + / = without spaces.',
  )
    .describe('The license key itself.')
    .optional(),
  secretRef: z
    .object({
      name: objectName().describe('The name of the Secret.'),
      key: dataKey().default('license').describe('The key of the entry that holds the license.'),
    })
    .meta({ description: 'A Secret of type tenantry.dev/license beside the Tenant that holds the license key.' })
    .optional(),
})

const customers = z.object({
  plans: names(64, 'The plans that customers may have. Default: every plan.').optional(),
  servers: names(64, 'The database servers that customers may be placed on. Default: every server.').optional(),
  max: z.int().min(0).max(100_000).describe('How many customers there may be. Default: no limit.').optional(),
  latestExpiry: time().describe('No customer may expire later than this.').optional(),
})

export const tenantSpec = z.object({
  cloudId: dnsLabel(40)
    .describe('The Cloud ID: unique within the installation. Default: metadata.name. A change is a rename.')
    .optional(),
  displayName: line(100).describe("The tenant's name for people."),
  type: z
    .enum(tenantTypes)
    .default('Customer')
    .meta({
      description: 'Customer, or MSP: a tenant whose namespace may hold customers of its own. Cannot be changed.',
      ...rules({
        rule: 'self == oldSelf',
        message: '{field} cannot be changed; create another Tenant instead.',
        reason: 'FieldValueForbidden',
      }),
    }),
  subdomain: text(
    10,
    /^[a-z][a-z0-9]{0,9}$/,
    '{field} must be a lower-case letter followed by at most nine lower-case letters and digits.',
  )
    .describe('The first label of the host name, unique among siblings. Default: the Cloud ID where it fits.')
    .optional(),
  plan: objectName()
    .describe('The TenantPlan. Default: the plan that is marked default. Needs the verb use on it.')
    .optional(),
  state: z
    .enum(states)
    .default('Active')
    .describe("The wanted state. The strictest of this and its ancestors' states counts."),
  provisioning: z
    .enum(['OnAccept', 'Immediate'])
    .default('OnAccept')
    .describe('When namespace and database are made: when the first admin accepts, or at once.'),
  defaultRole: z
    .enum(defaultRoles)
    .default('BusinessUser')
    .describe('The role in the application that all admins of the tenant have.'),
  userConsent: z
    .object({
      enabled: z.boolean().default(false).describe('Whether an admin must consent when accepting.'),
      text: z.string().min(1).max(10_000).describe('The text that the admin consents to, as plain text.').optional(),
    })
    .prefault({})
    .meta({
      description: 'The consent that is asked for on the accept page.',
      ...rules({
        rule: '!self.enabled || has(self.text)',
        message: '{field}.text must be given when {field}.enabled is true.',
      }),
    }),
  license: license
    .meta({
      description: "A license, bound to one of the tenant's Cloud IDs, with an expiry of its own.",
      ...rules({
        rule: 'has(self.key) != has(self.secretRef)',
        message: '{field} must have either key or secretRef.',
      }),
    })
    .optional(),
  expiresAt: time().describe('When the account expires, if there is no license.').optional(),
  customers: customers.meta({ description: 'On an MSP: the limits of its customers.' }).optional(),
  database: database.prefault({}).meta({
    description: "Where and how the tenant's data is kept.",
    ...rules({
      rule: '!(has(self.server) && has(self.serverSelector))',
      message: '{field} must not have both server and serverSelector.',
    }),
  }),
  archive: z
    .object({
      retention: duration()
        .describe('How long an archived tenant can be revived, such as 30d. Default: as the plan says.')
        .optional(),
    })
    .prefault({})
    .meta({ description: 'What happens to the tenant once it is archived.' }),
  deletion: z
    .object({
      protected: z.boolean().default(false).describe('Whether the Tenant must not be deleted.'),
      policy: z
        .enum(['Delete', 'Retain'])
        .default('Delete')
        .describe('Whether the namespace and the data go with the Tenant, or stay.'),
    })
    .prefault({})
    .meta({ description: 'What a deletion of the Tenant does.' }),
})

export type TenantSpec = SpecOf<typeof tenantSpec>
export type TenantStatus = StatusOf<typeof tenantStatus>

export interface Tenant extends KubeObject {
  readonly spec: TenantSpec
  readonly status?: TenantStatus
}

export const tenants = ownResource<Tenant>('Tenant', 'tenants', true)

export const tenantKind: KindDefinition<Tenant> = {
  resource: tenants,
  singular: 'tenant',
  shortName: 'tn',
  description: 'A customer, or an MSP with customers of its own: a namespace, a database, admins, and a life.',
  spec: tenantSpec.meta({
    description: 'What is wanted.',
    ...rules(
      {
        rule: '!(has(self.license) && has(self.expiresAt))',
        message: 'spec.license and spec.expiresAt must not both be given: a license has an expiry of its own.',
      },
      {
        rule: "self.type == 'MSP' || !has(self.customers)",
        message: 'spec.customers must not be given unless spec.type is MSP.',
      },
    ),
  }),
  status: tenantStatus.meta({ description: 'The observed state, written by the operator only.' }),
  rules: [
    {
      rule: "has(self.spec.cloudId) || self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$')",
      message: 'spec.cloudId must be given, as metadata.name is not a DNS label of at most 40 characters.',
    },
    {
      rule: "has(self.spec.subdomain) || (has(self.spec.cloudId) ? self.spec.cloudId : self.metadata.name).matches('^[a-z][a-z0-9]{0,9}$')",
      message:
        'spec.subdomain must be given, as the Cloud ID does not fit as one: a lower-case letter and at most nine lower-case letters and digits.',
    },
  ],
  columns: [
    { name: 'Cloud ID', type: 'string', path: '.status.cloudId', description: 'The Cloud ID that the tenant holds.' },
    { name: 'Name', type: 'string', path: '.spec.displayName', description: "The tenant's name for people." },
    { name: 'Admin', type: 'string', path: '.status.admin.username', description: 'The first admin.' },
    { name: 'Expires', type: 'string', path: '.status.expiresAt', description: 'The expiry in effect.' },
    { name: 'Phase', type: 'string', path: '.status.phase', description: 'The phase of the tenant.' },
    { name: 'Invite', type: 'string', path: '.status.invite', description: "The first admin's invite." },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether nothing is left to do.',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'When the object was created.' },
    {
      name: 'Namespace',
      type: 'string',
      path: '.status.namespace',
      description: "The tenant's namespace.",
      wide: true,
    },
    { name: 'URL', type: 'string', path: '.status.url', description: 'Where people reach the tenant.', wide: true },
    {
      name: 'Server',
      type: 'string',
      path: '.status.database.server',
      description: 'The database server.',
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
