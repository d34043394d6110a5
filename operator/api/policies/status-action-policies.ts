/**
 * Policies on the actions that a status allows, for people only. A GitOps tool asks with a ServiceAccount and declares a
 * state, not an action: a condition answers it, so that its sync does not fail for ever.
 */
import { annotations } from '../names.ts'
import { ownRule } from './policy.ts'
import type { AdmissionPolicy, NamedExpression } from './policy.ts'

const person: NamedExpression = {
  name: 'a-person-asks',
  expression: "!request.userInfo.username.startsWith('system:serviceaccount:')",
}

const notDeleting: NamedExpression = {
  name: 'is-not-being-deleted',
  expression: '!has(object.metadata.deletionTimestamp)',
}

const annotation = (root: string, key: string) =>
  `(has(${root}.metadata.annotations) ? ${root}.metadata.annotations[?'${key}'].orValue('') : '')`

const adminStatusActions: AdmissionPolicy = {
  name: 'admin-options',
  description: 'Changes of a TenantAdmin that the status of its invite does not allow are refused.',
  rules: [ownRule('tenantadmins', 'UPDATE')],
  conditions: [person, notDeleting],
  variables: [
    { name: 'invite', expression: "oldObject.?status.invite.status.orValue('NotYetActive')" },
    {
      name: 'suspends',
      expression: "oldObject.spec.state != object.spec.state && object.spec.state in ['Deactivated', 'Archived']",
    },
    {
      name: 'resends',
      expression: `${annotation('object', annotations.resendRequestedAt)} != '' && ${annotation('object', annotations.resendRequestedAt)} != ${annotation('oldObject', annotations.resendRequestedAt)}`,
    },
  ],
  validations: [
    {
      expression: "!variables.suspends || variables.invite == 'Accepted'",
      message:
        'spec.state can only be changed like this after the invite was accepted; resend it, or delete this TenantAdmin.',
      messageExpression:
        "'spec.state cannot become ' + object.spec.state + ' while the invite is ' + variables.invite + '; resend it, or delete this TenantAdmin.'",
      reason: 'Forbidden',
    },
    {
      expression: "!variables.resends || variables.invite in ['Pending', 'EmailSendingFailed', 'Expired']",
      message: `metadata.annotations ${annotations.resendRequestedAt} requests a resend, which the status of the invite does not allow.`,
      messageExpression: `'metadata.annotations ${annotations.resendRequestedAt} requests a resend, which is not possible while the invite is ' + variables.invite + '; it must be Pending, EmailSendingFailed or Expired.'`,
      reason: 'Forbidden',
    },
  ],
}

const tenantOptions: AdmissionPolicy = {
  name: 'tenant-options',
  description: 'Changes of spec.state that the phase of a Tenant does not allow are refused.',
  rules: [ownRule('tenants', 'UPDATE')],
  conditions: [person, notDeleting, { name: 'state-changes', expression: 'oldObject.spec.state != object.spec.state' }],
  variables: [{ name: 'phase', expression: "oldObject.?status.phase.orValue('')" }],
  validations: [
    {
      expression: "variables.phase != 'Purged'",
      message: 'spec.state can no longer be changed, as the data is purged; delete this Tenant and create another.',
      reason: 'Forbidden',
    },
    {
      expression: "variables.phase != 'Pending' || object.spec.state == 'Active'",
      message:
        'spec.state can only be changed like this once the tenant is provisioned; resend the invite, or delete this Tenant.',
      messageExpression:
        "'spec.state cannot become ' + object.spec.state + ' while the phase is Pending, because nothing is provisioned yet; resend the invite, or delete this Tenant.'",
      reason: 'Forbidden',
    },
  ],
}

export const statusActionPolicies = [adminStatusActions, tenantOptions] as const
