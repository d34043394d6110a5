/**
 * What keeps a tenant's people inside their tenant, beside RBAC: in a tenant's namespace nobody touches what isolates
 * it, unless they may also update the Namespace itself: those stand above the tenant anyway.
 */
import { accessListName, annotations, group, labels, managedBy, suspensionQuotaName } from '../names.ts'
import { notClusterController, notOperator } from './policy.ts'
import type { AdmissionPolicy, NamedExpression, PolicyValues, ResourceRule, Validation } from './policy.ts'
import { above, inTenants, tenantRule as rule } from './tenant-rule.ts'

function guardrails(values: PolicyValues): AdmissionPolicy {
  const withDelete = (each: ResourceRule): ResourceRule => ({ ...each, operations: ['CREATE', 'UPDATE', 'DELETE'] })
  return {
    name: 'tenant-guardrails',
    description: "A tenant's people do not write what isolates the tenant.",
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
          "kind is one that only Tenantry writes in a tenant's namespace; ask for a change of the tenant's plan.",
        messageExpression:
          "'kind ' + request.kind.kind + ' is one that only Tenantry writes in the namespace of a tenant; ask for a change of the plan of the tenant.'",
        reason: 'Forbidden',
      },
    ],
  }
}

/** A request that deletes all of a kind at once has no name, and is asked about each object. */
const isNamed = (name: string) => `(object != null ? object : oldObject).metadata.name == '${name}'`

/**
 * A GitOps tool often asks as cluster-admin, who stands above the tenant; what it prunes or heals would be back within
 * moments, with pods in between.
 */
function suspension(values: PolicyValues): AdmissionPolicy {
  const quota = rule('', 'v1', 'resourcequotas')
  return {
    name: 'tenant-suspension',
    description: 'The quota that keeps a suspended tenant still is not taken away by accident, by whomever.',
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
        message: 'spec keeps a suspended tenant still; set spec.state of the Tenant to Active to end that.',
        reason: 'Forbidden',
      },
      {
        expression: `object != null || (has(oldObject.metadata.annotations) && oldObject.metadata.annotations[?'${annotations.allowDeletion}'] == optional.of('${suspensionQuotaName}'))`,
        message: `metadata.annotations must have ${annotations.allowDeletion} with the name of this ResourceQuota before you delete it: it keeps a suspended tenant still until spec.state of the Tenant is Active.`,
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
    description: "A tenant's people do not write objects that bear Tenantry's marks, and put its marks on none.",
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
        message: `metadata.labels of ${group} mark what Tenantry made; only Tenantry sets them, and writes or deletes what bears them.`,
        reason: 'Forbidden',
      },
    ],
  }
}

/** Of the tenant's people none takes the place of the list that says who has access. */
function accessList(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'tenant-access-list',
    description: 'The list of who has access to a tenant is written by Tenantry only.',
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
        message: `metadata.name must not be ${accessListName}: that is the list of who has access to the tenant, which only Tenantry writes.`,
        reason: 'Forbidden',
      },
    ],
  }
}

/**
 * What controllers read beside the spec: further host names for ingress-nginx and its like, pieces of a proxy's
 * configuration, names that external-dns shall make.
 */
export const besideTheSpec =
  "key.contains('/server-alias') || key.endsWith('snippet') || (key.startsWith('external-dns.') && key.endsWith('hostname'))"

const noNamesInAnnotations: Validation = {
  expression: `!has(object.metadata.annotations) || !object.metadata.annotations.exists(key, ${besideTheSpec}) || variables.above`,
  message:
    'metadata.annotations must name no hosts (server-alias, external-dns) and hold no configuration of a proxy (snippets) in the namespace of a tenant.',
  reason: 'Forbidden',
}

