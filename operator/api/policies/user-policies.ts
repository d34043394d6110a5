/** Policies on Kubernetes users: who may give a TenantAdmin another user than the default, and who may masquerade. */
import { group } from '../names.ts'
import { ownRule } from './policy.ts'
import type { AdmissionPolicy, PolicyValues } from './policy.ts'

function adminUser({ userPrefix }: PolicyValues): AdmissionPolicy {
  const unchanged =
    'oldObject != null && has(oldObject.spec.user) && oldObject.spec.user == object.spec.user && oldObject.spec.email == object.spec.email'
  // Identity providers return the address as it was once typed.
  const usual = `object.spec.user.startsWith('${userPrefix}') && object.spec.user.lowerAscii() == ('${userPrefix}' + object.spec.email).lowerAscii()`
  const allowed = `authorizer.group('${group}').resource('tenantadmins').namespace(object.metadata.namespace).name(object.metadata.name).check('bind-user').allowed()`
  return {
    name: 'admin-user',
    description:
      'Giving a TenantAdmin another Kubernetes user than the default (regardless of case) requires the verb bind-user on it.',
    rules: [ownRule('tenantadmins', 'CREATE', 'UPDATE')],
    conditions: [{ name: 'has-a-user', expression: 'has(object.spec.user)' }],
    validations: [
      {
        expression: `(${unchanged}) || (${usual}) || ${allowed}`,
        message: `spec.user is not the default, which you may not set; leave it out, or ask for the verb bind-user on tenantadmins.${group}.`,
        reason: 'Forbidden',
      },
    ],
  }
}

/** A policy sees no other AccessGrants: accessgrant/terms/grant-problems.ts refuses a second masquerade of one person at a time. */
const masquerade = ({ masqueradeLimit }: PolicyValues): AdmissionPolicy => ({
  name: 'masquerade',
  description:
    'Only a person can masquerade, as their own Kubernetes user, and with the verb masquerade on the Tenant.',
  rules: [ownRule('accessgrants', 'CREATE')],
  conditions: [{ name: 'is-a-masquerade', expression: "object.spec.type == 'Masquerade'" }],
  validations: [
    {
      expression: `!has(object.spec.duration) || duration(object.spec.duration) <= duration('${masqueradeLimit}')`,
      message: `spec.duration must be at most ${masqueradeLimit} when spec.type is Masquerade.`,
      reason: 'Forbidden',
    },
    {
      expression: "!request.userInfo.username.startsWith('system:serviceaccount:')",
      message:
        'spec.type must not be Masquerade when a ServiceAccount creates the AccessGrant: only a person can masquerade.',
      reason: 'Forbidden',
    },
    {
      expression: 'object.spec.username == request.userInfo.username',
      message: 'spec.username must be your own Kubernetes user when spec.type is Masquerade.',
      messageExpression:
        "'spec.username must be your own Kubernetes user, ' + request.userInfo.username + ', when spec.type is Masquerade.'",
      reason: 'Forbidden',
    },
    {
      expression: `authorizer.group('${group}').resource('tenants').namespace(object.metadata.namespace).name(object.spec.tenantRef.name).check('masquerade').allowed()`,
      message: `spec.tenantRef names a Tenant that you may not masquerade in; ask for the verb masquerade on tenants.${group}.`,
      reason: 'Forbidden',
    },
  ],
})

export function userPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [adminUser(values), masquerade(values)]
}
