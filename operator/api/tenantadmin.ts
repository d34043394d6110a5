/** TenantAdmin: one person who administers a tenant, invited by e-mail. */
import { z } from 'zod'
import type { KubeObject } from '../kube/port.ts'
import { conditionsField, conditionTypes, observedGenerationField } from './conditions.ts'
import { dnsLabel, line, nameReference, names, rules, text, time } from './fields.ts'
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
    'A Tenant in the same namespace. Default: the tenant whose namespace this is. Cannot be changed.',
  ).optional(),
  username: username().describe('The username, unique within the tenant: the SSO or LDAP id where those are used.'),
  email: mailbox().meta({
    description: 'Where the invite goes. Only the address that an invite was sent to can accept it.',
  }),
  firstName: line(100).describe('The first name, for the greeting.').optional(),
  lastName: line(100).describe('The last name, for the greeting.').optional(),
  role: z
    .enum(adminRoles)
    .default('Admin')
    .describe('Admin; SubAdmin with the roles in permissions; or Technician of an MSP, with granted access only.'),
  permissions: names(32, 'For a SubAdmin: names of roles that the plan offers.', dnsLabel()).optional(),
  user: text(
    256,
    /^[^\x00-\x20\x7f]+$/,
    '{field} must be the name of a Kubernetes user, without spaces and control characters.',
  )
    .meta({
      description:
        "The person's Kubernetes user. Default: the configured prefix and the e-mail in lower case; any other user, except for another case of the e-mail, needs the verb bind-user.",
    })
    .optional(),
  passwordSecretRef: nameReference(
    'A Secret beside the TenantAdmin, of type tenantry.dev/admin-password, whose key password holds a first password.',
  ).optional(),
  state: z.enum(states).default('Active').describe('The wanted state of the admin.'),
  notBefore: time().describe('The invite goes out no earlier than this.').optional(),
})

const lastError = z.object({
  class: z
    .enum(mailErrorClasses)
    .describe('The class of the failure: temporary, of the address, or of the settings of the installation.'),
  code: z
    .string()
    .max(32)
    .describe('The code of the relay, with the enhanced status code where it gave one: 550 5.1.1.')
    .optional(),
  message: z.string().max(1024).describe('The answer of the relay, without secrets.'),
})

const invite = z.object({
  status: z.enum(inviteStatuses).describe('The phase of the invite.').optional(),
  address: z.string().max(254).describe('The address that this invite is for.').optional(),
  sequence: z
    .int()
    .min(0)
    .describe('The number of the invite; a resend makes the next one and ends the one before.')
    .optional(),
  issued: tally('How many invites the admin got on it.')
    .describe('How many invites were issued on the day of the latest.')
    .optional(),
  keyId: z.string().max(64).describe('The key that the link is signed with.').optional(),
  issuedAt: time().describe('When the invite was issued.').optional(),
  sentAt: time().describe('When the relay took the mail.').optional(),
  expiresAt: time().describe('Until when the invite can be accepted.').optional(),
  acceptedAt: time().describe('When the invite was accepted.').optional(),
  attempts: z.int().min(0).describe('How many attempts were made to send this invite.').optional(),
  nextAttemptAt: time().describe('When the next attempt follows after a failure.').optional(),
  lastError: lastError.describe('Why the last attempt failed.').optional(),
  messageId: z.string().max(256).describe('The Message-ID of the mail, the same for every attempt.').optional(),
  replacedTenantUid: z
    .string()
    .max(64)
    .describe(
      'The uid of the earlier Tenant of the same name that the invites before were for, until this one is accepted.',
    )
    .optional(),
  lastHandledResend: z
    .string()
    .max(256)
    .describe('The last value of the annotation tenantry.dev/resend-requested-at that was carried out.')
    .optional(),
})

const expiryWarning = z.object({
  daysBefore: z.int().min(0).max(365).describe('How many days before the expiry the warning is for.'),
  expiresAt: time().describe('The expiry that the warning is for.'),
  attempts: z.int().min(0).describe('How many attempts were made to send this warning.').optional(),
  nextAttemptAt: time().describe('When the next attempt follows after a failure.').optional(),
  sentAt: time().describe('When the relay took the mail.').optional(),
  lastError: lastError.describe('Why the last attempt failed.').optional(),
  messageId: z.string().max(256).describe('The Message-ID of the mail, the same for every attempt.'),
})

export const tenantAdminStatus = z.object({
  observedGeneration: observedGenerationField(),
  phase: z.enum(tenantAdminPhases).describe('The phase of the admin, for people.').optional(),
  tenant: z
    .object({
      namespace: z.string().max(63).describe('The namespace that the Tenant lies in.'),
      name: z.string().max(253).describe('The name of the Tenant.'),
      uid: z.string().max(64).describe('The uid of the Tenant.'),
    })
    .describe('The tenant that the admin belongs to, and that the invite is for.')
    .optional(),
  user: z.string().max(256).describe('The Kubernetes user in effect.').optional(),
  invite: invite.describe('The latest invite.').optional(),
  consent: z
    .object({
      given: z.boolean().describe('Whether the admin consented.'),
      at: time().describe('When the admin consented.').optional(),
      digest: z.string().max(128).describe('The SHA-256 of the text that was shown, in hexadecimal.').optional(),
    })
    .describe('The consent that the tenant asks for.')
    .optional(),
  expiryWarning: expiryWarning.describe("The latest mail that warned of the tenant's end.").optional(),
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
  description: 'A person who administers a tenant: invited by e-mail, bound to the roles that the tenant gives.',
  spec: tenantAdminSpec.meta({
    description: 'What is wanted.',
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
  status: tenantAdminStatus.meta({ description: 'The observed state, written by the operator only.' }),
  rules: [],
  columns: [
    { name: 'Tenant', type: 'string', path: '.status.tenant.name', description: 'The tenant.' },
    { name: 'Username', type: 'string', path: '.spec.username', description: 'The username.' },
    { name: 'Email', type: 'string', path: '.spec.email', description: 'Where the invite goes.' },
    { name: 'Role', type: 'string', path: '.spec.role', description: 'The role.' },
    { name: 'Invite', type: 'string', path: '.status.invite.status', description: 'The phase of the invite.' },
    {
      name: 'Expires',
      type: 'string',
      path: '.status.invite.expiresAt',
      description: 'Until when it can be accepted.',
    },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether nothing is left to do.',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'When the object was created.' },
    { name: 'User', type: 'string', path: '.status.user', description: 'The Kubernetes user in effect.', wide: true },
    {
      name: 'Message',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].message',
      description: 'The present state and what to do.',
      wide: true,
    },
  ],
}
