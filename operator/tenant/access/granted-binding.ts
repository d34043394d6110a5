/**
 * The RoleBinding of users with granted access: those of the AccessGrants whose end (accessgrant/terms/grant-end.ts) has not
 * come. Both types get settings.grantedClusterRole; what each type means: api/accessgrant.ts. Pure.
 */
import { annotations, grantedBindingName } from '../../api/names.ts'
import type { Grants } from '../model/grants.ts'
import type { Access } from '../model/access.ts'

/**
 * The RoleBinding of all granted users. Its annotation names the AccessGrants, and says while the tenant is suspended
 * that they only read; for a masquerade it adds the admin, so that the audit has both users: `admin`, the username of
 * the tenant's first admin.
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
