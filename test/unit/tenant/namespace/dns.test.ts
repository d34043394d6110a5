/** Where a tenant's pods may ask for names. */
import test from 'ava'
import { isolationPolicy } from '../../../../operator/tenant/namespace/network-policy.ts'
import type { DnsSettings } from '../../../../operator/tenant/model/settings.ts'
import { tenantPlan, tenantSettings } from '../../../gen.ts'

const identity = { uid: 'u', formerUids: [], installation: 'main', tenant: 'home/acme' }
function egress(dns: DnsSettings): readonly object[] {
  const { spec = {} } = isolationPolicy(identity, 'tenant-acme', tenantPlan().spec.network, dns)
  return (spec['egress'] as readonly object[]).slice(1) // beside the own namespace
}
const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } })
const both = (port: number) => [
  { protocol: 'UDP', port },
  { protocol: 'TCP', port },
]

test('DNS is asked in kube-system, at port 53, where nothing is said', (t) => {
  t.deepEqual(egress(tenantSettings.dns), [{ to: [inNamespace('kube-system')], ports: both(53) }])
})

test('DNS pods that listen elsewhere, and a cache on each node, are asked where they are', (t) => {
  t.deepEqual(egress({ namespaces: ['openshift-dns'], ports: [53, 5353], addresses: ['169.254.20.10/32'] }), [
    {
      to: [inNamespace('openshift-dns'), { ipBlock: { cidr: '169.254.20.10/32' } }],
      ports: [...both(53), ...both(5353)],
    },
  ])
})

test('without any place of DNS there is no rule, which would let everything through', (t) => {
  t.deepEqual(egress({ namespaces: [], addresses: [], ports: [53] }), [])
})
