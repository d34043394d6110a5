/** The two cookies: the token while an invite is viewed, and the proof of having accepted it, for the progress page. */
import type { CookieSerializeOptions } from '@fastify/cookie'

export const acceptPath = '/accept'

export interface Cookies {
  readonly invite: string
  readonly done: string
  readonly options: CookieSerializeOptions & { readonly path: string }
}

/**
 * `__Host-`, which needs the path `/`: a tenant below the same domain could otherwise set an invite of its own in place of the
 * visitor's. Lax and not Strict: visitors come by a link in a mail, from another site.
 */
export function cookiesFor(publicUrl: string): Cookies {
  const secure = publicUrl.startsWith('https:')
  const prefix = secure ? '__Host-' : ''
  return {
    invite: `${prefix}tenantry-invite`,
    done: `${prefix}tenantry-accepted`,
    options: { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: 3600 },
  }
}
