/** Policies on the Services, Ingresses and routes of tenants: a tenant uses its own host names only. Pure. */
import { annotations } from '../names.ts'
import { notClusterController, notOperator } from './policy.ts'
import type { AdmissionPolicy, NamedExpression, PolicyValues, Validation } from './policy.ts'
import { above, inTenants, tenantRule as rule } from './tenant-rule.ts'

/**
 * Annotations that controllers read beside the spec: more host names for ingress-nginx and the like, snippets of a proxy's
 * configuration, and names that external-dns publishes.
 */
export const besideTheSpec =
  "key.contains('/server-alias') || key.endsWith('snippet') || (key.startsWith('external-dns.') && key.endsWith('hostname'))"

const noNamesInAnnotations: Validation = {
  expression: `!has(object.metadata.annotations) || !object.metadata.annotations.exists(key, ${besideTheSpec}) || variables.above`,
  message:
    'metadata.annotations must not contain host names (server-alias, external-dns) or proxy configuration (snippets) in the namespace of a tenant.',
  reason: 'Forbidden',
}

function services(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'tenant-services',
    description: 'Services of a tenant can be reached only from inside the cluster.',
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
          'spec.type must not be ExternalName in the namespace of a tenant: an ingress controller would follow it to places that the tenant must not reach.',
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

const ofTenant = (host: string) =>
  `variables.hosts.exists(own, own != '' && (${host} == own || ${host}.endsWith('.' + own)))`

/** A regular expression, escaped for a CEL string: the characters that end a string or a directive in a proxy's configuration. */
const endsDirective = String.raw`[\\s[:cntrl:]"\'\\x60;{}]|\\\\$`

const unchangedRules = '(oldObject != null && object.spec.?rules == oldObject.spec.?rules)'

function ingresses(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'tenant-ingress-hosts',
    description: "Ingresses of a tenant can use only the tenant's host names.",
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
        expression: `!has(object.spec.rules) || object.spec.rules.all(rule, has(rule.host) && ${ofTenant('rule.host')}) || variables.above`,
        message: 'spec.rules must each have a host of the tenant, or a subdomain of one.',
        reason: 'Forbidden',
      },
      {
        expression: `!has(object.spec.tls) || object.spec.tls.all(entry, has(entry.hosts) && entry.hosts.size() > 0 && entry.hosts.all(host, ${ofTenant('host')})) || variables.above`,
        message: 'spec.tls must have hosts in each entry, all of them hosts of the tenant or subdomains of one.',
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
    description: "Routes of a tenant (Gateway API) can use only the tenant's host names.",
    rules: [rule('gateway.networking.k8s.io', '*', 'httproutes', 'grpcroutes', 'tlsroutes')],
    namespaceSelector: inTenants,
    conditions: [notOperator(values), notClusterController],
    variables: [above, hosts],
    validations: [
      {
        expression: `(has(object.spec.hostnames) && object.spec.hostnames.size() > 0 && object.spec.hostnames.all(host, ${ofTenant('host')})) || variables.above`,
        message: 'spec.hostnames must be given, all of them hosts of the tenant or subdomains of one.',
        reason: 'Forbidden',
      },
      {
        expression: `object.spec.?parentRefs.orValue([]).all(parent, parent.?kind.orValue('Gateway') == 'Gateway' || parent.?namespace.orValue(request.namespace) == request.namespace) || variables.above`,
        message:
          'spec.parentRefs must be Gateways, or objects in the namespace of the tenant: a mesh accepts routes for foreign Services.',
        reason: 'Forbidden',
      },
      noNamesInAnnotations,
    ],
  }
}

export function hostPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [services(values), ingresses(values), routes(values)]
}
