/** TenantAdmin: one person who administers a tenant, invited by e-mail. */
import { z } from 'zod'
import type { KubeObject } from '../kube/port.ts'
import { conditionsField, conditionTypes, observedGenerationField } from './conditions.ts'
import { dnsLabel, line, nameReference, names, rules, text, time } from './schema-fields.ts'
import { ownResource } from './kind.ts'
import type { KindDefinition, SpecOf, StatusOf } from './kind.ts'
import { tally } from './tally.ts'
import { adminRoles, inviteStatuses, mailErrorClasses, states, tenantAdminPhases } from './phases.ts'

/** A username within a tenant: what SSO and LDAP directories use as an id. */
export function username(max = 128) {
  return text(
    max,
    /^[A-Za-z0-9_][-A-Za-z0-9_.@+=,:#|/\\]*$/,
    '{field} must be a username: letters, digits and - _ . @ + = , : # | / \\ without spaces, beginning with _, a letter or a digit.',
  )
}

/** One ASCII mailbox (RFC 5321, section 4.1.2, without quoted local parts and address literals). */
export function mailbox() {
  return text(
    254,
    /^[-A-Za-z0-9!#$%&'*+/=?^_`{|}~]+(\.[-A-Za-z0-9!#$%&'*+/=?^_`{|}~]+)*@[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?)+$/,
    '{field} must be one ASCII mail address such as jane@example.com, without a name around it.',
  )
}

export const tenantAdminSpec = z.object({
  tenantRef: nameReference(
    'A Tenant in the same namespace. Default: the tenant to which this namespace belongs. Immutable.',
  ).optional(),
  username: username().describe('The username, unique in the tenant. With SSO or LDAP: the user id there.'),
  email: mailbox().meta({
    description:
      'The address that the invite is sent to. An invite that was sent to another address can no longer be accepted.',
  }),
  firstName: line(100).describe('The first name, for the greeting in mails.').optional(),
  lastName: line(100).describe('The last name, for the greeting in mails.').optional(),
  role: z
    .enum(adminRoles)
    .default('Admin')
    .describe(
      'Admin; SubAdmin, with the roles in permissions; or Technician of an MSP, with the access that AccessGrants give.',
    ),
  permissions: names(
    32,
    'For a SubAdmin: the names of its roles, from roles of the TenantPlan.',
    dnsLabel(),
  ).optional(),
  user: text(
    256,
    /^[^\x00-\x20\x7f]+$/,
    '{field} must be the name of a Kubernetes user, without spaces and control characters.',
  )
    .meta({
      description:
        "The person's Kubernetes user. Default: the configured prefix followed by the e-mail address in lower case. Setting another user requires the verb bind-user, unless only the case differs.",
    })
    .optional(),
  passwordSecretRef: nameReference(
    'A Secret of type tenantry.dev/admin-password, in the namespace of the TenantAdmin, whose key password holds an initial password.',
  ).optional(),
  state: z.enum(states).default('Active').describe('The desired state of the admin.'),
  notBefore: time().describe('The earliest time at which the invite is sent.').optional(),
})

const lastError = z.object({
  class: z
    .enum(mailErrorClasses)
    .describe(
      'The class of the failure: Transient (temporary), Permanent (about the address), or Configuration (about the settings of the installation).',
    ),
  code: z
    .string()
    .max(32)
    .describe('The reply code of the relay, with the enhanced status code if there is one, such as 550 5.1.1.')
    .optional(),
  message: z.string().max(1024).describe('The reply of the relay, without secrets.'),
})

const invite = z.object({
  status: z.enum(inviteStatuses).describe('The status of the invite.').optional(),
  address: z.string().max(254).describe('The address that this invite is for.').optional(),
  sequence: z
    .int()
    .min(0)
    .describe(
      'The number of the invite. A resend makes an invite with the next number and invalidates the previous one.',
    )
    .optional(),
  issued: tally('The number of invites on that day.')
    .describe('The invites that were issued to this admin on the day of the latest one.')
    .optional(),
  keyId: z.string().max(64).describe('The id of the key that signed the link.').optional(),
  issuedAt: time().describe('When the invite was issued.').optional(),
  sentAt: time().describe('When the relay accepted the mail.').optional(),
  expiresAt: time().describe('When the invite expires.').optional(),
  acceptedAt: time().describe('When the invite was accepted.').optional(),
  attempts: z.int().min(0).describe('The number of attempts to send this invite.').optional(),
  nextAttemptAt: time().describe('When the next attempt is made after a failure.').optional(),
  lastError: lastError.describe('Why the last attempt failed.').optional(),
  messageId: z.string().max(256).describe('The Message-ID of the mail; every attempt has the same.').optional(),
  replacedTenantUid: z
    .string()
    .max(64)
    .describe(
      'The uid of an earlier Tenant of the same name that the previous invites were for. Removed when this invite is accepted.',
    )
    .optional(),
  lastHandledResend: z
    .string()
    .max(256)
    .describe('The last value of the annotation tenantry.dev/resend-requested-at that was carried out.')
    .optional(),
})

const expiryWarning = z.object({
  daysBefore: z.int().min(0).max(365).describe('The number of days before the expiry.'),
  expiresAt: time().describe('The expiry time that the warning is about.'),
  attempts: z.int().min(0).describe('The number of attempts to send this warning.').optional(),
  nextAttemptAt: time().describe('When the next attempt is made after a failure.').optional(),
  sentAt: time().describe('When the relay accepted the mail.').optional(),
  lastError: lastError.describe('Why the last attempt failed.').optional(),
  messageId: z.string().max(256).describe('The Message-ID of the mail; every attempt has the same.'),
})

export const tenantAdminStatus = z.object({
  observedGeneration: observedGenerationField(),
  phase: z.enum(tenantAdminPhases).describe('The phase of the admin, for display.').optional(),
  tenant: z
    .object({
      namespace: z.string().max(63).describe('The namespace of the Tenant.'),
      name: z.string().max(253).describe('The name of the Tenant.'),
      uid: z.string().max(64).describe('The uid of the Tenant.'),
    })
    .describe('The tenant that the admin belongs to and that the invite is for.')
    .optional(),
  user: z.string().max(256).describe('The Kubernetes user of the person.').optional(),
  invite: invite.describe('The latest invite.').optional(),
  consent: z
    .object({
      given: z.boolean().describe('Whether the admin consented.'),
      at: time().describe('When the admin consented.').optional(),
      digest: z.string().max(128).describe('The SHA-256 of the text that the page showed, in hexadecimal.').optional(),
    })
    .describe('The consent of the admin, where the tenant requires it.')
    .optional(),
  expiryWarning: expiryWarning.describe("The latest mail that warned of the tenant's expiry.").optional(),
  conditions: conditionsField(conditionTypes.TenantAdmin).optional(),
})

export type TenantAdminSpec = SpecOf<typeof tenantAdminSpec>
export type TenantAdminStatus = StatusOf<typeof tenantAdminStatus>

export interface TenantAdmin extends KubeObject {
  readonly spec: TenantAdminSpec
  readonly status?: TenantAdminStatus
}

export const tenantAdmins = ownResource<TenantAdmin>('TenantAdmin', 'tenantadmins', true)

export const tenantAdminKind: KindDefinition<TenantAdmin> = {
  resource: tenantAdmins,
  singular: 'tenantadmin',
  shortName: 'ta',
  description:
    'A person who administers a tenant. Tenantry invites the person by e-mail and binds the roles of the tenant.',
  spec: tenantAdminSpec.meta({
    description: 'The desired state.',
    ...rules(
      {
        rule: 'has(self.tenantRef) == has(oldSelf.tenantRef) && (!has(self.tenantRef) || self.tenantRef == oldSelf.tenantRef)',
        message: 'spec.tenantRef cannot be changed; create another TenantAdmin instead.',
        reason: 'FieldValueForbidden',
      },
      {
        rule: "self.role == 'SubAdmin' ? has(self.permissions) && size(self.permissions) > 0 : !has(self.permissions) || size(self.permissions) == 0",
        message: 'spec.permissions must name at least one role when spec.role is SubAdmin, and none otherwise.',
      },
      {
        rule: "!has(self.user) || !self.user.startsWith('system:')",
        message: 'spec.user must not begin with system:, as those users belong to Kubernetes.',
      },
    ),
  }),
  status: tenantAdminStatus.meta({ description: 'The observed state. Only the operator writes it.' }),
  rules: [],
  columns: [
    { name: 'Tenant', type: 'string', path: '.status.tenant.name', description: 'The tenant.' },
    { name: 'Username', type: 'string', path: '.spec.username', description: 'The username.' },
    { name: 'Email', type: 'string', path: '.spec.email', description: 'The address that the invite is sent to.' },
    { name: 'Role', type: 'string', path: '.spec.role', description: 'The role.' },
    { name: 'Invite', type: 'string', path: '.status.invite.status', description: 'The status of the invite.' },
    {
      name: 'Expires',
      type: 'string',
      path: '.status.invite.expiresAt',
      description: 'When the invite expires.',
    },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether the object is fully reconciled (the condition Ready).',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'When the object was created.' },
    {
      name: 'User',
      type: 'string',
      path: '.status.user',
      description: 'The Kubernetes user of the person.',
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
