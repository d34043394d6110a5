/**
 * ValidatingAdmissionPolicies (admissionregistration.k8s.io/v1) as data: rules on the requesting user, on the old
 * object or on the namespace. One policy here becomes a policy and its binding.
 */
import { group, version } from '../names.ts'

/** What differs between installations. The chart gives Helm expressions, the tests real names. */
export interface PolicyValues {
  /** The prefix of every policy's name, so that two installations do not share one. */
  readonly prefix: string
  readonly operatorNamespace: string
  readonly operatorServiceAccount: string
  /** The namespace of the Secrets of the pages. */
  readonly webNamespace: string
  /** The prefix of the e-mail in the default Kubernetes user of an admin, e.g. `oidc:`. */
  readonly userPrefix: string
  /** How long a masquerade may last, as CEL reads it: `1h`, `90m`. */
  readonly masqueradeLimit: string
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE'

export interface ResourceRule {
  readonly apiGroups: readonly string[]
  readonly apiVersions: readonly string[]
  readonly resources: readonly string[]
  readonly operations: readonly Operation[]
  readonly scope: 'Namespaced' | 'Cluster' | '*'
}

export interface LabelRequirement {
  readonly key: string
  readonly operator: 'Exists' | 'DoesNotExist'
}

/** A CEL expression under a name. */
export interface NamedExpression {
  readonly name: string
  readonly expression: string
}

export interface Validation {
  readonly expression: string
  /** One sentence for people that names the field and the way out. */
  readonly message: string
  /** CEL that makes a sentence with values in it; `message` replaces it when it fails. */
  readonly messageExpression?: string
  readonly reason?: 'Forbidden' | 'Invalid'
}

export interface AdmissionPolicy {
  /** Without the prefix. */
  readonly name: string
  /** The purpose of the policy, for people who meet it in a cluster; an annotation. */
  readonly description: string
  readonly rules: readonly ResourceRule[]
  readonly namespaceSelector?: readonly LabelRequirement[]
  /** A cluster-scoped kind: the policy runs for each of its objects, as `params`, and any one may refuse. */
  readonly params?: { readonly apiVersion: string; readonly kind: string }
  /** All must hold, or the policy does not apply. They cannot use variables. */
  readonly conditions?: readonly NamedExpression[]
  readonly variables?: readonly NamedExpression[]
  readonly validations: readonly Validation[]
}

/** The rule that matches one of Tenantry's own resources. */
export function ownRule(resource: string, ...operations: readonly Operation[]): ResourceRule {
  return { apiGroups: [group], apiVersions: [version], resources: [resource], operations, scope: '*' }
}

export function operatorUser({ operatorNamespace, operatorServiceAccount }: PolicyValues): string {
  return `system:serviceaccount:${operatorNamespace}:${operatorServiceAccount}`
}

/** The operator is exempt: it acts for the spec that a user was allowed to write. */
export function notOperator(values: PolicyValues): NamedExpression {
  return { name: 'not-the-operator', expression: `request.userInfo.username != '${operatorUser(values)}'` }
}

/**
 * Not a controller of the cluster: the namespace controller and the garbage collector must be able to finish, and the
 * others write what belongs to objects that were admitted already.
 */
export const notClusterController: NamedExpression = {
  name: 'not-a-controller-of-the-cluster',
  expression:
    "request.userInfo.username != 'system:kube-controller-manager' && !('system:serviceaccounts:kube-system' in request.userInfo.groups)",
}

/** The objects for the apiserver. */
export function manifests(policy: AdmissionPolicy, { prefix }: PolicyValues): readonly [object, object] {
  const name = `${prefix}-${policy.name}`
  const labels = { 'app.kubernetes.io/part-of': 'tenantry' }
  const { conditions, variables, namespaceSelector, params } = policy
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name, labels, annotations: { 'kubernetes.io/description': policy.description } },
      spec: {
        failurePolicy: 'Fail',
        ...(params === undefined ? {} : { paramKind: params }),
        matchConstraints: {
          matchPolicy: 'Equivalent',
          ...(namespaceSelector === undefined ? {} : { namespaceSelector: { matchExpressions: namespaceSelector } }),
          resourceRules: policy.rules,
        },
        ...(conditions === undefined ? {} : { matchConditions: conditions }),
        ...(variables === undefined ? {} : { variables }),
        validations: policy.validations,
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name, labels },
      spec: {
        policyName: name,
        ...(params === undefined ? {} : { paramRef: { selector: {}, parameterNotFoundAction: 'Allow' } }),
        validationActions: ['Deny'],
      },
    },
  ]
}
