/**
 * The hash of a first password (spec.passwordSecretRef): the operator keeps it for the accept page, which may not read the
 * Secret with the password. Pure: to and from the object.
 */
import { annotations, firstPasswordName, firstPasswordSecretType, labels, managedBy } from '../api/names.ts'
import type { Secret } from '../kube/resources.ts'
import { entriesOf, entryOf } from '../kube/secret-entries.ts'
import { hashIn } from './password-hash.ts'

/** The view of it that a cache keeps: everything but the hash. */
export interface FirstPasswordHash {
  readonly name: string
  readonly secretUid: string
  /** uid of the TenantAdmin. */
  readonly adminUid: string
  /** `namespace/name` of the TenantAdmin. */
  readonly admin: string
  /** As {@link sourceOf} has it: the state of the Secret whose password was hashed. */
  readonly source: string
}

/** Identifies a state of the Secret with the password, whatever its content. */
export function sourceOf({ metadata }: Secret): string {
  return `${metadata.uid ?? ''}/${metadata.resourceVersion ?? ''}`
}

/** `hash`: PHC string. */
export function firstPasswordSecret(
  { adminUid, admin, source }: Pick<FirstPasswordHash, 'adminUid' | 'admin' | 'source'>,
  hash: string,
  namespace: string,
  installation: string,
): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: firstPasswordSecretType,
    metadata: {
      name: firstPasswordName(adminUid),
      namespace,
      labels: {
        [labels.managedBy]: managedBy,
        [labels.installation]: installation,
        [labels.component]: 'first-password',
        [labels.adminUid]: adminUid,
      },
      annotations: { [annotations.admin]: admin, [annotations.passwordSource]: source },
    },
    data: entriesOf({ passwordHash: hash }),
  }
}

/** Undefined for a Secret that is no hash of a first password. */
export function firstPasswordView({ metadata, type }: Secret): FirstPasswordHash | undefined {
  const adminUid = metadata.labels?.[labels.adminUid]
  const { [annotations.admin]: admin = '', [annotations.passwordSource]: source = '' } = metadata.annotations ?? {}
  if (type !== firstPasswordSecretType || adminUid === undefined) return undefined
  if (metadata.name !== firstPasswordName(adminUid)) return undefined
  return Object.freeze({ name: metadata.name, secretUid: metadata.uid ?? '', adminUid, admin, source })
}

/** The PHC string. */
export function firstPasswordHashOf(secret: Secret): string | undefined {
  return secret.type === firstPasswordSecretType ? hashIn(entryOf(secret, 'passwordHash')) : undefined
}
