/**
 * What one tenant needs in the cluster, read off a tenant that the operator has made: so the floor makes exactly that for
 * other names, whatever it is.
 */
import { databaseNames } from '../operator/api/names.ts'
import type { Api, Stored } from '../test/harness/api.ts'

/** A tenant that the floor makes: its Tenant is declared already. */
export interface FloorTenant {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
}

/** An object to be created, and the collection it is created in. */
export interface Creation {
  readonly path: string
  readonly object: object
}

/** Plain data, so that another process can be told. */
export interface Template {
  readonly model: FloorTenant
  readonly installation: string
  readonly namespace: string
  readonly password: string
  readonly claims: readonly Creation[]
  readonly own: Creation
  /** Created when the namespace is there; the quota last. */
  readonly children: readonly Creation[]
  readonly status: Readonly<Record<string, unknown>>
}

const childPaths: Readonly<Record<string, string>> = {
  Secret: '/api/v1/namespaces/{}/secrets',
  NetworkPolicy: '/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings',
  LimitRange: '/api/v1/namespaces/{}/limitranges',
  ConfigMap: '/api/v1/namespaces/{}/configmaps',
  ResourceQuota: '/api/v1/namespaces/{}/resourcequotas',
}

const mark = (uid: string) => `labelSelector=${encodeURIComponent(`tenantry.dev/tenant-uid=${uid}`)}`

/** `model` is a Tenant whose name occurs nowhere by chance. */
export async function readTemplate(
  api: Api,
  model: Stored,
  { installation, namespace }: { readonly installation: string; readonly namespace: string },
): Promise<Template> {
  const { uid, name, resourceVersion } = model.metadata
  const own = `tenant-${name}`
  const claimsPath = `/api/v1/namespaces/${namespace}/configmaps`
  const claims = await api.list(`${claimsPath}?${mark(uid)}`)
  const ownNamespace = await api.get(`/api/v1/namespaces/${own}`)
  const children = await Promise.all(
    Object.entries(childPaths).map(async ([kind, pattern]) => {
      const path = pattern.replace('{}', own)
      const objects = await api.list(`${path}?${mark(uid)}`)
      return objects.map((object) => ({ path, object: bare(object, kind) }))
    }),
  )
  if (ownNamespace === undefined || claims.length !== 2 || children.some((some) => some.length === 0))
    throw new Error(`The Tenant ${name} does not have all that a tenant has; it is no model for the floor.`)
  return {
    model: { name, uid, resourceVersion },
    installation,
    namespace,
    password: passwordIn(children.flat()),
    claims: claims.map((object) => ({ path: claimsPath, object: bare(object, 'ConfigMap') })),
    own: { path: '/api/v1/namespaces', object: bare(ownNamespace, 'Namespace') },
    children: children.flat(),
    status: model.status ?? {},
  }
}

/** As it was sent: without what the apiserver puts there. Secrets are sent in plain text, to be filled in. */
function bare({ metadata, status: _status, data, apiVersion: _version, ...object }: Stored, kind: string): object {
  const { name, namespace, labels, annotations } = metadata
  const spec = kind === 'Namespace' ? { spec: undefined } : {}
  const content = data === undefined ? {} : kind === 'Secret' ? { stringData: decoded(data) } : { data }
  return {
    apiVersion: versionOf(kind),
    ...object,
    kind,
    metadata: { name, namespace, labels, annotations },
    ...content,
    ...spec,
  }
}

function versionOf(kind: string): string {
  if (kind === 'NetworkPolicy') return 'networking.k8s.io/v1'
  return kind === 'RoleBinding' ? 'rbac.authorization.k8s.io/v1' : 'v1'
}

function decoded(data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  )
}

function passwordIn(children: readonly Creation[]): string {
  const texts = children.map(({ object }) => ('stringData' in object ? object.stringData : undefined))
  const secret = texts.find((data) => data !== undefined) as { readonly password?: string } | undefined
  if (secret?.password === undefined) throw new Error('The model tenant has no Secret with a password.')
  return secret.password
}

/** Part of the template for another tenant. */
export function fill<T>(part: T, { model, installation, password }: Template, tenant: FloorTenant, secret: string): T {
  const database = (uid: string) => databaseNames(installation, uid).database
  const text = JSON.stringify(part)
    .replaceAll(password, secret)
    .replaceAll(database(model.uid), database(tenant.uid))
    .replaceAll(model.uid, tenant.uid)
    .replaceAll(model.name, tenant.name)
  return JSON.parse(text) as T // the same shape with other names
}
