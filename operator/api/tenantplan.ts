/** TenantPlan: what the tenants of a plan get, and what they may not do. */
import { z } from 'zod'
import type { KubeObject } from '../kube/port.ts'
import { conditionsField, conditionTypes, observedGenerationField } from './conditions.ts'
import { byteSize, duration, labelSelector, labelValue, objectName, quantities, rules, text } from './schema-fields.ts'
import { ownResource } from './kind.ts'
import type { KindDefinition, SpecOf, StatusOf } from './kind.ts'
import { parameters } from './parameters.ts'
import { isolations, overSizes } from './phases.ts'
import { admins } from './plan-admins.ts'
import { allowed } from './plan-allowed.ts'
import { deletion } from './plan-deletion.ts'
import { limit, network } from './plan-network.ts'

const metadata = z.object({
  labels: z
    .record(z.string(), labelValue())
    .meta({
      description: 'Labels of the namespace.',
      maxProperties: 32,
      ...rules(
        {
          rule: "self.all(key, key.size() <= 317 && key.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'))",
          message: '{field} must have label keys, such as team or example.com/team.',
        },
        {
          rule: "self.all(key, !key.matches('^([-a-z0-9.]+[.])?(tenantry[.]dev|kubernetes[.]io|k8s[.]io)/'))",
          message: '{field} must not have keys of tenantry.dev, kubernetes.io or k8s.io; plans cannot set those.',
        },
      ),
    })
    .optional(),
  annotations: z
    .record(z.string(), z.string().max(4096).describe('A value.'))
    .meta({
      description: 'Annotations of the namespace.',
      maxProperties: 32,
      ...rules(
        {
          rule: "self.all(key, key.size() <= 317 && key.matches('^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'))",
          message: '{field} must have annotation keys, such as contact or example.com/contact.',
        },
        {
          rule: "self.all(key, !key.matches('^([-a-z0-9.]+[.])?tenantry[.]dev/'))",
          message: '{field} must not have keys of tenantry.dev; plans cannot set those.',
        },
      ),
    })
    .optional(),
})

const database = z.object({
  server: objectName().describe('The DatabaseServer to place tenants on, unless the Tenant sets one.').optional(),
  serverSelector: labelSelector()
    .meta({ description: 'Selects DatabaseServers by their labels, unless the Tenant sets a server or a selector.' })
    .optional(),
  isolation: z
    .enum(isolations)
    .default('Database')
    .describe(
      'Whether a tenant gets its own database (Database) or a schema in a shared database (Schema), unless the Tenant sets it.',
    ),
  connectionLimit: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe('The maximum number of concurrent connections of a tenant, unless the Tenant sets it.'),
  maxSize: byteSize()
    .describe("The maximum size of a tenant's data, such as 10Gi, unless the Tenant sets it. Default: no limit.")
    .optional(),
  overSize: z
    .enum(overSizes)
    .describe(
      "What happens when a tenant's data exceeds maxSize, unless the Tenant sets it: the status warns (Warn), new sessions are read-only (ReadOnly), or the logins are disabled (Off). Default: Warn.",
    )
    .optional(),
  parameters: parameters(
    "PostgreSQL parameters that a tenant's sessions start with; the Tenant can override them. When a tenant changes them on its logins, Tenantry restores them. Within a session the tenant can set other values, except for temp_file_limit.",
  ).optional(),
  rotation: z
    .object({
      maxAge: duration()
        .describe('The maximum age of a password. An older password is rotated. Default: no limit.')
        .optional(),
      grace: duration()
        .default('10m')
        .describe(
          'The grace period: how long after a rotation the former login still works and keeps its sessions, so that applications have time to read the new Secret.',
        ),
    })
    .prefault({})
    .meta({ description: "How the passwords of tenants' databases are rotated." }),
})

/** RBAC allows more in names than other kinds: whatever a URL's path can hold, `system:node` for instance. */
const clusterRole = text(
  253,
  /^[^\x00-\x20\x7f%/]+$/,
  '{field} must hold names of ClusterRoles, without spaces, slashes and percent signs.',
)

