/** What a tenant's admin may create in the own namespace that would reach beyond it, and what stays allowed. */
import { backend, core, hostOf, ingress, meta, network, object, pod, service } from './objects.ts'
import type { Household } from '../security-scene.ts'

export type Row = readonly [sentence: string, path: (namespace: string) => string, body: (mine: Household) => object]
/** `words`: of the refusal. */
export type RefusedRow = readonly [...Row, words: string]

const services = (namespace: string) => core(namespace, 'services')
const serviceAccounts = (namespace: string) => core(namespace, 'serviceaccounts')
const pods = (namespace: string) => core(namespace, 'pods')
const claims = (namespace: string) => core(namespace, 'persistentvolumeclaims')
const ingresses = (namespace: string) => network(namespace, 'ingresses')
const deployments = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`
const cronJobs = (namespace: string) => `/apis/batch/v1/namespaces/${namespace}/cronjobs`

/** Made by the test: none is the cluster's default. */
export const strange = 'tenantry-test-strange'

const annotated = (annotations: object) => (mine: Household) => ingress(hostOf(mine), {}, annotations)
const withSpec = (over: object) => (mine: Household) => ingress(hostOf(mine), over)
const account = (annotations: object) => () => object('v1', 'ServiceAccount', meta('mine', { annotations }))

const claim =
  (over: object, annotations: object = {}) =>
  () =>
    object('v1', 'PersistentVolumeClaim', {
      ...meta('mine', { annotations }),
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...over },
    })

const limits = { memory: '64Mi', 'ephemeral-storage': '1Gi', cpu: '100m' }
const container = {
  name: 'c',
  image: 'example.com/c',
  resources: { limits },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
}
const bounded = (over: object) => () => pod({ containers: [container], ...over })
/** Whose limits a plan may fill in: then they are the plan's. */
const unbounded = (volume: object) => () => {
  const { memory, cpu } = limits
  return pod({
    containers: [{ ...container, resources: { limits: 'medium' in volume ? { cpu } : { memory, cpu } } }],
    volumes: [{ name: 'v', emptyDir: volume }],
  })
}
const template = (over: object) => {
  const { spec } = bounded(over)() as { readonly spec?: object }
  return { metadata: { labels: { app: 'mine' } }, spec }
}
const deployment = (over: object) => () =>
  object('apps/v1', 'Deployment', {
    ...meta('mine'),
    spec: { selector: { matchLabels: { app: 'mine' } }, template: template(over) },
  })
const cronJob = (over: object) => () =>
  object('batch/v1', 'CronJob', {
    ...meta('mine'),
    spec: {
      schedule: '0 4 * * *',
      jobTemplate: { spec: { template: template({ restartPolicy: 'Never', ...over }) } },
    },
  })

const withPath = (path: string) => (mine: Household) =>
  ingress(hostOf(mine), {
    rules: [{ host: hostOf(mine), http: { paths: [{ path, pathType: 'ImplementationSpecific', backend }] } }],
  })
const annotatedPod = (key: string) => () => ({ ...bounded({})(), ...meta('mine', { annotations: { [key]: 'x' } }) })

const nginx = 'nginx.ingress.kubernetes.io'
const traefik = 'traefik.ingress.kubernetes.io'
const alb = 'alb.ingress.kubernetes.io'

/** What Kubernetes gives to each pod. */
const tolerated = ['not-ready', 'unreachable'].map((taint) => ({
  key: `node.kubernetes.io/${taint}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}))

/** On Ingresses: each is refused by the name of its key. */
const keys = [
  'konghq.com/host-aliases',
  'appgw.ingress.kubernetes.io/hostname-extension',
  `${alb}/group.name`,
  `${alb}/conditions.web`,
  `${alb}/actions.web`,
  'haproxy-ingress.github.io/config-backend',
  'haproxy-ingress.github.io/config-frontend',
  'haproxy.org/backend-config',
  'cert-manager.io/alt-names',
  'cert-manager.io/common-name',
  'cert-manager.io/cluster-issuer',
  'cert-manager.io/issuer',
  `${traefik}/router.middlewares`,
  `${traefik}/router.priority`,
  `${nginx}/auth-secret`,
  `${nginx}/auth-tls-secret`,
  `${nginx}/auth-url`,
  `${nginx}/proxy-ssl-secret`,
  `${nginx}/custom-headers`,
  `${nginx}/fastcgi-params-configmap`,
  `${nginx}/canary`,
  'nginx.org/mergeable-ingress-type',
  'kubernetes.io/ingress.class',
  'dns.gardener.cloud/dnsnames',
  'getambassador.io/config',
  'of-somebody.example.org/whatever',
] as const

