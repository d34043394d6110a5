/** The objects that a tenant gets, and all that an admission policy can make of each: other values, and what is added. */
import { fieldName } from '../../operator/tenant/namespace/object-differences.ts'
import type { Stored } from '../harness/api.ts'
import { valueAt, writtenFields } from './mutating.ts'
import type { Change, Path } from './mutating.ts'
import { paths } from './tenant-scene.ts'

export interface Thing {
  readonly kind: string
  /** As in a URL: group and version, and the plural. */
  readonly group: string
  readonly resource: string
  readonly name: (namespace: string) => string
  readonly path: (namespace: string) => string
}

const binding = (name: string): Thing => ({
  kind: 'RoleBinding',
  group: 'rbac.authorization.k8s.io',
  resource: 'rolebindings',
  name: () => name,
  path: (namespace) => paths.roleBinding(namespace, name),
})

const plain = (kind: string, resource: string, name: string): Thing => ({
  kind,
  group: '',
  resource,
  name: () => name,
  path: (namespace) => `/api/v1/namespaces/${namespace}/${resource}/${name}`,
})

export const secret = plain('Secret', 'secrets', 'tenantry-database')

/** Of a customer of an MSP that has an admin, and delegates access to a technician. */
export const things: readonly Thing[] = [
  { kind: 'Namespace', group: '', resource: 'namespaces', name: (namespace) => namespace, path: paths.namespace },
  {
    kind: 'NetworkPolicy',
    group: 'networking.k8s.io',
    resource: 'networkpolicies',
    name: () => 'tenantry-isolation',
    path: paths.networkPolicy,
  },
  binding('tenantry-inherited-admins'),
  binding('tenantry-granted'),
  plain('ResourceQuota', 'resourcequotas', 'tenantry-quota'),
  plain('LimitRange', 'limitranges', 'tenantry-limits'),
  secret,
]

/** Of one that has people of its own beside: an admin, and somebody with a role of the plan. */
export const peoplesThings: readonly Thing[] = [
  binding('tenantry-admins'),
  binding('tenantry-role-viewer'),
  plain('ConfigMap', 'configmaps', 'tenantry-access'),
]

export const suspension = plain('ResourceQuota', 'resourcequotas', 'tenantry-suspension')

/** What one policy makes of one object. */
export interface Case {
  readonly thing: Thing
  readonly changes: readonly Change[]
}

/** So many fields are named at once. */
const together = 3

/** Each field that the operator wrote, with another value, and each thing that can be added. */
export function casesOf(thing: Thing, object: Stored): readonly Case[] {
  const changes = writtenFields(object)
    .filter((path) => !left.test(fieldName(path)))
    .map((path) => ({ path, value: otherValue(thing, path) }))
  const alone = [...changes.filter(isAlone), ...(additions[thing.kind]?.(object) ?? [])].map((each) => [each])
  const policies = [...alone, ...chunks(changes.filter((each) => !isAlone(each)))]
  return policies.map((each) => ({ thing, changes: each }))
}

/** With the password several fields of the Secret are not as they should be, which follow it. */
function isAlone({ path }: Change): boolean {
  return isFixed(path) || fieldName(path) === 'data.password'
}

function chunks(changes: readonly Change[]): readonly (readonly Change[])[] {
  return Array.from({ length: Math.ceil(changes.length / together) }, (_, at) =>
    changes.slice(at * together, (at + 1) * together),
  )
}

/** The apiserver changes these at a creation only. */
export function isFixed(path: Path): boolean {
  return /^(roleRef|type)$/.test(fieldName(path))
}

/**
 * Not these: without its mark, or with another's, an object is somebody else's, which is told as a conflict (see
 * conflict.test.ts and drift.test.ts); the name of a namespace is set by the apiserver itself.
 */
const left = /^metadata\.labels\["(tenantry\.dev\/(installation|tenant-uid)|kubernetes\.io\/metadata\.name)"\]$/

const encoded = (text: string) => Buffer.from(text).toString('base64')

/** What is written as a whole, and what the apiserver would not take any other value for: by the end of the field. */
const values: readonly (readonly [RegExp, unknown])[] = [
  [/^spec\.podSelector$/, { matchLabels: { none: 'such' } }],
  [/^spec\.policyTypes$/, ['Ingress']],
  [/^spec\.(ingress|egress|limits)$/, []],
  [/^subjects$/, []],
  [/^roleRef$/, { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'tenantry-tenant-developer' }],
  [/^type$/, 'Opaque'],
  [/^spec\.hard/, '77'],
  [/pod-security\.kubernetes\.io\/\w+-version"\]$/, 'v1.30'],
  [/pod-security\.kubernetes\.io\/\w+"\]$/, 'privileged'],
  [/^data\b/, encoded('other')],
  [/^metadata/, 'other'],
]

function otherValue({ kind }: Thing, path: Path): unknown {
  const field = fieldName(path)
  const found = values.find(([pattern]) => pattern.test(field))
  if (found === undefined) throw new Error(`there is no other value for ${field} of the ${kind}`)
  return found[1]
}

/**
 * Scopes of a quota are not among these: Kubernetes lets no scope go with a count of Services or Jobs, and each quota of ours
 * has one, so that it refuses a write to which a policy adds a scope.
 */
const additions: Readonly<Record<string, (object: Stored) => readonly Change[]>> = {
  Secret: () => [
    { path: ['data', 'extra'], value: encoded('extra') },
    { path: ['immutable'], value: true },
  ],
  ConfigMap: () => [
    { path: ['data', 'extra'], value: 'extra' },
    { path: ['binaryData'], value: { extra: encoded('extra') } },
    { path: ['immutable'], value: true },
  ],
  ResourceQuota: () => [{ path: ['spec', 'hard', 'count/leases.coordination.k8s.io'], value: '77' }],
  RoleBinding: further(['subjects'], { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'mallory' }),
  NetworkPolicy: (object) => [...further(['spec', 'ingress'], {})(object), ...further(['spec', 'egress'], {})(object)],
  LimitRange: further(['spec', 'limits'], { type: 'Pod', max: { memory: '8Gi' } }),
}

function further(path: Path, item: object): (object: Stored) => readonly Change[] {
  return (object) => {
    const there = valueAt(object, path)
    return [{ path, value: [...(Array.isArray(there) ? (there as readonly unknown[]) : []), item] }]
  }
}
