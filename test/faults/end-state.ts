/**
 * All that there is of one tenant, in the cluster and in PostgreSQL, without what differs from one tenant to the next:
 * names, uids, versions, times, passwords. Two tenants with the same life are equal here.
 */
import { databaseNames } from '../../operator/api/names.ts'
import { credentialsOf, loginsOn } from '../harness/facts.ts'
import type { Api, Stored } from '../harness/api.ts'
import type { PostgresAccess } from '../harness/postgres-access.ts'

export interface Subject {
  readonly name: string
  readonly uid: string
  readonly adminUid: string
}

export interface Where {
  readonly api: Api
  readonly postgres: PostgresAccess
  /** Of the Tenant. */
  readonly home: string
  /** Of the operator. */
  readonly namespace: string
  readonly installation: string
}

export type EndState = Readonly<Record<string, unknown>>

const group = '/apis/tenantry.dev/v1alpha1'

/** What {@link EndState} is when nothing is left. */
export async function endState(subject: Subject, where: Where): Promise<EndState> {
  const objects = await objectsOf(subject, where)
  const names = databaseNames(where.installation, subject.uid)
  const catalogue = await catalogueOf(names.database, where.postgres)
  const inside = catalogue['database'] === null ? null : await insideOf(names.database, where.postgres)
  const login = await loginWorks(objects, where.postgres)
  const whole = { objects: objects.map(essence), catalogue, inside, login }
  return JSON.parse(withPlaceholders(JSON.stringify(whole), subject, names.database)) as EndState // our own JSON
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
    all('Acceptance', `/api/v1/namespaces/${namespace}/secrets${bears('admin-uid', adminUid)}`),
    all('Secret', `/api/v1/namespaces/${own}/secrets`),
    all('RoleBinding', `/apis/rbac.authorization.k8s.io/v1/namespaces/${own}/rolebindings`),
    all('NetworkPolicy', `/apis/networking.k8s.io/v1/namespaces/${own}/networkpolicies`),
    all('LimitRange', `/api/v1/namespaces/${own}/limitranges`),
    all('ResourceQuota', `/api/v1/namespaces/${own}/resourcequotas`),
  ])
  return found.flat()
}

/** What counts of an object. The quota's status is the quota controller's. */
function essence(object: Stored): unknown {
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

async function catalogueOf(database: string, postgres: PostgresAccess): Promise<Readonly<Record<string, unknown>>> {
  const roles = await postgres.query(
    `SELECT r.rolname, rolcanlogin, rolconnlimit, rolcreatedb, rolcreaterole, rolinherit, rolsuper,
       shobj_description(r.oid, 'pg_authid') AS comment,
       (SELECT rolpassword IS NOT NULL FROM pg_authid a WHERE a.oid = r.oid) AS password,
       ARRAY(SELECT unnest(setconfig) FROM pg_db_role_setting s WHERE s.setrole = r.oid ORDER BY 1) AS settings,
       ARRAY(SELECT g.rolname || ' admin ' || m.admin_option || ' inherit ' || m.inherit_option || ' set ' || m.set_option
             FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1) AS member_of,
       ARRAY(SELECT g.rolname || ' admin ' || m.admin_option || ' inherit ' || m.inherit_option || ' set ' || m.set_option
             FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.member WHERE m.roleid = r.oid ORDER BY 1) AS members
     FROM pg_roles r WHERE starts_with(r.rolname, $1) ORDER BY 1`,
    [database],
  )
  const databases = await postgres.query(
    `SELECT datname, pg_get_userbyid(datdba) AS owner, datconnlimit, datallowconn, datistemplate,
       shobj_description(oid, 'pg_database') AS comment,
       ARRAY(SELECT a::text FROM unnest(datacl) a ORDER BY 1) AS acl
     FROM pg_database WHERE datname = $1`,
    [database],
  )
  return { roles, database: databases[0] ?? null }
}

async function insideOf(database: string, postgres: PostgresAccess): Promise<unknown> {
  try {
    const schemas = await postgres.query(
      `SELECT nspname, pg_get_userbyid(nspowner) AS owner, ARRAY(SELECT a::text FROM unnest(nspacl) a ORDER BY 1) AS acl
       FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)' ORDER BY 1`,
      [],
      database,
    )
    const tables = await postgres.query(
      `SELECT n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner) AS owner,
         ARRAY(SELECT a::text FROM unnest(c.relacl) a ORDER BY 1) AS acl
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname !~ '^(pg_|information_schema)' ORDER BY 1, 2`,
      [],
      database,
    )
    const directory = await postgres.query(
      `SELECT origin, username, email, first_name, last_name, application_role, status, consent_at IS NOT NULL AS consent,
         password_hash IS NOT NULL AS password FROM tenantry.admins ORDER BY 1, 2`,
      [],
      database,
    )
    return { schemas, tables, directory }
  } catch (error) {
    return `not readable: ${error instanceof Error ? error.message : String(error)}`
  }
}

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
function withPlaceholders(json: string, { name, uid, adminUid }: Subject, database: string): string {
  return json
    .replaceAll(database, '<database>')
    .replaceAll(uid, '<uid>')
    .replaceAll(adminUid, '<admin>')
    .replaceAll(name, '<name>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replaceAll(/"attempts":\d+/g, '"attempts":"<attempts>"')
    .replaceAll(/\\"tenant\\":\\"[^"\\]*\\"/g, '\\"tenant\\":\\"<digest>\\"')
    .replaceAll(/"readers":\[[^\]]*\]/g, (list) => `"readers":${list.split(',').length}`)
    .replaceAll(/"directory":"[\w-]{22}"/g, '"directory":"<digest>"')
}
