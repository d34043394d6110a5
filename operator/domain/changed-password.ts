/**
 * The password that an admin has chosen after the acceptance, as the pages keep it. The operator carries its hash into the
 * tenant's directory. Pure.
 */
import { annotations, labels, passwordName, passwordSecretType } from '../api/names.ts'
import type { Secret } from '../kube/resources.ts'
import { entryOf } from '../kube/secret-entries.ts'
import type { IndexFunction } from '../runtime/cache/cache.ts'
import { hashIn } from './password-hash.ts'

/** The view of it that a cache keeps: everything but the hash. */
export interface ChangedPassword {
  readonly name: string
  /** uid of the TenantAdmin. */
  readonly adminUid: string
  /** `namespace/name` of the TenantAdmin. */
  readonly admin: string
  /** RFC 3339. */
  readonly changedAt: string
}

export const changedPasswordIndexes = {
  adminUid: ({ adminUid }) => [adminUid],
} satisfies Record<string, IndexFunction<ChangedPassword>>

/** Undefined for a Secret that is no changed password. */
export function changedPasswordView(secret: Secret): ChangedPassword | undefined {
  const { metadata, type } = secret
  const adminUid = metadata.labels?.[labels.adminUid]
  const changedAt = entryOf(secret, 'changedAt')
  if (type !== passwordSecretType || adminUid === undefined || changedAt === undefined) return undefined
  if (metadata.name !== passwordName(adminUid) || Number.isNaN(Date.parse(changedAt))) return undefined
  return Object.freeze({
    name: metadata.name,
    adminUid,
    admin: metadata.annotations?.[annotations.admin] ?? '',
    changedAt,
  })
}

/** The PHC string. */
export function changedPasswordHashOf(secret: Secret): string | undefined {
  return secret.type === passwordSecretType ? hashIn(entryOf(secret, 'hash')) : undefined
}

/** The same password for another TenantAdmin, whose tenant has taken over the earlier tenant. */
export function adoptedPassword(
  secret: Secret,
  { adminUid, admin }: Pick<ChangedPassword, 'adminUid' | 'admin'>,
): Secret | undefined {
  if (changedPasswordView(secret) === undefined) return undefined
  const { namespace = '', labels: marks, annotations: notes } = secret.metadata
  return {
    ...secret,
    metadata: {
      name: passwordName(adminUid),
      namespace,
      labels: { ...marks, [labels.adminUid]: adminUid },
      annotations: { ...notes, [annotations.admin]: admin },
    },
  }
}
