/** What access to a tenant is granted, and its RoleBinding. Pure. */
import { annotations, grantedBindingName } from '../../api/names.ts'
import type { Grants } from '../model/grants.ts'
import type { Access } from '../model/access.ts'

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
