/**
 * Policies on the operator itself: RBAC lets it write Secrets and RoleBindings in all namespaces, and these limit that.
 */
import { annotations, group, labels } from '../names.ts'
import { operatorUser, ownRule } from './policy.ts'
import type { AdmissionPolicy, NamedExpression, PolicyValues, ResourceRule } from './policy.ts'

function rule(apiGroup: string, scope: 'Namespaced' | 'Cluster', ...resources: readonly string[]): ResourceRule {
  return { apiGroups: [apiGroup], apiVersions: ['v1'], resources, operations: ['CREATE', 'UPDATE', 'DELETE'], scope }
}

function isOperator(values: PolicyValues): NamedExpression {
  return { name: 'is-the-operator', expression: `request.userInfo.username == '${operatorUser(values)}'` }
}

/** Either mark is enough: one of them may be lost, or back for a moment only. */
const inTenant = `(has(namespaceObject.metadata.labels) && '${labels.tenantUid}' in namespaceObject.metadata.labels) || (has(namespaceObject.metadata.annotations) && '${annotations.tenant}' in namespaceObject.metadata.annotations)`

function children(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'operator-children',
    description:
      'The operator writes only in its own namespace, in that of the pages, and in the namespaces of tenants.',
    rules: [
      rule('', 'Namespaced', 'secrets', 'configmaps', 'resourcequotas', 'limitranges', 'serviceaccounts', 'services'),
      rule('rbac.authorization.k8s.io', 'Namespaced', 'roles', 'rolebindings'),
      rule('networking.k8s.io', 'Namespaced', 'networkpolicies', 'ingresses'),
    ],
    conditions: [isOperator(values)],
    validations: [
      {
        expression: `request.namespace in ['${values.operatorNamespace}', '${values.webNamespace}'] || ${inTenant}`,
        message: `metadata.namespace must be the operator's own or that of a tenant, labelled ${labels.tenantUid}, for the operator to write there.`,
        reason: 'Forbidden',
      },
    ],
  }
}

/**
 * Any key of Tenantry's except the administrators': a home, a confirmed deletion. One of several may be lost and
 * restored.
 */
const marked = (root: string) =>
  `((has(${root}.metadata.labels) && ${root}.metadata.labels.exists(key, key.startsWith('${group}/') && key != '${labels.home}')) || (has(${root}.metadata.annotations) && ${root}.metadata.annotations.exists(key, key.startsWith('${group}/') && !(key in ['${annotations.allowDeletion}', '${annotations.releaseDeletion}']))))`

function namespaces(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'operator-namespaces',
    description: 'The operator changes and deletes only namespaces with its marks.',
    rules: [rule('', 'Cluster', 'namespaces')],
    conditions: [isOperator(values)],
    validations: [
      {
        expression: `oldObject == null ? ${marked('object')} : ${marked('oldObject')}`,
        message: `metadata.labels must have the marks of ${group} for the operator to write this namespace.`,
        reason: 'Forbidden',
      },
    ],
  }
}

/** The operator patches finalizers, and RBAC knows no finer right than to patch the whole object. */
function specs(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'operator-specs',
    description: 'The operator writes the status, never the spec.',
    rules: ['tenants', 'tenantadmins', 'tenantplans', 'databaseservers'].map((resource) => ownRule(resource, 'UPDATE')),
    conditions: [isOperator(values)],
    validations: [
      {
        expression: 'object.spec == oldObject.spec',
        message: 'spec is written by users only; the operator writes its finalizer and the status.',
        reason: 'Forbidden',
      },
      {
        expression: `object.kind in ['Tenant', 'TenantAdmin'] || (${['labels', 'annotations'].map((field) => `object.metadata.?${field} == oldObject.metadata.?${field}`).join(' && ')})`,
        message:
          'metadata of plans and servers is written by users only, except for the finalizer by which the operator holds an object in use.',
        reason: 'Forbidden',
      },
    ],
  }
}

function pods(values: PolicyValues): AdmissionPolicy {
  const podRule = rule('', 'Namespaced', 'pods')
  return {
    name: 'operator-pods',
    description: 'The operator evicts and deletes pods only in the namespaces of tenants.',
    rules: [
      { ...podRule, operations: ['DELETE'] },
      { ...podRule, resources: ['pods/eviction'], operations: ['CREATE'] },
    ],
    conditions: [isOperator(values)],
    validations: [
      {
        expression: inTenant,
        message: `metadata.namespace must be that of a tenant, labelled ${labels.tenantUid}, for the operator to evict or delete a pod there.`,
        reason: 'Forbidden',
      },
    ],
  }
}

/** Only AccessGrants of masquerades that are over; a declared access is its author's to end. */
function grants(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'operator-grants',
    description: 'The operator deletes only AccessGrants of masquerades that have ended.',
    rules: [ownRule('accessgrants', 'DELETE')],
    conditions: [isOperator(values)],
    validations: [
      {
        expression: `oldObject.spec.type == 'Masquerade' && has(oldObject.status) && oldObject.status.?phase.orValue('') in ['Ended', 'Refused']`,
        message:
          'spec.type must be Masquerade and status.phase Ended or Refused for the operator to delete an AccessGrant.',
        reason: 'Forbidden',
      },
    ],
  }
}

function annotationsOf(root: string, name: string): NamedExpression {
  return { name, expression: `has(${root}.metadata.annotations) ? ${root}.metadata.annotations : {}` }
}

/**
 * The right to write workloads everywhere is the right to run anything everywhere: so this policy limits the operator's
 * right to its use.
 */
function workloads(values: PolicyValues): AdmissionPolicy {
  const ofGroup = (apiGroup: string, ...resources: readonly string[]): ResourceRule => ({
    ...rule(apiGroup, 'Namespaced', ...resources),
    operations: ['UPDATE'],
  })
  const kept = (one: string, other: string) =>
    `variables.${one}.all(key, key == '${annotations.wokenAt}' || (key in variables.${other} && variables.${other}[key] == variables.${one}[key]))`
  const same = (field: string) => `object.metadata.?${field} == oldObject.metadata.?${field}`
  return {
    name: 'operator-workloads',
    description:
      'The operator changes only the annotation that resumes a workload, and only in the namespaces of tenants.',
    rules: [
      ofGroup('', 'replicationcontrollers'),
      ofGroup('apps', 'replicasets', 'statefulsets', 'daemonsets'),
      ofGroup('batch', 'jobs', 'cronjobs'),
    ],
    conditions: [isOperator(values)],
    variables: [annotationsOf('object', 'after'), annotationsOf('oldObject', 'before')],
    validations: [
      {
        expression: inTenant,
        message: `metadata.namespace must be that of a tenant, labelled ${labels.tenantUid}, for the operator to write a workload there.`,
        reason: 'Forbidden',
      },
      {
        expression: `object.spec == oldObject.spec && ${['labels', 'ownerReferences', 'finalizers'].map(same).join(' && ')} && ${kept('after', 'before')} && ${kept('before', 'after')}`,
        message: `spec is written by the owners of the workload; the operator writes metadata.annotations ${annotations.wokenAt} only.`,
        reason: 'Forbidden',
      },
    ],
  }
}

export function operatorPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [children(values), namespaces(values), specs(values), grants(values), pods(values), workloads(values)]
}
