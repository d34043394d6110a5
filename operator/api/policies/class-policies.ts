/**
 * Policies on the classes that objects of a tenant may name. The apiserver fills in the cluster's default before a
 * policy sees the object, so each policy asks whether the class is the default.
 */
import { notClusterController, notOperator } from './policy.ts'
import type { AdmissionPolicy, NamedExpression, PolicyValues } from './policy.ts'
import { podSpec, templates } from './pod-spec.ts'
import { above, allowed, everywhere, inTenants, isAllowed, isDefault, tenantRule } from './tenant-rule.ts'

function ingressClass(values: PolicyValues): AdmissionPolicy {
  const named = (root: string) =>
    `has(${root}.spec.ingressClassName) && ${root}.spec.ingressClassName == params.metadata.name`
  return {
    name: 'tenant-ingress-class',
    description: 'Ingresses of a tenant can use only the IngressClasses that its plan allows.',
    rules: [tenantRule('networking.k8s.io', 'v1', 'ingresses')],
    namespaceSelector: inTenants,
    params: { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' },
    conditions: [notOperator(values), notClusterController],
    variables: [above, everywhere, allowed],
    validations: [
      {
        expression: `!(${named('object')}) || (oldObject != null && ${named('oldObject')}) || (${isDefault('ingressclass.kubernetes.io/is-default-class')}) || ${isAllowed('ingressClass', 'params.metadata.name')} || variables.above || variables.everywhere`,
        message:
          "spec.ingressClassName must be one that spec.allowed.ingressClasses of the tenant's plan names, or be left out for the default of the cluster.",
        reason: 'Forbidden',
      },
    ],
  }
}

const priorityOf = (root: string, name: string): NamedExpression => ({
  name,
  expression: `${root} != null ? (${podSpec(root)}).?priorityClassName.orValue('') : ''`,
})

/** Classes of 0 and below preempt no pod. */
const priorityClass: AdmissionPolicy = {
  name: 'tenant-priority-class',
  description: 'Pods of a tenant can use only the PriorityClasses that its plan allows.',
  rules: [{ ...tenantRule('', 'v1', 'pods'), operations: ['CREATE'] }, ...templates],
  namespaceSelector: inTenants,
  params: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
  variables: [above, allowed, priorityOf('object', 'priority'), priorityOf('oldObject', 'priorityBefore')],
  validations: [
    {
      // The system's classes have a sentence of their own.
      expression: `variables.priority != params.metadata.name || variables.priority == variables.priorityBefore || variables.priority.startsWith('system-') || params.value <= 0 || params.?globalDefault.orValue(false) || ${isAllowed('priorityClass', 'params.metadata.name')} || variables.above`,
      message:
        "spec of the pods must have a priorityClassName that spec.allowed.priorityClasses of the tenant's plan names, or none.",
      reason: 'Forbidden',
    },
  ],
}

export function classPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [ingressClass(values), priorityClass]
}
