/**
 * Which login role a tenant's applications use. The status records it; while a rotation is under way the Secret decides,
 * because applications follow that. Pure.
 */
import type { DatabaseNames } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { LoginName } from '../../postgres/model/port.ts'

export interface CurrentLogin {
  readonly login: LoginName
  /** The Secret names the other login already, and the status does not say so yet: a rotation was cut off there. */
  readonly switched: boolean
}

/** `username`: what the binding Secret says now. */
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
