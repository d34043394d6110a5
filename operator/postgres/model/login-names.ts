/** The two login roles of a tenant, which take turns. Pure. */
import type { LoginName } from './port.ts'

export const loginNames: readonly LoginName[] = ['a', 'b']

export function otherLogin(login: LoginName): LoginName {
  return login === 'a' ? 'b' : 'a'
}
