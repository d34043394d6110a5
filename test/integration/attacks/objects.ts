/** What an attacker sends: paths and objects. */
import { webNamespaceOf } from '../../harness/chart.ts'
import { harness } from '../../harness/context.ts'
import type { Household } from '../security-scene.ts'

export const rbac = '/apis/rbac.authorization.k8s.io/v1'
export const own = '/apis/tenantry.dev/v1alpha1'
export const meta = (name: string, more: object = {}) => ({ metadata: { name, ...more } })
export const core = (namespace: string, plural: string, name?: string) =>
  `/api/v1/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`
export const network = (namespace: string, plural: string) =>
  `/apis/networking.k8s.io/v1/namespaces/${namespace}/${plural}`
export const system = () => harness().operator.namespace
/** The namespace of the Secrets of the pages. */
export const pages = () => webNamespaceOf(system())

export const object = (apiVersion: string, kind: string, rest: object) => ({ apiVersion, kind, ...rest })
export const binding = (kind: 'Role' | 'ClusterRole', role: string, user: string) =>
  object('rbac.authorization.k8s.io/v1', 'RoleBinding', {
    ...meta('mine'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
  })
export const service = (spec: object, annotations: object = {}) =>
  object('v1', 'Service', { ...meta('way-in', { annotations }), spec: { ports: [{ port: 80 }], ...spec } })
export const backend = { service: { name: 'web', port: { number: 80 } } }
export const ingress = (host: string | undefined, over: object = {}, annotations: object = {}) =>
  object('networking.k8s.io/v1', 'Ingress', {
    ...meta('stolen', { annotations }),
    spec: {
      rules: [
        { ...(host === undefined ? {} : { host }), http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } },
      ],
      ...over,
    },
  })
export const configMap = (name: string, labels: object, annotations: object = {}) =>
  object('v1', 'ConfigMap', meta(name, { labels, annotations }))
export const secret = (name: string, more: object = {}, labels: object = {}) =>
  object('v1', 'Secret', { ...meta(name, { labels }), ...more })
export const pod = (spec: object) =>
  object('v1', 'Pod', {
    ...meta('mine'),
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'c',
          image: 'example.com/c',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      ...spec,
    },
  })
export const marks = ({ tenant, namespace }: Household) => ({
  labels: {
    'app.kubernetes.io/managed-by': 'tenantry',
    'tenantry.dev/installation': 'test',
    'tenantry.dev/tenant-uid': tenant.metadata.uid ?? '',
    'tenantry.dev/cloud-id': namespace.replace('tenant-', ''),
  },
  annotations: { 'tenantry.dev/tenant': `${tenant.metadata.namespace ?? ''}/${tenant.metadata.name}` },
})
export const hostOf = ({ tenant }: Household) => tenant.status?.host ?? ''
export const tenantOf = (name: string, spec: object = {}, more: object = {}) =>
  object('tenantry.dev/v1alpha1', 'Tenant', { ...meta(name, more), spec: { displayName: 'Mine', ...spec } })
export const adminOf = (name: string, spec: object) =>
  object('tenantry.dev/v1alpha1', 'TenantAdmin', {
    ...meta(name),
    spec: { username: name, email: `${name}@evil.example.com`, ...spec },
  })