function services(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'tenant-services',
    description: 'Services of a tenant are reached from inside the cluster only.',
    rules: [rule('', 'v1', 'services')],
    namespaceSelector: inTenants,
    conditions: [notOperator(values), notClusterController],
    variables: [above],
    validations: [
      {
        expression: "!(object.spec.?type.orValue('ClusterIP') in ['LoadBalancer', 'NodePort']) || variables.above",
        message: 'spec.type must be neither LoadBalancer nor NodePort in the namespace of a tenant; use an Ingress.',
        reason: 'Forbidden',
      },
      {
        expression: '!has(object.spec.externalIPs) || object.spec.externalIPs.size() == 0 || variables.above',
        message: 'spec.externalIPs must not be given in the namespace of a tenant; use an Ingress.',
        reason: 'Forbidden',
      },
      {
        expression: "object.spec.?type.orValue('ClusterIP') != 'ExternalName' || variables.above",
        message:
          'spec.type must not be ExternalName in the namespace of a tenant: an ingress controller would follow it to where the tenant may not go.',
        reason: 'Forbidden',
      },
      noNamesInAnnotations,
    ],
  }
}

/** The tenant's host names, from the annotation that the operator keeps on the namespace. */
const hosts: NamedExpression = {
  name: 'hosts',
  expression: `has(namespaceObject.metadata.annotations) ? namespaceObject.metadata.annotations[?'${annotations.hosts}'].orValue('').split(',') : []`,
}

const theirs = (host: string) =>
  `variables.hosts.exists(own, own != '' && (${host} == own || ${host}.endsWith('.' + own)))`

/** A regular expression, as CEL spells it in a string: what ends a string or a directive in the configuration of a proxy. */
const endsDirective = String.raw`[\\s[:cntrl:]"\'\\x60;{}]|\\\\$`

const unchangedRules = '(oldObject != null && object.spec.?rules == oldObject.spec.?rules)'

function ingresses(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'tenant-ingress-hosts',
    description: "Ingresses of a tenant are for the tenant's host names only.",
    rules: [rule('networking.k8s.io', 'v1', 'ingresses')],
    namespaceSelector: inTenants,
    conditions: [notOperator(values), notClusterController],
    variables: [above, hosts],
    validations: [
      {
        expression: '!has(object.spec.defaultBackend) || variables.above',
        message: 'spec.defaultBackend must not be given in the namespace of a tenant: it would answer for every host.',
        reason: 'Forbidden',
      },
      {
        expression: `!has(object.spec.rules) || object.spec.rules.all(rule, has(rule.host) && ${theirs('rule.host')}) || variables.above`,
        message: 'spec.rules must each have a host that is one of the tenant, or below one.',
        reason: 'Forbidden',
      },
      {
        expression: `!has(object.spec.tls) || object.spec.tls.all(entry, has(entry.hosts) && entry.hosts.size() > 0 && entry.hosts.all(host, ${theirs('host')})) || variables.above`,
        message: 'spec.tls must have hosts in each entry, and those of the tenant, or below one.',
        reason: 'Forbidden',
      },
      {
        expression: `${unchangedRules} || !has(object.spec.rules) || object.spec.rules.all(rule, !has(rule.http) || rule.http.paths.all(each, !each.?path.orValue('').matches('${endsDirective}'))) || variables.above`,
        message:
          'spec.rules must have paths without spaces, quotes, semicolons and braces, and with no backslash at the end: a proxy writes them into its configuration.',
        reason: 'Forbidden',
      },
      noNamesInAnnotations,
    ],
  }
}

function routes(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'tenant-route-hosts',
    description: "Routes of a tenant (Gateway API) are for the tenant's host names only.",
    rules: [rule('gateway.networking.k8s.io', '*', 'httproutes', 'grpcroutes', 'tlsroutes')],
    namespaceSelector: inTenants,
    conditions: [notOperator(values), notClusterController],
    variables: [above, hosts],
    validations: [
      {
        expression: `(has(object.spec.hostnames) && object.spec.hostnames.size() > 0 && object.spec.hostnames.all(host, ${theirs('host')})) || variables.above`,
        message: 'spec.hostnames must be given, each one of the tenant or below one.',
        reason: 'Forbidden',
      },
      {
        expression: `object.spec.?parentRefs.orValue([]).all(parent, parent.?kind.orValue('Gateway') == 'Gateway' || parent.?namespace.orValue(request.namespace) == request.namespace) || variables.above`,
        message:
          'spec.parentRefs must name Gateways, or else what lies in the namespace of the tenant: a mesh takes routes for Services of others.',
        reason: 'Forbidden',
      },
      noNamesInAnnotations,
    ],
  }
}

export function isolationPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [
    guardrails(values),
    suspension(values),
    marks(values),
    accessList(values),
    services(values),
    ingresses(values),
    routes(values),
  ]
}
