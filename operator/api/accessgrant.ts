/** AccessGrant: one person's access to one tenant for a time. */
import { z } from 'zod'
import type { KubeObject } from '../kube/port.ts'
import { conditionsField, conditionTypes, observedGenerationField } from './conditions.ts'
import { line, nameReference, rules, text, time } from './schema-fields.ts'
import { ownResource } from './kind.ts'
import type { KindDefinition, SpecOf, StatusOf } from './kind.ts'
import { accessGrantPhases } from './phases.ts'
import type { Rule } from './cel-rule.ts'

const immutable: Rule = {
  rule: 'self == oldSelf',
  message: '{field} cannot be changed; delete this AccessGrant and create another.',
  reason: 'FieldValueForbidden',
}

export const accessGrantSpec = z.object({
  type: z.enum(['Delegation', 'Masquerade']).meta({
    description:
      'Delegation: a technician of the MSP gets the access of an admin of a customer. Masquerade: a superadmin acts as an admin of the tenant.',
    ...rules(immutable),
  }),
  tenantRef: nameReference('The Tenant, in the same namespace, to which the access is given.').meta(rules(immutable)),
  username: text(256, /^[^\x00-\x20\x7f]+$/, '{field} must be a username, without spaces and control characters.').meta(
    {
      description: "Delegation: the technician's username in the MSP. Masquerade: your own Kubernetes user.",
      ...rules(immutable),
    },
  ),
  reason: line(500).describe('The reason, for audits and for the tenant. Required for a Masquerade.').optional(),
  until: time().describe('Delegation: when the access ends. Default: when the AccessGrant is deleted.').optional(),
  duration: text(
    11,
    /^([1-9][0-9]?h([1-9][0-9]{0,3}m)?|[1-9][0-9]{0,3}m([1-9][0-9]{0,3}s)?|[1-9][0-9]{0,3}s)$/,
    '{field} must be a length of time like 30m, 1h or 1h30m.',
  )
    .describe(
      'Masquerade: how long the access lasts, from the creation of this object. Default and maximum: settings.masqueradeLimit, by default 1 hour. Users who may update or delete AccessGrants in this namespace can end it earlier.',
    )
    .optional(),
})

export const accessGrantStatus = z.object({
  observedGeneration: observedGenerationField(),
  phase: z
    .enum(accessGrantPhases)
    .describe('The phase of the access, for display. Absent while the access waits for something.')
    .optional(),
  tenantUid: z
    .string()
    .max(64)
    .describe('The uid of the Tenant to which the access was given. The access opens no other Tenant of the same name.')
    .optional(),
  user: z.string().max(256).describe('The Kubernetes user who has the access.').optional(),
  startedAt: time().describe('When the access first took effect.').optional(),
  endsAt: time().describe('When the access ends, or ended.').optional(),
  conditions: conditionsField(conditionTypes.AccessGrant).optional(),
})

export type AccessGrantSpec = SpecOf<typeof accessGrantSpec>
export type AccessGrantStatus = StatusOf<typeof accessGrantStatus>

export interface AccessGrant extends KubeObject {
  readonly spec: AccessGrantSpec
  readonly status?: AccessGrantStatus
}

export const accessGrants = ownResource<AccessGrant>('AccessGrant', 'accessgrants', true)

export const accessGrantKind: KindDefinition<AccessGrant> = {
  resource: accessGrants,
  singular: 'accessgrant',
  shortName: 'grant',
  description:
    'Access of one person to one tenant for a limited time: a delegation to a technician, or the masquerade of a superadmin.',
  spec: accessGrantSpec.meta({
    description: 'The access to give. Only its end can be changed, and only to an earlier time.',
    ...rules(
      {
        rule: "self.type != 'Masquerade' || has(self.reason)",
        message: 'spec.reason must be given when spec.type is Masquerade.',
        reason: 'FieldValueRequired',
        fieldPath: '.reason',
      },
      {
        rule: "self.type != 'Delegation' || !has(self.duration)",
        message:
          'spec.duration must not be given when spec.type is Delegation; give spec.until, or leave the end open.',
      },
      {
        rule: "self.type != 'Masquerade' || !has(self.until)",
        message: 'spec.until must not be given when spec.type is Masquerade; give spec.duration.',
      },
      {
        rule: 'has(self.reason) == has(oldSelf.reason) && (!has(self.reason) || self.reason == oldSelf.reason)',
        message: 'spec.reason cannot be changed; delete this AccessGrant and create another.',
        reason: 'FieldValueForbidden',
      },
      {
        rule: '!has(oldSelf.until) || (has(self.until) && self.until <= oldSelf.until)',
        message: 'spec.until can only be made earlier; create another AccessGrant for a longer access.',
        reason: 'FieldValueForbidden',
      },
      {
        rule: 'has(self.duration) == has(oldSelf.duration) && (!has(self.duration) || duration(self.duration) <= duration(oldSelf.duration))',
        message: 'spec.duration can only be made shorter; create another AccessGrant for a longer access.',
        reason: 'FieldValueForbidden',
      },
    ),
  }),
  status: accessGrantStatus.meta({ description: 'The observed state. Only the operator writes it.' }),
  rules: [],
  columns: [
    { name: 'Type', type: 'string', path: '.spec.type', description: 'Delegation or Masquerade.' },
    { name: 'Tenant', type: 'string', path: '.spec.tenantRef.name', description: 'The tenant.' },
    { name: 'Username', type: 'string', path: '.spec.username', description: 'The user who has the access.' },
    { name: 'Phase', type: 'string', path: '.status.phase', description: 'The phase of the access.' },
    { name: 'Ends', type: 'string', path: '.status.endsAt', description: 'When the access ends.' },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether the object is fully reconciled (the condition Ready).',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'When the object was created.' },
    { name: 'Reason', type: 'string', path: '.spec.reason', description: 'The reason for the access.', wide: true },
    {
      name: 'Message',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].message',
      description: 'The current state, and what to do.',
      wide: true,
    },
  ],
}
