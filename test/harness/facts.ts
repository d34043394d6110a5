/** Reads what invariants.ts judges: the objects as the admin sees them, PostgreSQL as its superuser. */
import { webNamespaceOf } from './chart.ts'
import type { Api, Stored } from './api.ts'
import type { CatalogueEntry, Credentials, Facts, SentInvite, TryLogin } from './invariants.ts'
import type { PostgresAccess } from './postgres-access.ts'

export interface Sources {
  readonly api: Api
  readonly postgres: PostgresAccess
  /** The operator's. */
  readonly namespace: string
  /** TENANTRY_INSTALLATION */
  readonly installation: string
  /** Roles and databases that a test made itself. */
  readonly strangers?: readonly string[]
}

const group = '/apis/tenantry.dev/v1alpha1'

/** Lists are without kind and apiVersion in their items; the kinds are said here. */
export async function readFacts({ api, postgres, namespace, installation, strangers = [] }: Sources): Promise<Facts> {
  const list = async (kind: string, path: string): Promise<readonly Stored[]> =>
    (await api.list(path)).map((object) => ({ ...object, kind }))
  const label = encodeURIComponent('tenantry.dev/tenant-uid')
  const type = (name: string) => `?fieldSelector=${encodeURIComponent(`type=${name}`)}`
  const [tenants, admins, namespaces, claims, acceptances, bindings] = await Promise.all([
    list('Tenant', `${group}/tenants`),
    list('TenantAdmin', `${group}/tenantadmins`),
    list('Namespace', `/api/v1/namespaces?labelSelector=${label}`),
    list('ConfigMap', `/api/v1/namespaces/${namespace}/configmaps?labelSelector=${label}`),
    list('Secret', `/api/v1/namespaces/${webNamespaceOf(namespace)}/secrets${type('tenantry.dev/acceptance')}`),
    list('Secret', `/api/v1/secrets${type('servicebinding.io/postgresql')}`),
  ])
  return {
    installation,
    strangers,
    tenants,
    admins,
    // What is on its way out is the namespace controller's to end.
    namespaces: namespaces.filter(({ metadata }) => metadata.deletionTimestamp === undefined),
    claims,
    acceptances,
    bindings: bindings.filter(({ metadata }) => namespaces.some((one) => isLiving(one, metadata.namespace))),
    ...(await readCatalogue(postgres)),
  }
}

function isLiving({ metadata }: Stored, namespace: string | undefined): boolean {
  return metadata.name === namespace && metadata.deletionTimestamp === undefined
}

async function readCatalogue(postgres: PostgresAccess): Promise<Pick<Facts, 'roles' | 'databases' | 'schemas'>> {
  const roles = await postgres.query<CatalogueEntry>(
    `SELECT rolname AS name, shobj_description(oid, 'pg_authid') AS comment FROM pg_roles
     WHERE rolname NOT LIKE 'pg\\_%' AND rolname NOT IN ($1, $2)`,
    [postgres.superuser.user, postgres.operator.user],
  )
  const databases = await postgres.query<CatalogueEntry>(
    `SELECT datname AS name, shobj_description(oid, 'pg_database') AS comment FROM pg_database
     WHERE datname NOT IN ('postgres', 'template0', 'template1')`,
  )
  const shared = databases.filter(({ comment }) => comment?.includes('"kind":"shared"'))
  const schemas = await Promise.all(shared.map(({ name }) => schemasIn(name, postgres)))
  return { roles, databases, schemas: schemas.flat() }
}

/** A tenant has two there, for its data and for its directory: both are told by the name of its owner role. */
async function schemasIn(database: string, postgres: PostgresAccess): Promise<readonly string[]> {
  const rows = await postgres.query<{ owner: string }>(
    `SELECT regexp_replace(nspname, '_directory$', '') AS owner FROM pg_namespace
     WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema')`,
    [],
    database,
  )
  return rows.map(({ owner }) => owner)
}

/** The credentials that every tenant's Secret holds. */
export function credentialsOf({ bindings }: Pick<Facts, 'bindings'>): Credentials[] {
  return bindings.map(({ metadata, data }) => {
    const field = (name: string) => Buffer.from(data?.[name] ?? '', 'base64').toString('utf8')
    return {
      tenant: metadata.namespace ?? '',
      database: field('database'),
      username: field('username'),
      password: field('password'),
    }
  })
}

/** Logs in as an application would, with the server's name verified. */
export function loginsOn(postgres: PostgresAccess): TryLogin {
  return async (database, user, password) => {
    try {
      await using session = await postgres.connect({ database, user, password })
      await session.query('SELECT 1')
      return true
    } catch (error) {
      if (refusals.has(codeOf(error) ?? '')) return false
      throw error
    }
  }
}

/** Wrong password, no such role or no LOGIN, no CONNECT, no such database. */
const refusals: ReadonlySet<string> = new Set(['28P01', '28000', '42501', '3D000'])

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The invites that the TenantAdmins' statuses tell of. */
export function invitesOf({ admins }: Pick<Facts, 'admins'>): SentInvite[] {
  return admins.flatMap(({ status }) => {
    const invite = status?.['invite'] as // of our own schema
      { address?: string; sequence?: number; messageId?: string; sentAt?: string } | undefined
    if (invite?.address === undefined || invite.sequence === undefined) return []
    const { address, sequence, messageId = '', sentAt } = invite
    return [{ address, sequence, messageId, sent: sentAt !== undefined }]
  })
}

/** Which key signs now, and since when one does not, are no secrets. */
function isKeyId(entry: string): boolean {
  return entry === 'current' || !/^[a-z0-9]+$/.test(entry)
}

/** Every value of Secrets that tell of access: binding Secrets, signing keys, acceptances. Marked by where it is. */
export async function secretsIn({
  api,
  namespace,
}: Pick<Sources, 'api' | 'namespace'>): Promise<Record<string, string>> {
  const own = await api.list(`/api/v1/namespaces/${webNamespaceOf(namespace)}/secrets`)
  const bindings = await api.list(
    `/api/v1/secrets?fieldSelector=${encodeURIComponent('type=servicebinding.io/postgresql')}`,
  )
  const secret = (type: string | undefined, key: string) =>
    (type === 'tenantry.dev/signing-keys' && !isKeyId(key)) || ['password', 'uri', 'passwordHash'].includes(key)
  return Object.fromEntries(
    [...own, ...bindings].flatMap(({ metadata, type, data = {} }) =>
      Object.entries(data)
        .filter(([key]) => secret(type, key))
        .map(([key, value]) => [
          `${metadata.namespace ?? ''}/${metadata.name} ${key}`,
          Buffer.from(value, 'base64').toString('utf8'),
        ]),
    ),
  )
}
