/** The names and options of cookies that no other host can set. Pure. */
import type { CookieSerializeOptions } from '@fastify/cookie'

export interface HostCookies {
  /** What each name begins with. */
  readonly prefix: string
  readonly options: CookieSerializeOptions & { readonly path: string }
}

/**
 * `__Host-`, which needs the path `/`: no other host, such as that of a tenant below the same domain, and no page without TLS
 * can set them. Lax and not Strict: people come by links from mails and from their identity provider. Without Max-Age they
 * go with the browser.
 */
export function hostCookies(publicUrl: string): HostCookies {
  const secure = publicUrl.startsWith('https:')
  return { prefix: secure ? '__Host-' : '', options: { path: '/', httpOnly: true, sameSite: 'lax', secure } }
}
