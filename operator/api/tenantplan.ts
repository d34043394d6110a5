/** TenantPlan: what the tenants of a plan get, and what they may not do. */
import { z } from 'zod'
import type { KubeObject } from '../kube/port.ts'
import { conditionsField, conditionTypes, observedGenerationField } from './conditions.ts'
import { byteSize, duration, labelSelector, labelValue, objectName, quantities, rules, text } from './fields.ts'
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
          message:
            '{field} must not have keys of tenantry.dev, kubernetes.io or k8s.io; those are not for plans to set.',
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
          message: '{field} must not have keys of tenantry.dev; those are not for plans to set.',
        },
      ),
    })
    .optional(),
})

const database = z.object({
  server: objectName().describe("The DatabaseServer, where a tenant's spec does not say.").optional(),
  serverSelector: labelSelector()
    .meta({ description: "Labels of the DatabaseServers to choose from, where a tenant's spec does not say." })
    .optional(),
  isolation: z
    .enum(isolations)
    .default('Database')
    .describe("A database of its own, or a schema in a shared one, where a tenant's spec does not say."),
  connectionLimit: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe("How many connections a tenant may have at once, where a tenant's spec does not say."),
  maxSize: byteSize()
    .describe(
      "How large the data of a tenant may become, such as 10Gi, where a tenant's spec does not say. Default: no limit.",
    )
    .optional(),
  overSize: z
    .enum(overSizes)
    .describe(
      "What happens when a tenant's data is larger than that, where a tenant's spec does not say: only a report (Warn), sessions begin read-only (ReadOnly), or the logins are turned off (Off). Default: Warn.",
    )
    .optional(),
  parameters: parameters(
    "Parameters of PostgreSQL that sessions of a tenant start with, unless a tenant's spec has another value for one. Tenantry restores them on its logins where the tenant changes them; within a session the tenant may set others, except for temp_file_limit.",
  ).optional(),
  rotation: z
    .object({
      maxAge: duration().describe('How old a password may become before it is changed. Default: no limit.').optional(),
      grace: duration()
        .default('10m')
        .describe(
          'How long after a change the former login can still log in and its sessions are kept, so that applications have time to read the Secret again.',
        ),
    })
    .prefault({})
    .meta({ description: "How the passwords of tenants' databases are changed." }),
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
    .describe('Whether tenants that name no plan get this one. At most one plan may be the default.'),
  quota: quantities(64).describe('What a tenant may use in total: the hard limits of its ResourceQuota.').optional(),
  limits: z
    .array(limit.describe('Limits for one kind of object.'))
    .max(3)
    .meta({
      description: "The items of the tenant's LimitRange.",
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    })
    .optional(),
  network: network
    .prefault({})
    .meta({ description: "Which traffic may reach the tenant's pods, and what the pods may reach." }),
  podSecurity: z
    .enum(['privileged', 'baseline', 'restricted'])
    .default('restricted')
    .describe('The Pod Security Standard that is enforced.'),
  allowed: allowed
    .meta({
      description:
        'What the tenants may use that reaches beyond their namespace. Default: only the defaults of the cluster.',
    })
    .optional(),
  roles: z
    .record(z.string(), clusterRole.describe('The name of a ClusterRole.'))
    .meta({
      description:
        'The roles that sub-admins may be given, by name: ClusterRoles that the chart lists in settings.bindableRoles.',
      maxProperties: 32,
      ...rules({
        rule: "self.all(name, name.size() <= 63 && name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'))",
        message: '{field} must have DNS labels as names of roles: lower-case letters, digits and inner hyphens.',
      }),
    })
    .optional(),
  admins: admins.prefault({}).meta({ description: 'How many admins a tenant may invite.' }),
  database: database.prefault({}).meta({
    description: "Where and how tenants' data is kept.",
    ...rules({
      rule: '!(has(self.server) && has(self.serverSelector))',
      message: '{field} must not have both server and serverSelector.',
    }),
  }),
  archive: z
    .object({
      retention: duration().default('30d').describe('How long an archived tenant can be revived.'),
    })
    .prefault({})
    .meta({ description: 'What happens to a tenant once it is archived.' }),
  deletion: deletion.optional(),
  namespace: metadata
    .meta({ description: "Labels and annotations of the tenant's namespace beside Tenantry's own." })
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
      'What the tenants of the plan follow, as JSON: all that they get from the latest spec that the Kubernetes API accepted. While it refuses spec they keep this one.',
    )
    .optional(),
  tenants: z.int().min(0).describe('How many tenants have the plan.').optional(),
  updatedTenants: z.int().min(0).describe('How many of them follow its latest edit.').optional(),
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
  description: 'What the tenants of a plan get: quota, limits, network, roles, database. An edit rolls out to them.',
  spec: tenantPlanSpec.meta({ description: 'What is wanted.' }),
  status: tenantPlanStatus.meta({ description: 'The observed state, written by the operator only.' }),
  rules: [],
  columns: [
    { name: 'Default', type: 'boolean', path: '.spec.default', description: 'Whether it is the default plan.' },
    { name: 'Tenants', type: 'integer', path: '.status.tenants', description: 'How many tenants have the plan.' },
    {
      name: 'Updated',
      type: 'integer',
      path: '.status.updatedTenants',
      description: 'How many of them follow its latest edit.',
    },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether nothing is left to do.',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'When the object was created.' },
    {
      name: 'Message',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].message',
      description: 'The present state and what to do.',
      wide: true,
    },
  ],
}
