/** What a tenant’s admin tries to open ways into the namespace, or to take others’ addresses. */
import type { Attack } from './attack.ts'
import { backend, core, hostOf, ingress, meta, network, object, service } from './objects.ts'

const foreignHost = 'spec.rules must each have a host of the tenant'
const besideTheSpec = 'metadata.annotations must not contain host names'

export const ways: readonly Attack[] = [
  ...['LoadBalancer', 'NodePort'].map((type): Attack => [
    `opens a way in by a Service of type ${type}`,
    ({ mine }) => ['POST', core(mine.namespace, 'services'), service({ type })],
    'spec.type must be neither LoadBalancer nor NodePort',
  ]),
  [
    'opens a way in by an external address',
    ({ mine }) => ['POST', core(mine.namespace, 'services'), service({ externalIPs: ['192.0.2.1'] })],
    'spec.externalIPs must not be given',
  ],
  [
    'names a neighbour’s Service as its own, for the ingress controller to follow',
    ({ mine, neighbour }) => [
      'POST',
      core(mine.namespace, 'services'),
      service({ type: 'ExternalName', externalName: `web.${neighbour.namespace}.svc.cluster.local` }),
    ],
    'spec.type must not be ExternalName',
  ],
  [
    'lays endpoints at a neighbour’s pod',
    ({ mine }) => [
      'POST',
      core(mine.namespace, 'endpoints'),
      object('v1', 'Endpoints', {
        ...meta('web'),
        subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }],
      }),
    ],
  ],
  [
    'lays an EndpointSlice at a neighbour’s pod',
    ({ mine }) => [
      'POST',
      `/apis/discovery.k8s.io/v1/namespaces/${mine.namespace}/endpointslices`,
      object('discovery.k8s.io/v1', 'EndpointSlice', {
        ...meta('web'),
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.1.2.3'] }],
      }),
    ],
  ],
  [
    'makes an Ingress for a neighbour’s host',
    ({ mine, neighbour }) => ['POST', network(mine.namespace, 'ingresses'), ingress(hostOf(neighbour))],
    foreignHost,
  ],
  [
    'makes an Ingress for the host of the MSP above',
    ({ mine, msp: above }) => ['POST', network(mine.namespace, 'ingresses'), ingress(hostOf(above))],
    foreignHost,
  ],
  [
    'makes an Ingress for every host of the base domain',
    ({ mine }) => ['POST', network(mine.namespace, 'ingresses'), ingress('*.tenants.example.com')],
    foreignHost,
  ],
  [
    'makes an Ingress without a host',
    ({ mine }) => ['POST', network(mine.namespace, 'ingresses'), ingress(undefined)],
    foreignHost,
  ],
  [
    'makes an Ingress for a host that ends like its own',
    ({ mine }) => ['POST', network(mine.namespace, 'ingresses'), ingress(`x${hostOf(mine)}`)],
    foreignHost,
  ],
  [
    'makes an Ingress that answers whatever no other does',
    ({ mine }) => ['POST', network(mine.namespace, 'ingresses'), ingress(hostOf(mine), { defaultBackend: backend })],
    'spec.defaultBackend must not be given',
  ],
  [
    'asks for a certificate for a neighbour’s host',
    ({ mine, neighbour }) => [
      'POST',
      network(mine.namespace, 'ingresses'),
      ingress(hostOf(mine), { tls: [{ hosts: [hostOf(neighbour)], secretName: 'x' }] }),
    ],
    'spec.tls must have hosts in each entry',
  ],
  [
    'names a neighbour’s host in an annotation of its Ingress',
    ({ mine, neighbour }) => [
      'POST',
      network(mine.namespace, 'ingresses'),
      ingress(hostOf(mine), {}, { 'nginx.ingress.kubernetes.io/server-alias': hostOf(neighbour) }),
    ],
    besideTheSpec,
  ],
  [
    'puts configuration of the proxy into an annotation of its Ingress',
    ({ mine }) => [
      'POST',
      network(mine.namespace, 'ingresses'),
      ingress(hostOf(mine), {}, { 'nginx.ingress.kubernetes.io/configuration-snippet': 'return 200;' }),
    ],
    besideTheSpec,
  ],
  [
    'has a DNS name made for a neighbour’s host by an annotation of a Service',
    ({ mine, neighbour }) => [
      'POST',
      core(mine.namespace, 'services'),
      service({}, { 'external-dns.alpha.kubernetes.io/hostname': hostOf(neighbour) }),
    ],
    besideTheSpec,
  ],
]
