/** What access to a tenant is granted, and its RoleBinding. Pure. */
import type { AccessGrant } from '../../api/accessgrant.ts'
import { annotations, grantedBindingName } from '../../api/names.ts'
import type { Access } from '../namespace/objects.ts'

/** One AccessGrant that gives access. */
export interface Granted {
  /** `namespace/name` of the AccessGrant. */
  readonly grant: string
  readonly uid: string
  readonly type: AccessGrant['spec']['type']
  /** The Kubernetes user who gets it. */
  readonly user: string
  /** spec.username: of a technician that within the MSP. */
  readonly username: string
  readonly reason: string | undefined
  /** RFC 3339. */
  readonly until: string | undefined
}

export interface Grants {
  /** By name. */
  readonly inForce: readonly Granted[]
  /** When the next of them ends: milliseconds since the epoch. */
  readonly turnsAt: number | undefined
}

/**
 * The RoleBinding of all of them. Its annotation says by which AccessGrants, and while the tenant is suspended that they only
 * read; of a masquerade also as whom, so that the audit has both: `admin`, the username of the tenant's first admin.
 */
export function grantedAccess(
  { inForce }: Grants,
  clusterRole: string,
  admin: string | undefined,
  suspended: boolean,
): Access {
  const users = [...new Set(inForce.map(({ user }) => user))].toSorted()
  const told = inForce.map(({ type, grant, uid, user, reason, until }) => ({
    type,
    grant,
    uid,
    user,
    ...(type === 'Masquerade' && admin !== undefined ? { as: admin } : {}),
    ...(type === 'Masquerade' && reason !== undefined ? { reason } : {}),
    ...(until === undefined ? {} : { until }),
    ...(suspended ? { readOnly: true } : {}),
  }))
  return { name: grantedBindingName, clusterRole, users, annotations: { [annotations.grants]: JSON.stringify(told) } }
}

/** The uids of the AccessGrants by which that annotation says that somebody has more than the right to read. */
export function grantsInForce(annotation: string | undefined): readonly string[] {
  return listIn(annotation)
    .filter(isTold)
    .filter(({ readOnly }) => readOnly !== true)
    .map(({ uid }) => uid)
}

/** The uids of all AccessGrants that it names. */
export function grantsTold(annotation: string | undefined): readonly string[] {
  return listIn(annotation)
    .filter(isTold)
    .map(({ uid }) => uid)
}

function isTold(part: unknown): part is { readonly uid: string; readonly readOnly?: unknown } {
  return typeof part === 'object' && part !== null && 'uid' in part && typeof part.uid === 'string'
}

/** What is no list of ours, as somebody has edited it, says nothing. */
function listIn(annotation: string | undefined): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(annotation ?? '[]')
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}
