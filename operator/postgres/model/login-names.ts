/** The two alternating login roles of a tenant. Pure. */
import type { LoginName } from './port.ts'

export const loginNames: readonly LoginName[] = ['a', 'b']

export function otherLogin(login: LoginName): LoginName {
  return login === 'a' ? 'b' : 'a'
}
