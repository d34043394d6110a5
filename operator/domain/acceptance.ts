/**
 * The record that an invite was accepted: an immutable Secret in the namespace of the pages, whose creation is the atomic act
 * of accepting. Pure: to and from the object.
 */
import { acceptanceName, acceptanceSecretType, annotations, digestName, labels, managedBy } from '../api/names.ts'
import type { Secret } from '../kube/resources.ts'
import { entriesOf, entryOf } from '../kube/secret-entries.ts'
import type { DirectoryEntry } from '../postgres/model/port.ts'
import { hashIn } from './password-hash.ts'

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/

export interface Acceptance {
  readonly name: string
  /** uid of the Secret; absent before it is created. */
  readonly secretUid?: string | undefined
  /** uid of the TenantAdmin. */
  readonly adminUid: string
  /** `namespace/name` of the TenantAdmin. */
  readonly admin: string
  readonly tenantUid: string
  /** `namespace/name` of the Tenant. */
  readonly tenant: string
  readonly sequence: number
  /** The address that the invite went to. */
  readonly address: string
  /** The TenantAdmin's username; absent in records from before it was kept. */
  readonly username?: string | undefined
  /** RFC 3339. */
  readonly acceptedAt: string
  /**
   * The consent that was given; absent where the tenant asked for none. `digest`: SHA-256 of the text, in hexadecimal;
   * absent where it is no longer known.
   */
  readonly consent?: { readonly digest?: string } | undefined
  /** Tells one submitted form from another. */
  readonly nonce: string
}

/**
 * An acceptance with its password hash: a type of its own, so that the hash is never in a decision, a cache or a log.
 */
export interface AcceptanceWithPassword extends Acceptance {
  /** PHC string; absent where there is no local sign-in. */
  readonly passwordHash?: string | undefined
}

export function acceptanceSecret(
  acceptance: Omit<AcceptanceWithPassword, 'name' | 'secretUid'>,
  namespace: string,
  installation: string,
): Secret {
  const plain = {
    sequence: String(acceptance.sequence),
    address: acceptance.address,
    username: acceptance.username,
    acceptedAt: acceptance.acceptedAt,
    nonce: acceptance.nonce,
    consentDigest: acceptance.consent && (acceptance.consent.digest ?? ''),
    passwordHash: acceptance.passwordHash,
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: acceptanceSecretType,
    immutable: true,
    metadata: {
      name: acceptanceName(acceptance.adminUid, acceptance.sequence),
      namespace,
      labels: {
        [labels.managedBy]: managedBy,
        [labels.installation]: installation,
        [labels.component]: 'acceptance',
        [labels.tenantUid]: acceptance.tenantUid,
        [labels.adminUid]: acceptance.adminUid,
      },
      annotations: { [annotations.tenant]: acceptance.tenant, [annotations.admin]: acceptance.admin },
    },
    data: entriesOf(plain),
  }
}

/**
 * What the reflector keeps of a Secret: the acceptance without its password hash; undefined for a Secret that is no
 * acceptance of Tenantry's.
 */
export function acceptanceView(secret: Secret): Acceptance | undefined {
  const { metadata, type } = secret
  const adminUid = metadata.labels?.[labels.adminUid]
  const tenantUid = metadata.labels?.[labels.tenantUid]
  const [sequence, address, acceptedAt] = [
    entryOf(secret, 'sequence'),
    entryOf(secret, 'address'),
    entryOf(secret, 'acceptedAt'),
  ]
  if (type !== acceptanceSecretType || adminUid === undefined || tenantUid === undefined) return undefined
  if (sequence === undefined || address === undefined || acceptedAt === undefined) return undefined
  if (metadata.name !== acceptanceName(adminUid, Number(sequence))) return undefined
  // The API server would refuse a status with anything else.
  if (!Number.isSafeInteger(Number(sequence)) || Number(sequence) < 1 || !rfc3339.test(acceptedAt)) return undefined
  const digest = entryOf(secret, 'consentDigest')
  return Object.freeze({
    name: metadata.name,
    secretUid: metadata.uid,
    adminUid,
    admin: metadata.annotations?.[annotations.admin] ?? '',
    tenantUid,
    tenant: metadata.annotations?.[annotations.tenant] ?? '',
    sequence: Number(sequence),
    address,
    username: entryOf(secret, 'username'),
    acceptedAt,
    consent: digest === undefined ? undefined : digest === '' ? {} : { digest },
    nonce: entryOf(secret, 'nonce') ?? '',
  })
}

/**
 * An acceptance as the directory tells it, for a tenant whose records are lost. The directory does not say when the
 * person accepted (`at` stands in, except for the time of the consent) nor which text, and names no TenantAdmin.
 */
export function acceptanceOfEntry(
  { username, email, consentAt, passwordHash }: DirectoryEntry,
  { tenantUid, tenant }: Pick<Acceptance, 'tenantUid' | 'tenant'>,
  at: string,
): Omit<AcceptanceWithPassword, 'name'> {
  return {
    adminUid: `directory-${digestName(16, tenantUid, username.toLowerCase())}`,
    admin: '',
    tenantUid,
    tenant,
    sequence: 1,
    address: email,
    username,
    acceptedAt: consentAt ?? at,
    consent: consentAt === undefined ? undefined : {},
    nonce: '',
    passwordHash,
  }
}

/** The same acceptance for another TenantAdmin, whose tenant has taken over the earlier tenant. */
export function adoptedAcceptance(secret: Secret, by: AcceptanceHolder): Secret | undefined {
  const view = acceptanceView(secret)
  if (view === undefined) return undefined
  const passwordHash = passwordHashOf(secret)
  const { adminUid, admin, tenantUid, tenant, username, installation } = by
  const record = { ...view, adminUid, admin, tenantUid, tenant, username, passwordHash }
  return acceptanceSecret(record, secret.metadata.namespace ?? '', installation)
}

/** The TenantAdmin and the Tenant that an acceptance belongs to. */
export interface AcceptanceHolder extends Pick<Acceptance, 'adminUid' | 'admin' | 'tenantUid' | 'tenant' | 'username'> {
  readonly installation: string
}

/** The PHC string in an acceptance, for the tenant's directory. */
export function passwordHashOf(secret: Secret): string | undefined {
  return secret.type === acceptanceSecretType ? hashIn(entryOf(secret, 'passwordHash')) : undefined
}
