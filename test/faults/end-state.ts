/**
 * All that there is of one tenant, in the cluster, in PostgreSQL and where dumps are kept, without what differs from one
 * tenant to the next: names, uids, versions, times, passwords. Two tenants with the same life are equal here.
 */
import { webNamespaceOf } from '../harness/chart.ts'
import { databaseNames } from '../../operator/api/names.ts'
import { credentialsOf, loginsOn } from '../harness/facts.ts'
import type { Api, Stored } from '../harness/api.ts'
import type { PostgresAccess } from '../harness/postgres-access.ts'
import { databaseState } from './database-state.ts'
import { dumpsOf } from './dump-state.ts'
import { kept } from './keepsake.ts'
import type { Keepsake } from './keepsake.ts'

export interface Subject {
  readonly name: string
  /** Of the Tenant. */
  readonly uid: string
  readonly adminUid: string
  /** Of an earlier Tenant that this one has taken over. */
  readonly formerUid?: string
  /** Of an earlier Tenant of its name that is gone with all that it had. */
  readonly replacedUid?: string
  /** What its people have put there. */
  readonly keepsake?: Keepsake
}

export interface Where {
  readonly api: Api
  readonly postgres: PostgresAccess
  /** Of the Tenant. */
  readonly home: string
  /** Of the operator. */
  readonly namespace: string
  readonly installation: string
  /** The folder with the last dumps, where there is one. */
  readonly dumps?: string
}

export type EndState = Readonly<Record<string, unknown>>

const group = '/apis/tenantry.dev/v1alpha1'

/** Whatever there is; where nothing is left, that. */
export async function endState(subject: Subject, where: Where): Promise<EndState> {
  const { owner } = databaseNames(where.installation, subject.formerUid ?? subject.uid)
  const objects = await objectsOf(subject, where)
  const whole = {
    objects: objects.map(essence),
    ...(await databaseState(owner, where.postgres)),
    login: await loginWorks(objects, where.postgres),
    kept: await kept(where.api, subject),
    dumps: where.dumps === undefined ? [] : await dumpsOf(where.dumps, subject),
  }
  return JSON.parse(withPlaceholders(JSON.stringify(whole), subject, owner)) as EndState // our own JSON
}

async function objectsOf(
  { name, uid, adminUid }: Subject,
  { api, home, namespace }: Where,
): Promise<readonly Stored[]> {
  const one = async (kind: string, path: string): Promise<readonly Stored[]> => {
    const object = await api.get(path)
    return object === undefined ? [] : [{ ...object, kind }]
  }
  const all = async (kind: string, path: string): Promise<readonly Stored[]> =>
    (await api.list(path)).map((object) => ({ ...object, kind }))
  const bears = (label: string, value: string) =>
    `?labelSelector=${encodeURIComponent(`tenantry.dev/${label}=${value}`)}`
  const own = `tenant-${name}`
  const mark = bears('tenant-uid', uid)
  const found = await Promise.all([
    one('Tenant', `${group}/namespaces/${home}/tenants/${name}`),
    one('TenantAdmin', `${group}/namespaces/${home}/tenantadmins/${name}-ada`),
    one('Namespace', `/api/v1/namespaces/${own}`),
    all('ConfigMap', `/api/v1/namespaces/${namespace}/configmaps${mark}`),
    all('Acceptance', `/api/v1/namespaces/${webNamespaceOf(namespace)}/secrets${bears('admin-uid', adminUid)}`),
    all('Secret', `/api/v1/namespaces/${own}/secrets`),
    all('RoleBinding', `/apis/rbac.authorization.k8s.io/v1/namespaces/${own}/rolebindings`),
    all('NetworkPolicy', `/apis/networking.k8s.io/v1/namespaces/${own}/networkpolicies`),
    all('LimitRange', `/api/v1/namespaces/${own}/limitranges`),
    all('ResourceQuota', `/api/v1/namespaces/${own}/resourcequotas`),
    all('StatefulSet', `/apis/apps/v1/namespaces/${own}/statefulsets`),
    all('Pod', `/api/v1/namespaces/${own}/pods`),
  ])
  return found.flat()
}

/** What counts of an object. The quota's status is the quota controller's; of what the tenant runs, that it is there. */
function essence(object: Stored): unknown {
  if (object.kind === 'Pod' || object.kind === 'StatefulSet') {
    const { name, deletionTimestamp } = object.metadata
    return { kind: object.kind, name, deletionTimestamp }
  }
  const { kind, metadata, type, spec, data, status, ...rest } = object
  const { name, namespace, labels, annotations, finalizers, deletionTimestamp } = metadata
  const own = kind === 'Tenant' || kind === 'TenantAdmin' ? status : undefined
  const other = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'apiVersion'))
  return {
    kind,
    name,
    namespace,
    labels,
    annotations,
    finalizers,
    deletionTimestamp,
    type,
    spec,
    ...other,
    status: own,
    data: decoded(kind, data),
  }
}

function decoded(kind: string, data: Stored['data']): Readonly<Record<string, string>> | undefined {
  if (data === undefined) return undefined
  const plain = (value: string) => (kind === 'ConfigMap' ? value : Buffer.from(value, 'base64').toString('utf8'))
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, byChance.has(key) ? `<${key}>` : plain(value)]),
  )
}

const byChance: ReadonlySet<string> = new Set(['password', 'PGPASSWORD', 'uri', 'jdbc-url', 'passwordHash', 'nonce'])

/** Whether the Secret opens the database: null where there is no Secret. */
async function loginWorks(objects: readonly Stored[], postgres: PostgresAccess): Promise<boolean | null> {
  const bindings = objects.filter(({ type }) => type === 'servicebinding.io/postgresql')
  const [credentials] = credentialsOf({ bindings })
  if (credentials === undefined) return null
  const { database, username, password } = credentials
  return loginsOn(postgres)(database, username, password)
}

/**
 * `attempts` counts what a crash repeats. The mark's `tenant` in PostgreSQL is a digest of its name.
 */
function withPlaceholders(
  json: string,
  { name, uid, adminUid, formerUid, replacedUid }: Subject,
  owner: string,
): string {
  return json
    .replaceAll(owner, '<database>')
    .replaceAll(uid, '<uid>')
    .replaceAll(formerUid ?? uid, '<former>')
    .replaceAll(replacedUid ?? uid, '<replaced>')
    .replaceAll(adminUid, '<admin>')
    .replaceAll(name, '<name>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d{6}Z/g, '<time>')
    .replaceAll(/"day":"\d{4}-\d\d-\d\d"/g, '"day":"<day>"')
    .replaceAll(/"attempts":\d+/g, '"attempts":"<attempts>"')
    .replaceAll(/\\"tenant\\":\\"[^"\\]*\\"/g, '\\"tenant\\":\\"<digest>\\"')
    .replaceAll(/"readers":\[[^\]]*\]/g, (list) => `"readers":${list.split(',').length}`)
    .replaceAll(/"directory":"[\w-]{22}"/g, '"directory":"<digest>"')
}
