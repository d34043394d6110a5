/**
 * Policies on users with granted access (docs/decisions/0030-granted-access-ends.md): limits that RBAC cannot express, as
 * it knows neither the type of a Secret nor the user who made an object. The end of the access: accessgrant/terms/grant-end.ts.
 */
import { annotations, group } from '../names.ts'
import { notClusterController, notOperator, ownRule } from './policy.ts'
import type { AdmissionPolicy, NamedExpression, PolicyValues } from './policy.ts'
import { above, inTenants, tenantRule } from './tenant-rule.ts'

/** Such a token never expires, and one read is enough to keep it. Kubernetes gives pods short-lived ones. */
function tokens(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'tenant-tokens',
    description: 'Users of a tenant cannot create ServiceAccount tokens that never expire.',
    rules: [{ ...tenantRule('', 'v1', 'secrets'), operations: ['CREATE'] }],
    namespaceSelector: inTenants,
    conditions: [
      notOperator(values),
      notClusterController,
      { name: 'is-a-token', expression: "object.type == 'kubernetes.io/service-account-token'" },
    ],
    variables: [above],
    validations: [
      {
        expression: 'variables.above',
        message:
          'type must not be kubernetes.io/service-account-token in the namespace of a tenant, as such a token never expires; pods get short-lived ones automatically.',
        reason: 'Forbidden',
      },
    ],
  }
}

/**
 * Only the role for granted access has the verb; a user who may invite admins is an admin too, or has rights above the
 * tenant.
 */
const forATime: NamedExpression = {
  name: 'works-for-a-time-only',
  expression: `authorizer.group('${group}').resource('accessgrants').namespace(request.namespace).check('hold').allowed() && !authorizer.group('${group}').resource('tenantadmins').namespace(request.namespace).check('create').allowed()`,
}

function traces(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'granted-traces',
    description:
      'Objects that a user with granted access creates or changes must carry an annotation with that user, for the admins of the tenant.',
    rules: [{ ...tenantRule('*', '*', '*') }],
    namespaceSelector: inTenants,
    conditions: [
      notOperator(values),
      notClusterController,
      // The role gives no write access to these; a superadmin's next masquerade names its user itself.
      { name: 'is-none-of-ours', expression: `request.resource.group != '${group}'` },
      forATime,
    ],
    validations: [
      {
        expression: `has(object.metadata.annotations) && object.metadata.annotations[?'${annotations.grantedTo}'] == optional.of(request.userInfo.username)`,
        message: `metadata.annotations must have ${annotations.grantedTo} with your Kubernetes user, because your access to this tenant is granted for a limited time: it shows the admins of the tenant what you created or changed.`,
        messageExpression: `'metadata.annotations must have ${annotations.grantedTo}: ' + request.userInfo.username + ', because your access to this tenant is granted for a limited time: it shows the admins of the tenant what you created or changed.'`,
        reason: 'Forbidden',
      },
    ],
  }
}

/** The role for masquerades has only the verb create: it does not allow a user to grant access to others. */
const delegation: AdmissionPolicy = {
  name: 'delegation',
  description: 'Only users who may change AccessGrants can delegate access.',
  rules: [ownRule('accessgrants', 'CREATE')],
  conditions: [{ name: 'is-a-delegation', expression: "object.spec.type == 'Delegation'" }],
  validations: [
    {
      expression: `authorizer.group('${group}').resource('accessgrants').namespace(object.metadata.namespace).check('update').allowed()`,
      message: `spec.type must not be Delegation when you may not change AccessGrants here; ask for the verb update on accessgrants.${group}, or ask an admin of the MSP to delegate.`,
      reason: 'Forbidden',
    },
  ],
}

export function grantedAccessPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [tokens(values), traces(values), delegation]
}
