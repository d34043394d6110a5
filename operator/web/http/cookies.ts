/** The two cookies: the token while an invite is viewed, and the proof of having accepted it, for the progress page. */
import { hostCookies } from './host-cookies.ts'
import type { HostCookies } from './host-cookies.ts'

export const acceptPath = '/accept'

export interface Cookies {
  readonly invite: string
  readonly done: string
  readonly options: HostCookies['options']
}

/** A tenant's own invite must not take the place of the visitor's. They last an hour. */
export function cookiesFor(publicUrl: string): Cookies {
  const { prefix, options } = hostCookies(publicUrl)
  return {
    invite: `${prefix}tenantry-invite`,
    done: `${prefix}tenantry-accepted`,
    options: { ...options, maxAge: 3600 },
  }
}
