/**
 * Policies on annotations that the cluster's controllers read, and that may reach beyond the tenant. Allowed are those
 * that are known to be harmless, or that the tenant's plan names.
 */
import { annotations } from '../names.ts'
import { notClusterController, notOperator } from './policy.ts'
import type { AdmissionPolicy, NamedExpression, PolicyValues, Validation } from './policy.ts'
import { above, allowed, everywhere, inTenants, tenantRule } from './tenant-rule.ts'
import { besideTheSpec } from './host-policies.ts'

/** Annotations of deployment tools and of metrics. Kubernetes reserves a key without a prefix for its user's private use. */
const harmlessPrefixes = [
  'app.kubernetes.io/',
  'argocd.argoproj.io/',
  'config.kubernetes.io/',
  'helm.sh/',
  'helm.toolkit.fluxcd.io/',
  'internal.config.kubernetes.io/',
  'kubectl.kubernetes.io/',
  'kustomize.toolkit.fluxcd.io/',
  'meta.helm.sh/',
  'prometheus.io/',
] as const

const harmlessKeys = [
  annotations.grantedTo,
  'kubernetes.io/change-cause',
  'kubernetes.io/description',
  'service.kubernetes.io/topology-mode',
] as const

/** Annotations of ingress-nginx for the Ingress itself; it writes the values into its configuration, so only plain ones. */
const nginxKeys = [
  'backend-protocol',
  'force-ssl-redirect',
  'proxy-body-size',
  'proxy-connect-timeout',
  'proxy-read-timeout',
  'proxy-send-timeout',
  'ssl-redirect',
].map((key) => `nginx.ingress.kubernetes.io/${key}`)

const listed = (keys: readonly string[]) => `[${keys.map((key) => `'${key}'`).join(', ')}]`
const isHarmless = [
  "!key.contains('/')",
  `key in ${listed(harmlessKeys)}`,
  `${listed(harmlessPrefixes)}.exists(prefix, key.startsWith(prefix))`,
  `(key in ${listed(nginxKeys)} && object.metadata.annotations[key].matches('^[A-Za-z0-9]*$'))`,
].join(' || ')

const isAllowed =
  "('annotation=' + key in variables.allowed || variables.allowed.exists(word, word.startsWith('annotation=') && word.endsWith('*') && ('annotation=' + key).startsWith(word.substring(0, word.size() - 1))))"

export const before: NamedExpression = {
  name: 'before',
  expression: 'oldObject != null && has(oldObject.metadata.annotations) ? oldObject.metadata.annotations : {}',
}

/** Existing annotations stay. */
export const isAsBefore = '(key in variables.before && variables.before[key] == object.metadata.annotations[key])'

/** Some have a sentence of their own. */
export const unknownAnnotations: NamedExpression = {
  name: 'strange',
  expression: `!has(object.metadata.annotations) ? [] : object.metadata.annotations.filter(key, !${isAsBefore} && !(${isHarmless}) && !(${besideTheSpec}) && !${isAllowed})`,
}

/** The keys of a map come in any order, so the sentence names the first in the alphabet. */
export const noUnknownAnnotations: Validation = {
  expression: 'variables.strange.size() == 0 || variables.above || variables.everywhere',
  message:
    "metadata.annotations must be those that spec.allowed.annotations of the tenant's plan names, as controllers of the cluster read them.",
  messageExpression:
    "'metadata.annotations must not have ' + variables.strange.min() + ', unless spec.allowed.annotations of the plan of the tenant names it: controllers of the cluster read it.'",
  reason: 'Forbidden',
}

export function annotationPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [
    {
      name: 'tenant-annotations',
      description:
        'Annotations that controllers of the cluster read are limited to those that the plan of the tenant allows.',
      rules: [
        tenantRule('', 'v1', 'services', 'serviceaccounts'),
        tenantRule('networking.k8s.io', 'v1', 'ingresses'),
        tenantRule('gateway.networking.k8s.io', '*', 'httproutes', 'grpcroutes', 'tlsroutes'),
      ],
      namespaceSelector: inTenants,
      conditions: [
        notOperator(values),
        notClusterController,
        { name: 'has-annotations', expression: 'has(object.metadata.annotations)' },
      ],
      variables: [above, everywhere, allowed, before, unknownAnnotations],
      validations: [noUnknownAnnotations],
    },
  ]
}
