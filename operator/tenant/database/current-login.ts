/**
 * The login role that a tenant's applications use. The status records it; during a rotation the Secret decides, because
 * applications follow the Secret. Pure.
 */
import type { DatabaseNames } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { LoginName } from '../../postgres/model/port.ts'

export interface CurrentLogin {
  readonly login: LoginName
  /** The Secret names the other login already, and the status does not yet: a rotation was cut off in between. */
  readonly switched: boolean
}

/** `username`: the login that the binding Secret names now. */
export function currentLogin(
  { status }: Pick<Tenant, 'status'>,
  { logins }: Pick<DatabaseNames, 'logins'>,
  username: string | undefined,
): CurrentLogin {
  const recorded = status?.database?.roles?.current ?? 'a'
  const to = status?.database?.rotation?.to
  const switched = to !== undefined && to !== recorded && username === logins[to]
  return { login: switched ? to : recorded, switched }
}
