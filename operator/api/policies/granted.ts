/**
 * What is granted for a time does not outlive it (docs/decisions/0030): what the role of those with granted access cannot
 * say, as RBAC knows neither the type of a Secret nor what a person has made.
 */
import { annotations, group } from '../names.ts'
import { notClusterController, notOperator, ownRule } from './policy.ts'
import type { AdmissionPolicy, NamedExpression, PolicyValues } from './policy.ts'
import { above, inTenants, tenantRule } from './tenant-rule.ts'

/** Its token never expires, and whoever has read it once has it. Kubernetes hands out short ones to pods. */
function tokens(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'tenant-tokens',
    description: 'Nobody of a tenant makes a token of a ServiceAccount that never expires.',
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
          'type must not be kubernetes.io/service-account-token in the namespace of a tenant, as such a token never expires; pods get short ones by themselves.',
        reason: 'Forbidden',
      },
    ],
  }
}

/** Only the role for granted access has the verb; whoever may invite admins is an admin as well, or stands above. */
const forATime: NamedExpression = {
  name: 'works-for-a-time-only',
  expression: `authorizer.group('${group}').resource('accessgrants').namespace(request.namespace).check('hold').allowed() && !authorizer.group('${group}').resource('tenantadmins').namespace(request.namespace).check('create').allowed()`,
}

function traces(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'granted-traces',
    description: 'What somebody with granted access makes or changes says so, for the admins of the tenant.',
    rules: [{ ...tenantRule('*', '*', '*') }],
    namespaceSelector: inTenants,
    conditions: [
      notOperator(values),
      notClusterController,
      // Of these the role lets nobody write any; a superadmin's next masquerade says by itself whose it is.
      { name: 'is-none-of-ours', expression: `request.resource.group != '${group}'` },
      forATime,
    ],
    validations: [
      {
        expression: `has(object.metadata.annotations) && object.metadata.annotations[?'${annotations.grantedTo}'] == optional.of(request.userInfo.username)`,
        message: `metadata.annotations must have ${annotations.grantedTo} with your Kubernetes user, as access to this tenant is granted to you for a time: by it the admins of the tenant find what you made or changed.`,
        messageExpression: `'metadata.annotations must have ${annotations.grantedTo}: ' + request.userInfo.username + ', as access to this tenant is granted to you for a time: by it the admins of the tenant find what you made or changed.'`,
        reason: 'Forbidden',
      },
    ],
  }
}

/** The role for masquerades has the verb create alone: with it nobody hands out access to others. */
const delegation: AdmissionPolicy = {
  name: 'delegation',
  description: 'Access is delegated by those who may change what is delegated.',
  rules: [ownRule('accessgrants', 'CREATE')],
  conditions: [{ name: 'is-a-delegation', expression: "object.spec.type == 'Delegation'" }],
  validations: [
    {
      expression: `authorizer.group('${group}').resource('accessgrants').namespace(object.metadata.namespace).check('update').allowed()`,
      message: `spec.type must not be Delegation when you may not change AccessGrants here; ask for the verb update on accessgrants.${group}, or an admin of the MSP to delegate.`,
      reason: 'Forbidden',
    },
  ],
}

export function grantedPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [tokens(values), traces(values), delegation]
}
