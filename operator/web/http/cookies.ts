/** The two cookies: the token while an invite is viewed, and the proof of having accepted it, for the progress page. */
import type { CookieSerializeOptions } from '@fastify/cookie'

export const acceptPath = '/accept'

export interface Cookies {
  readonly invite: string
  readonly done: string
  readonly options: CookieSerializeOptions & { readonly path: string }
}

/** Lax and not Strict: visitors come by a link in a mail, from another site. */
export function cookiesFor(publicUrl: string): Cookies {
  const secure = publicUrl.startsWith('https:')
  const prefix = secure ? '__Secure-' : ''
  return {
    invite: `${prefix}tenantry-invite`,
    done: `${prefix}tenantry-accepted`,
    options: { path: acceptPath, httpOnly: true, sameSite: 'lax', secure, maxAge: 3600 },
  }
}
