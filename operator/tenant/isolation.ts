/**
 * The NetworkPolicy of a plan whose network is Isolated: pods are reached from their own namespace and the named ones, and
 * reach their own namespace, DNS and what the plan states. All that the apiserver would default is written out. Pure.
 */
import type { TenantPlanSpec } from '../api/tenantplan.ts'
import type { NetworkPolicy } from '../kube/resources.ts'
import { markAnnotations, markLabels } from './marks.ts'
import type { Identity } from './marks.ts'

type Network = TenantPlanSpec['network']
type Egress = Network['egress'][number]

export function isolationPolicy(
  identity: Identity,
  namespace: string,
  network: Network,
  dnsNamespaces: readonly string[],
): NetworkPolicy {
  const own = { podSelector: {} }
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
      egress: [
        { to: [own] },
        ...(dnsNamespaces.length === 0 ? [] : [{ to: dnsNamespaces.map(podsOf), ports: dnsPorts }]),
        ...network.egress.map(egressRule),
      ],
    },
  }
}

const dnsPorts = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
]

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
