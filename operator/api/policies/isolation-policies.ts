/**
 * Policies on the objects that isolate a tenant: no user in its namespace changes them, except users who may also
 * update the Namespace itself, as they have rights above the tenant anyway.
 */
import { accessListName, annotations, group, labels, managedBy, suspensionQuotaName } from '../names.ts'
import { notClusterController, notOperator } from './policy.ts'
import type { AdmissionPolicy, PolicyValues, ResourceRule } from './policy.ts'
import { above, inTenants, tenantRule as rule } from './tenant-rule.ts'

function guardrails(values: PolicyValues): AdmissionPolicy {
  const withDelete = (each: ResourceRule): ResourceRule => ({ ...each, operations: ['CREATE', 'UPDATE', 'DELETE'] })
  return {
    name: 'tenant-guardrails',
    description: "A tenant's users cannot write the objects that isolate the tenant.",
    rules: [
      rule('', 'v1', 'resourcequotas', 'limitranges'),
      rule('rbac.authorization.k8s.io', 'v1', 'rolebindings'),
      rule('networking.k8s.io', 'v1', 'networkpolicies'),
    ].map(withDelete),
    namespaceSelector: inTenants,
    conditions: [notOperator(values), notClusterController],
    variables: [above],
    validations: [
      {
        expression: 'variables.above',
        message:
          "kind is one that only Tenantry writes in a tenant's namespace; request a change of the tenant's plan.",
        messageExpression:
          "'kind ' + request.kind.kind + ' is one that only Tenantry writes in the namespace of a tenant; request a change of the plan of the tenant.'",
        reason: 'Forbidden',
      },
    ],
  }
}

/** A request that deletes all objects of a kind at once has no name; the policy sees each object. */
const isNamed = (name: string) => `(object != null ? object : oldObject).metadata.name == '${name}'`

/**
 * A GitOps tool often acts as cluster-admin, which is above the tenant; what it prunes or heals would be back within
 * moments, with pods in between.
 */
function suspension(values: PolicyValues): AdmissionPolicy {
  const quota = rule('', 'v1', 'resourcequotas')
  return {
    name: 'tenant-suspension',
    description:
      'The ResourceQuota that stops the pods of a suspended tenant cannot be removed by accident, by any user.',
    rules: [{ ...quota, operations: ['UPDATE', 'DELETE'] }],
    namespaceSelector: inTenants,
    conditions: [
      notOperator(values),
      notClusterController,
      { name: 'is-the-suspension', expression: isNamed(suspensionQuotaName) },
    ],
    validations: [
      {
        expression: 'object == null || object.spec == oldObject.spec',
        message: 'spec stops the pods of a suspended tenant; set spec.state of the Tenant to Active instead.',
        reason: 'Forbidden',
      },
      {
        expression: `object != null || (has(oldObject.metadata.annotations) && oldObject.metadata.annotations[?'${annotations.allowDeletion}'] == optional.of('${suspensionQuotaName}'))`,
        message: `metadata.annotations must have ${annotations.allowDeletion} with the name of this ResourceQuota before you delete it: it stops the pods of a suspended tenant until spec.state of the Tenant is Active.`,
        reason: 'Forbidden',
      },
    ],
  }
}

const marked = (root: string) =>
  `(${root} != null && ((has(${root}.metadata.labels) && ${root}.metadata.labels.exists(key, key.startsWith('${group}/') || (key == '${labels.managedBy}' && ${root}.metadata.labels[key] == '${managedBy}'))) || (has(${root}.metadata.annotations) && '${annotations.tenant}' in ${root}.metadata.annotations)))`

function marks(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'tenant-marks',
    description: "A tenant's users cannot write objects with Tenantry's marks, or put its marks on an object.",
    rules: [
      {
        apiGroups: ['*'],
        apiVersions: ['*'],
        resources: ['*'],
        operations: ['CREATE', 'UPDATE', 'DELETE'],
        scope: 'Namespaced',
      },
    ],
    namespaceSelector: inTenants,
    conditions: [
      notOperator(values),
      notClusterController,
      { name: 'is-marked', expression: `${marked('object')} || ${marked('oldObject')}` },
    ],
    variables: [above],
    validations: [
      {
        expression: 'variables.above',
        message: `metadata.labels of ${group} mark objects that Tenantry made; only Tenantry sets these labels, and writes or deletes objects with them.`,
        reason: 'Forbidden',
      },
    ],
  }
}

/** No user of the tenant replaces the list that says who has access. */
function accessList(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'tenant-access-list',
    description: 'Only Tenantry writes the list of users with access to a tenant.',
    rules: [{ ...rule('', 'v1', 'configmaps'), operations: ['CREATE', 'UPDATE', 'DELETE'] }],
    namespaceSelector: inTenants,
    conditions: [
      notOperator(values),
      notClusterController,
      { name: 'is-the-list', expression: isNamed(accessListName) },
    ],
    variables: [above],
    validations: [
      {
        expression: 'variables.above',
        message: `metadata.name must not be ${accessListName}: that is the list of users with access to the tenant, which only Tenantry writes.`,
        reason: 'Forbidden',
      },
    ],
  }
}

export function isolationPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [guardrails(values), suspension(values), marks(values), accessList(values)]
}