const beside = 'proxy configuration (snippets)'
const node = 'nodeName must not be given'
const taints = 'tolerations must each have a key'
const runtimes = 'runtimeClassName must be one that spec.allowed.runtimeClasses'
const drivers = 'volumes must have csi only with drivers'
const priorities = 'must have a priorityClassName that spec.allowed.priorityClasses'
const volumes = 'spec must have neither volumeName nor selector nor an empty storageClassName'
const emptyDirs = 'spec.volumes must have no emptyDir without a sizeLimit'

export const beyond: readonly RefusedRow[] = [
  ...keys.map((key): RefusedRow => [`an Ingress with ${key}`, ingresses, annotated({ [key]: 'x' }), key]),
  ...['nginx.org/server-snippets', 'nginx.org/location-snippets', `${nginx}/server-snippet`].map((key): RefusedRow => [
    `an Ingress with ${key}`,
    ingresses,
    annotated({ [key]: 'x' }),
    key.endsWith('s') ? key : beside,
  ]),
  [
    'an Ingress whose body size goes on in the configuration of the proxy',
    ingresses,
    annotated({ [`${nginx}/proxy-body-size`]: '1m; } server {' }),
    'proxy-body-size',
  ],
  ['an Ingress of another class', ingresses, withSpec({ ingressClassName: strange }), 'spec.ingressClassName must be'],
  [
    'an Ingress with TLS without hosts',
    ingresses,
    withSpec({ tls: [{ secretName: 'web' }] }),
    'spec.tls must have hosts',
  ],
  ...['getambassador.io/config', 'tailscale.com/expose', 'tailscale.com/hostname', 'metallb.io/address-pool'].map(
    (key): RefusedRow => [`a Service with ${key}`, services, () => service({}, { [key]: 'true' }), key],
  ),
  ...['eks.amazonaws.com/role-arn', 'iam.gke.io/gcp-service-account', 'azure.workload.identity/client-id'].map(
    (key): RefusedRow => [`a ServiceAccount with ${key}`, serviceAccounts, account({ [key]: 'x' }), key],
  ),
  ...(
    [
      ['a pod', pods, bounded],
      ['a Deployment', deployments, deployment],
      ['a CronJob', cronJobs, cronJob],
    ] as const
  ).flatMap(([what, path, make]): readonly RefusedRow[] => [
    [`${what} on a certain node`, path, make({ nodeName: 'n1' }), node],
    [`${what} that tolerates every taint`, path, make({ tolerations: [{ operator: 'Exists' }] }), taints],
    [
      `${what} that tolerates the taint of the control plane`,
      path,
      make({ tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] }),
      taints,
    ],
    [`${what} of another runtime`, path, make({ runtimeClassName: strange }), runtimes],
    [`${what} of a higher priority`, path, make({ priorityClassName: strange }), priorities],
    [
      `${what} with an inline CSI volume`,
      path,
      make({ volumes: [{ name: 'v', csi: { driver: 'secrets-store.csi.k8s.io' } }] }),
      drivers,
    ],
  ]),
  ...['/a" { } server {', '/a b', '/a;', "/a'", '/a`', '/a\\', '/a\n'].map((path): RefusedRow => [
    `an Ingress whose path goes on in the configuration of the proxy: ${JSON.stringify(path)}`,
    ingresses,
    withPath(path),
    'spec.rules must have paths without spaces',
  ]),
  ...['iam.amazonaws.com/role', 'net1.ns.ovn.kubernetes.io/logical_switch', 'k8s.v1.cni.cncf.io/networks'].map(
    (key): RefusedRow => [`a pod with ${key}`, pods, annotatedPod(key), 'must not set additional networks'],
  ),
  ['a pod with an emptyDir on disk that nothing bounds', pods, unbounded({}), emptyDirs],
  ['a pod with an emptyDir in memory that nothing bounds', pods, unbounded({ medium: 'Memory' }), emptyDirs],
  ['a claim of a certain volume', claims, claim({ volumeName: 'of-somebody' }), volumes],
  ['a claim by the labels of a volume', claims, claim({ selector: { matchLabels: { a: 'b' } } }), volumes],
  ['a claim of what is left over', claims, claim({ storageClassName: '' }), volumes],
  ['a claim of another class', claims, claim({ storageClassName: strange }), 'spec.storageClassName must be one'],
  [
    'a claim of other attributes',
    claims,
    claim({ volumeAttributesClassName: strange }),
    'spec.volumeAttributesClassName must be one',
  ],
  [
    'a claim whose annotation a provisioner makes a path of',
    claims,
    claim({}, { 'nfs.io/storage-path': '../of-somebody' }),
    'nfs.io/storage-path',
  ],
]

