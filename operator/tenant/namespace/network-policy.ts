/**
 * The NetworkPolicy of a plan whose network is Isolated: pods are reached from their own namespace and the named ones,
 * and reach their own namespace, DNS and what the plan states. All the apiserver's defaults are written out. Pure.
 */
import type { TenantPlanSpec } from '../../api/tenantplan.ts'
import type { NetworkPolicy } from '../../kube/resources.ts'
import { markAnnotations, markLabels } from '../../domain/marks.ts'
import type { Identity } from '../../domain/marks.ts'
import type { DnsSettings } from '../model/settings.ts'

type Network = TenantPlanSpec['network']
type Egress = Network['egress'][number]

/** All pods of the namespace. */
const own = { podSelector: {} }

export function isolationPolicy(
  identity: Identity,
  namespace: string,
  network: Network,
  dns: DnsSettings,
): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: 'tenantry-isolation',
      namespace,
      labels: markLabels(identity, 'isolation'),
      annotations: markAnnotations(identity),
    },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [own, ...network.ingressNamespaces.map(podsOf)] }],
      egress: [...alwaysReached(dns), ...network.egress.map(egressRule)],
    },
  }
}

/** The rules for outgoing traffic that come before the plan's rules. */
export function alwaysReached(dns: DnsSettings): readonly object[] {
  return [{ to: [own] }, ...dnsRule(dns)]
}

/** Without a peer a rule would let everything through. */
function dnsRule({ namespaces, addresses, ports }: DnsSettings): readonly object[] {
  const to = [...namespaces.map(podsOf), ...addresses.map((cidr) => ({ ipBlock: { cidr } }))]
  if (to.length === 0) return []
  return [{ to, ports: ports.flatMap((port) => ['UDP', 'TCP'].map((protocol) => ({ protocol, port }))) }]
}

/** All pods of a namespace, by the label that the apiserver itself sets and keeps. */
function podsOf(namespace: string): object {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }
}

function egressRule({ cidr, except, namespace, ports }: Egress): object {
  const block = { cidr, ...(except === undefined ? {} : { except }) }
  return {
    to: [namespace === undefined ? { ipBlock: block } : podsOf(namespace)],
    ...(ports === undefined ? {} : { ports: ports.map((port) => ({ protocol: 'TCP', ...port })) }),
  }
}
