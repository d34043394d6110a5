/** The indexes of sessions: each way in which they are ended together. Pure. */
import type { Indexes } from '../../runtime/cache/cache.ts'
import type { Session } from './session-record.ts'

export type SessionIndex = 'user' | 'admin' | 'subject' | 'sid'

const joined = (provider: string, id: string) => `${provider} ${id}`

export const sessionIndexes: Indexes<Session, SessionIndex> = {
  user: ({ person }) => [person.user],
  admin: ({ person }) => person.admins ?? [],
  subject: ({ person }) => [joined(person.provider, person.subject)],
  sid: ({ person, oidc }) => (oidc?.sid === undefined ? [] : [joined(person.provider, oidc.sid)]),
}

/** Which sessions: of a Kubernetes user, a TenantAdmin, a directory's account, or one session of a directory. */
export type SessionsOf =
  | { readonly user: string }
  | { readonly adminUid: string }
  | { readonly provider: string; readonly subject: string }
  | { readonly provider: string; readonly sid: string }

export function termOf(which: SessionsOf): readonly [SessionIndex, string] {
  if ('user' in which) return ['user', which.user]
  if ('adminUid' in which) return ['admin', which.adminUid]
  return 'sid' in which
    ? ['sid', joined(which.provider, which.sid)]
    : ['subject', joined(which.provider, which.subject)]
}