/** Ordinary work. */
export const within: readonly Row[] = [
  ['an Ingress', ingresses, annotated({})],
  [
    'an Ingress with what tools write and ingress-nginx reads',
    ingresses,
    annotated({
      team: 'blue',
      'meta.helm.sh/release-name': 'web',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
      'argocd.argoproj.io/sync-wave': '1',
      [`${nginx}/proxy-body-size`]: '8m',
      [`${nginx}/force-ssl-redirect`]: 'true',
    }),
  ],
  ['an Ingress with TLS', ingresses, (mine) => ingress(hostOf(mine), { tls: [{ hosts: [hostOf(mine)] }] })],
  ['a Service that is scraped', services, () => service({}, { 'prometheus.io/scrape': 'true' })],
  ['a ServiceAccount', serviceAccounts, account({})],
  ['a pod', pods, bounded({})],
  ['a pod with an emptyDir that its limits bound', pods, bounded({ volumes: [{ name: 'v', emptyDir: {} }] })],
  ['a pod with an emptyDir of a size', pods, unbounded({ sizeLimit: '1Gi' })],
  ['a Deployment', deployments, deployment({ volumes: [{ name: 'v', emptyDir: {} }] })],
  ['a CronJob', cronJobs, cronJob({})],
  [
    'a pod that waits for its node to come back',
    pods,
    bounded({
      tolerations: [
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
      ],
    }),
  ],
  ['a claim', claims, claim({})],
  ['a claim that a tool keeps', claims, claim({}, { 'helm.sh/resource-policy': 'keep' })],
  ['an Ingress with a pattern for a path', ingresses, withPath('/a(/|$)(.*)\\.html$')],
  ['a pod that is scraped', pods, annotatedPod('prometheus.io/scrape')],
]

/** What was ordinary work when it was made: a change of it reaches beyond. `before` is what stands there. */
export const later: readonly (readonly [...RefusedRow, before: (mine: Household) => object])[] = [
  [
    'a claim that is given a certain volume',
    claims,
    () => ({ spec: { volumeName: 'of-somebody' } }),
    volumes,
    claim({}),
  ],
  [
    'a claim that is given another class',
    claims,
    () => ({ spec: { storageClassName: strange } }),
    'spec.storageClassName must be one',
    claim({}),
  ],
  ['a claim that is given what is left over', claims, () => ({ spec: { storageClassName: '' } }), volumes, claim({})],
  [
    'a claim that is given a path by an annotation',
    claims,
    () => ({ metadata: { annotations: { 'nfs.io/storage-path': '../of-somebody' } } }),
    'nfs.io/storage-path',
    claim({}),
  ],
  [
    'a pod that waits and is given a toleration of everything',
    pods,
    () => ({ spec: { tolerations: [...tolerated, { operator: 'Exists' }] } }),
    taints,
    bounded({ schedulingGates: [{ name: 'example.com/wait' }], tolerations: tolerated }),
  ],
  [
    'a pod that waits and is given a further network',
    pods,
    () => ({ metadata: { annotations: { 'k8s.v1.cni.cncf.io/networks': 'default/of-somebody' } } }),
    'must not set additional networks',
    bounded({ schedulingGates: [{ name: 'example.com/wait' }] }),
  ],
]

/** What a plan opens that says so, as {@link opening}. */
export const opened: readonly Row[] = [
  ['an Ingress with an issuer', ingresses, annotated({ 'cert-manager.io/cluster-issuer': 'main' })],
  ['an Ingress with any key of a prefix', ingresses, annotated({ [`${nginx}/cors-allow-origin`]: '*' })],
  ['an Ingress of the class', ingresses, withSpec({ ingressClassName: strange })],
  ['a pod of the priority', pods, bounded({ priorityClassName: strange })],
  [
    'a Deployment that tolerates the taint',
    deployments,
    deployment({ tolerations: [{ key: 'gpu', operator: 'Exists' }] }),
  ],
  [
    'a pod with a volume of the driver',
    pods,
    bounded({ volumes: [{ name: 'v', csi: { driver: 'secrets-store.csi.k8s.io' } }] }),
  ],
  ['a pod with an unbounded emptyDir', pods, unbounded({})],
  ['a claim of the class', claims, claim({ storageClassName: strange })],
  ['a claim of the attributes', claims, claim({ volumeAttributesClassName: strange })],
  ['a claim with an annotation of the prefix', claims, claim({}, { [`${nginx}/cors-x`]: 'x' })],
  ['a pod of the runtime', pods, bounded({ runtimeClassName: strange })],
]

export const opening = {
  annotations: ['cert-manager.io/cluster-issuer', `${nginx}/cors-*`],
  ingressClasses: [strange],
  storageClasses: ['*'],
  priorityClasses: [strange],
  taints: ['gpu'],
  csiDrivers: ['secrets-store.csi.k8s.io'],
  runtimeClasses: [strange],
  volumeAttributesClasses: [strange],
  unboundedEmptyDirs: true,
} as const
