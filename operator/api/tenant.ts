/** Tenant: one customer, or one MSP with customers of its own. */
import { z } from 'zod'
import type { KubeObject } from '../kube/port.ts'
import { dataKey, dnsLabel, duration, line, names, objectName, rules, text, time } from './schema-fields.ts'
import { ownResource } from './kind.ts'
import type { KindDefinition, SpecOf, StatusOf } from './kind.ts'
import { defaultRoles, states, tenantTypes } from './phases.ts'
import { tenantStatus } from './tenantstatus.ts'
import { database } from './tenant-database-schema.ts'

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
    .meta({
      description: 'A Secret of type tenantry.dev/license, in the namespace of the Tenant, that holds the license key.',
    })
    .optional(),
})

const customers = z.object({
  plans: names(64, 'The TenantPlans that customers may use. Default: every plan.').optional(),
  servers: names(64, 'The DatabaseServers that customers may use. Default: every server.').optional(),
  max: z.int().min(0).max(100_000).describe('The maximum number of customers. Default: no limit.').optional(),
  latestExpiry: time().describe('The latest time at which a customer may expire.').optional(),
})

export const tenantSpec = z.object({
  cloudId: dnsLabel(40)
    .describe('The Cloud ID, unique in the installation. Default: metadata.name. Changing it renames the tenant.')
    .optional(),
  displayName: line(100).describe("The tenant's display name."),
  type: z
    .enum(tenantTypes)
    .default('Customer')
    .meta({
      description: 'Customer, or MSP: a tenant whose namespace can contain Tenants of its own customers. Immutable.',
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
    .describe(
      'The first label of the host name, unique among the tenants with the same parent. Default: the Cloud ID, where it is a valid subdomain.',
    )
    .optional(),
  plan: objectName()
    .describe(
      'The TenantPlan. Setting it requires the verb use on that plan. Default: the plan with spec.default true.',
    )
    .optional(),
  state: z
    .enum(states)
    .default('Active')
    .describe("The desired state. The strictest of this state and the states of the tenant's ancestors applies."),
  provisioning: z
    .enum(['OnAccept', 'Immediate'])
    .default('OnAccept')
    .describe(
      'When the namespace and the database are created: when the first admin accepts (OnAccept), or at once (Immediate).',
    ),
  defaultRole: z
    .enum(defaultRoles)
    .default('BusinessUser')
    .describe('The role that all admins of the tenant have in the application.'),
  userConsent: z
    .object({
      enabled: z.boolean().default(false).describe('Whether an admin must give consent to accept the invite.'),
      text: z.string().min(1).max(10_000).describe('The plain text that the admin consents to.').optional(),
    })
    .prefault({})
    .meta({
      description: 'The consent that the accept page asks for.',
      ...rules({
        rule: '!self.enabled || has(self.text)',
        message: '{field}.text must be given when {field}.enabled is true.',
      }),
    }),
  license: license
    .meta({
      description: "A license. It is bound to one of the tenant's Cloud IDs and has its own expiry date.",
      ...rules({
        rule: 'has(self.key) != has(self.secretRef)',
        message: '{field} must have either key or secretRef.',
      }),
    })
    .optional(),
  expiresAt: time().describe('When the tenant expires. Not allowed together with a license.').optional(),
  customers: customers.meta({ description: 'For an MSP: the limits of its customers.' }).optional(),
  database: database.prefault({}).meta({
    description: "Where and how the tenant's data is stored.",
    ...rules({
      rule: '!(has(self.server) && has(self.serverSelector))',
      message: '{field} must not have both server and serverSelector.',
    }),
  }),
  archive: z
    .object({
      retention: duration()
        .describe(
          'How long an archived tenant can be revived before its data is purged, such as 30d. Default: the value of the plan.',
        )
        .optional(),
    })
    .prefault({})
    .meta({ description: 'What happens to the tenant after it is archived.' }),
  deletion: z
    .object({
      protected: z.boolean().default(false).describe('Whether the Tenant is protected from deletion.'),
      policy: z
        .enum(['Delete', 'Retain'])
        .default('Delete')
        .describe('Whether deleting the Tenant removes its namespace and its data (Delete) or keeps them (Retain).'),
    })
    .prefault({})
    .meta({ description: 'What deleting the Tenant does.' }),
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
  description: 'A customer, or an MSP with customers of its own. It gets a namespace, a database and admins.',
  spec: tenantSpec.meta({
    description: 'The desired state.',
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
  status: tenantStatus.meta({ description: 'The observed state. Only the operator writes it.' }),
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
    { name: 'Name', type: 'string', path: '.spec.displayName', description: "The tenant's display name." },
    { name: 'Admin', type: 'string', path: '.status.admin.username', description: 'The first admin.' },
    { name: 'Expires', type: 'string', path: '.status.expiresAt', description: 'When the tenant expires.' },
    { name: 'Phase', type: 'string', path: '.status.phase', description: 'The phase of the tenant.' },
    { name: 'Invite', type: 'string', path: '.status.invite', description: "The status of the first admin's invite." },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether the object is fully reconciled (the condition Ready).',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'When the object was created.' },
    {
      name: 'Namespace',
      type: 'string',
      path: '.status.namespace',
      description: "The tenant's namespace.",
      wide: true,
    },
    { name: 'URL', type: 'string', path: '.status.url', description: 'The URL of the tenant.', wide: true },
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
      description: 'The current state, and what to do.',
      wide: true,
    },
  ],
}