export const tenantPlanSpec = z.object({
  default: z
    .boolean()
    .default(false)
    .describe('Whether this is the plan of Tenants that set no plan. At most one plan can be the default.'),
  quota: quantities(64).describe('The hard limits of the ResourceQuota of a tenant.').optional(),
  limits: z
    .array(limit.describe('The limits of one type of object.'))
    .max(3)
    .meta({
      description: 'The items of the LimitRange of a tenant.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    })
    .optional(),
  network: network.prefault({}).meta({ description: "The traffic that is allowed to and from the tenant's pods." }),
  podSecurity: z
    .enum(['privileged', 'baseline', 'restricted'])
    .default('restricted')
    .describe('The Pod Security Standard that the namespace enforces.'),
  allowed: allowed
    .meta({
      description: 'What tenants may use outside their namespace. Default: only the defaults of the cluster.',
    })
    .optional(),
  roles: z
    .record(z.string(), clusterRole.describe('The name of a ClusterRole.'))
    .meta({
      description:
        'The roles that sub-admins can have: names, each with a ClusterRole of the chart or of settings.bindableRoles.',
      maxProperties: 32,
      ...rules({
        rule: "self.all(name, name.size() <= 63 && name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'))",
        message: '{field} must have DNS labels as names of roles: lower-case letters, digits and inner hyphens.',
      }),
    })
    .optional(),
  admins: admins.prefault({}).meta({ description: 'The limits of the admins of a tenant and their invites.' }),
  database: database.prefault({}).meta({
    description: "Where and how tenants' data is stored.",
    ...rules({
      rule: '!(has(self.server) && has(self.serverSelector))',
      message: '{field} must not have both server and serverSelector.',
    }),
  }),
  archive: z
    .object({
      retention: duration()
        .default('30d')
        .describe('How long an archived tenant can be revived before its data is purged.'),
    })
    .prefault({})
    .meta({ description: 'What happens to a tenant after it is archived.' }),
  deletion: deletion.optional(),
  namespace: metadata
    .meta({ description: "Labels and annotations of the tenant's namespace, in addition to Tenantry's own." })
    .optional(),
})

/** Characters. */
export const acceptedSpecLimit = 524_288

export const tenantPlanStatus = z.object({
  observedGeneration: observedGenerationField(),
  acceptedSpec: z
    .string()
    .max(acceptedSpecLimit)
    .describe(
      'The spec that the tenants of the plan follow, as JSON: the latest spec that the Kubernetes API accepted. While the API refuses a newer spec, the tenants keep this one.',
    )
    .optional(),
  tenants: z.int().min(0).describe('The number of tenants with this plan.').optional(),
  updatedTenants: z.int().min(0).describe('The number of tenants that follow the latest edit.').optional(),
  conditions: conditionsField(conditionTypes.TenantPlan).optional(),
})

export type TenantPlanSpec = SpecOf<typeof tenantPlanSpec>
export type TenantPlanStatus = StatusOf<typeof tenantPlanStatus>

export interface TenantPlan extends KubeObject {
  readonly spec: TenantPlanSpec
  readonly status?: TenantPlanStatus
}

export const tenantPlans = ownResource<TenantPlan>('TenantPlan', 'tenantplans', false)

export const tenantPlanKind: KindDefinition<TenantPlan> = {
  resource: tenantPlans,
  singular: 'tenantplan',
  shortName: 'plan',
  description:
    'The quota, limits, network, roles and database settings of the tenants that use the plan. An edit is rolled out to them.',
  spec: tenantPlanSpec.meta({ description: 'The desired state.' }),
  status: tenantPlanStatus.meta({ description: 'The observed state. Only the operator writes it.' }),
  rules: [],
  columns: [
    { name: 'Default', type: 'boolean', path: '.spec.default', description: 'Whether this is the default plan.' },
    { name: 'Tenants', type: 'integer', path: '.status.tenants', description: 'The number of tenants with this plan.' },
    {
      name: 'Updated',
      type: 'integer',
      path: '.status.updatedTenants',
      description: 'The number of tenants that follow the latest edit.',
    },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether the object is fully reconciled (the condition Ready).',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'When the object was created.' },
    {
      name: 'Message',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].message',
      description: 'The current state, and what to do.',
      wide: true,
    },
  ],
}
