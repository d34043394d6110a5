/**
 * The API group, labels, annotations, finalizers and generated names that Tenantry writes into a cluster. A generated
 * name is recorded when it is made, and read from the record afterwards.
 */
import { createHash } from 'node:crypto'

import type { Isolation } from './phases.ts'

export const group = 'tenantry.dev'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}`

/** The field manager of every write, and the prefix of the User-Agent. */
export const fieldManager = 'tenantry'

/** The name of the CustomResourceDefinition of one of Tenantry's kinds. */
export const definitionName = (plural: string): string => `${plural}.${group}`
/** The key of a quota's `hard` that counts the objects of one of Tenantry's kinds. */
export const countKey = (plural: string): string => `count/${definitionName(plural)}`
export const isOwnCount = (key: string): boolean => key.startsWith('count/') && key.endsWith(`.${group}`)

export const finalizer = `${group}/finalizer`
/** On a TenantPlan or a DatabaseServer, exactly while Tenants use it. */
export const inUseFinalizer = `${group}/in-use`

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  /** On a namespace, by its administrator: Tenants may be declared here. Value `true`. */
  home: `${group}/home`,
  /** On every object that Tenantry makes: the installation that made it. */
  installation: `${group}/installation`,
  /** On every object that Tenantry makes for a tenant: the Tenant's uid, the mark of ownership. */
  tenantUid: `${group}/tenant-uid`,
  cloudId: `${group}/cloud-id`,
  /** On the claims of a retained tenant: the Tenant was deleted, and its data kept. Value `true`. */
  retained: `${group}/retained`,
  /** On an acceptance: the uid of the TenantAdmin who accepted. */
  adminUid: `${group}/admin-uid`,
  /** On a tenant's namespace: `MSP` or `Customer`. Only the namespace of an MSP may contain Tenants. */
  tenantType: `${group}/tenant-type`,
  /** The purpose of a child: `claim`, `acceptance`, `binding`, `access`, `isolation`, `quota`, `signing-keys`, … */
  component: 'app.kubernetes.io/component',
} as const

export const managedBy = 'tenantry'

export const annotations = {
  /** On every object that Tenantry makes for a tenant: `namespace/name` of the Tenant, for people and for adoption. */
  tenant: `${group}/tenant`,
  /** On an acceptance: `namespace/name` of the TenantAdmin. */
  admin: `${group}/admin`,
  adopt: `${group}/adopt`,
  /** On a Tenant: releases the names of an earlier, deleted Tenant of this name. Value: the Tenant's name. */
  giveUp: `${group}/give-up`,
  resendRequestedAt: `${group}/resend-requested-at`,
  /** On a Tenant: its purge or deletion skips the last dump. Value: the Tenant's name. */
  skipFinalDump: `${group}/skip-final-dump`,
  /** On a Tenant whose database or schema is missing: creates an empty one. Value: its name. */
  beginEmpty: `${group}/begin-empty`,
  rotateRequestedAt: `${group}/rotate-requested-at`,
  /** On a Tenant: requests a rehearsal of the last dump. Any value; another value requests another one. */
  dumpRehearsalRequestedAt: `${group}/dump-rehearsal-requested-at`,
  /** On a Tenant: requests a preview of its deletion. Any value; another value requests another one. */
  previewDeletion: `${group}/preview-deletion`,
  /** On a DatabaseServer: its data was moved to another server. Value: that server's system identifier, or `host:port`. */
  acceptServer: `${group}/accept-server`,
  /** On a tenant's namespace, by the operator: the host names that its Ingresses may have, separated by commas. */
  hosts: `${group}/hosts`,
  /** On a tenant's namespace, by the operator: what its plan allows beyond it, as `ingressClass=nginx,taint=gpu`. */
  allowed: `${group}/allowed`,
  /** On a tenant's namespace, by the operator: the keys of the labels and annotations that come from its plan, as JSON. */
  planKeys: `${group}/plan-keys`,
  /** On a Tenant, its namespace or the operator's: releases deletions that the brake holds. Value: that object's name. */
  releaseDeletion: `${group}/release-deletion`,
  /**
   * On a Tenant: its deletion removes nothing, and the same Tenant, applied again, gets everything back. Value: its
   * name.
   */
  undoDeletion: `${group}/undo-deletion`,
  /**
   * On one of Tenantry's CRDs, a namespace that holds or belongs to Tenants, the operator's namespace or that of the
   * pages, or a TenantPlan or DatabaseServer in use: its deletion is intended. Value: the object's name.
   */
  allowDeletion: `${group}/allow-deletion`,
  /** On the RoleBinding for granted access, by the operator: the AccessGrants behind it, as JSON. */
  grants: `${group}/grants`,
  /**
   * On objects that a user with granted access makes or changes in a tenant's namespace, as the policies require: that
   * Kubernetes user. It shows the tenant's admins what is left of the access.
   */
  grantedTo: `${group}/granted-to`,
  /** On the hash of a first password, by the operator: the uid and resourceVersion of the Secret with the password. */
  passwordSource: `${group}/password-source`,
  /** On workloads of a revived tenant, by the operator: makes their controllers reconcile them at once. */
  wokenAt: `${group}/woken-at`,
} as const

/**
 * The RoleBinding by which the operator may list the contents of a tenant's namespace while a preview of the deletion
 * is requested.
 */
export const previewBindingName = 'tenantry-preview'

/** The ResourceQuota with the plan's limits. */
export const planQuotaName = 'tenantry-quota'

/** The ResourceQuota that admits no pod while the tenant is off. */
export const suspensionQuotaName = 'tenantry-suspension'

/** In a tenant's namespace: the RoleBinding for granted access. */
export const grantedBindingName = 'tenantry-granted'
/** In a tenant's namespace: the ConfigMap that says who has access, why and until when. */
export const accessListName = 'tenantry-access'

export const serviceBindingSecretType = 'servicebinding.io/postgresql'
/** The type of a Secret that holds a TenantAdmin's initial password, key `password`. */
export const adminPasswordSecretType = `${group}/admin-password`
/** The type of a Secret that holds a license key for spec.license.secretRef. */
export const licenseSecretType = `${group}/license`
/** The type of an acceptance record `accept-<uid>-<sequence>`, in the namespace of the pages. */
export const acceptanceSecretType = `${group}/acceptance`
/** The type of the hash of a first password `first-password-<uid>`, in the namespace of the pages. */
export const firstPasswordSecretType = `${group}/first-password`
/** The Secret with the keys that sign invites, in the namespace of the pages, and its type. */
export const signingKeysName = 'tenantry-signing-keys'
/** The operator's ConfigMap, in its own namespace, of recent deletions. */
export const deletionRecordName = 'tenantry-deletions'
export const signingKeysSecretType = `${group}/signing-keys`

/** Lower-case base32 without padding (RFC 4648, section 6) of a SHA-256, cut to `length` characters (5 bits each). */
export function digestName(length: number, ...parts: readonly string[]): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  const hash = createHash('sha256').update(parts.join('\n')).digest()
  return Array.from(hash.subarray(0, length), (byte) => alphabet.charAt(byte & 31)).join('')
}

/** PostgreSQL names that identify no tenant: every login on a server can read them. All are at most 63 bytes. */
export interface DatabaseNames {
  /** The tenant's own, or with isolation Schema the shared one. */
  readonly database: string
  /** With isolation Schema: the tenant's schema there. */
  readonly schema?: string
  /** NOLOGIN; owns the tenant's schemas. Carries the mark in its COMMENT. */
  readonly owner: string
  /** The two login roles; one is current. */
  readonly logins: { readonly a: string; readonly b: string }
}

export function databaseNames(
  installation: string,
  tenantUid: string,
  isolation: Isolation = 'Database',
): DatabaseNames {
  const shared = isolation === 'Schema' ? sharedDatabaseName(installation) : undefined
  return databaseNamesOf(`t_${digestName(16, installation, tenantUid)}`, shared)
}

/** All names that follow from that of the owner role; `shared`: with isolation Schema, the shared database. */
export function databaseNamesOf(owner: string, shared?: string): DatabaseNames {
  const roles = { owner, logins: { a: `${owner}_a`, b: `${owner}_b` } }
  return shared === undefined ? { database: owner, ...roles } : { database: shared, schema: owner, ...roles }
}

/** The database on each server that holds an installation's tenants with isolation Schema. */
export function sharedDatabaseName(installation: string): string {
  return `s_${digestName(16, installation)}`
}

/** What holds this tenant's data and no other's: its schema, or its database. */
export function dataName({ schema, database }: Pick<DatabaseNames, 'schema' | 'database'>): string {
  return schema ?? database
}

/** The schema of a tenant's admin directory, in its database or beside its own in the shared one. */
export function directorySchema({ schema }: Pick<DatabaseNames, 'schema'>): string {
  return schema === undefined ? 'tenantry' : `${schema}_directory`
}

/**
 * `tenant-<cloudId>`, or with a suffix from the uid where another of Tenantry's tenants still holds that name after a
 * rename.
 */
export function namespaceName(prefix: string, cloudId: string, taken: boolean, tenantUid: string): string {
  return taken ? `${prefix}${cloudId}-${digestName(6, tenantUid)}` : `${prefix}${cloudId}`
}

/** `<customer>-<msp>.<base domain>`, or `<subdomain>.<base domain>` for a tenant without a parent. */
export function hostName(subdomain: string, parentSubdomain: string | undefined, baseDomain: string): string {
  return parentSubdomain === undefined ? `${subdomain}.${baseDomain}` : `${subdomain}-${parentSubdomain}.${baseDomain}`
}

/** Claims are ConfigMaps in the operator's namespace; creating one is the atomic act that gives a name to its holder. */
export const claimName = {
  cloudId: (cloudId: string) => `claim-cloud-id-${cloudId}`,
  host: (host: string) => `claim-host-${host}`,
} as const

export const acceptanceName = (uid: string, sequence: number) => `accept-${uid}-${sequence}`

export const firstPasswordName = (adminUid: string) => `first-password-${adminUid}`

/** The web's records: a session, a password that was changed, the password of the root admin. */
export const sessionSecretType = `${group}/session`
export const passwordSecretType = `${group}/password`
export const rootSecretType = `${group}/root`
export const rootSecretName = 'tenantry-root'
/** `uid`: of the TenantAdmin. */
export const passwordName = (uid: string) => `password-${uid}`
/** 128 bits of a digest of the cookie, which finds its session and cannot be made from the name. */
export function sessionName(cookie: string): string {
  return `session-${createHash('sha256').update(cookie).digest('hex').slice(0, 32)}`
}
