/** The cookie of a session, and the one that ties the sign-in form to the browser it was shown in. Pure. */
import { createHash } from 'node:crypto'
import { hostCookies } from '../http/host-cookies.ts'
import type { HostCookies } from '../http/host-cookies.ts'

export interface SessionCookies {
  readonly session: string
  readonly form: string
  /** What an OIDC sign-in is continued with. */
  readonly flow: string
  /** They go with the browser, and the session ends by its own times. */
  readonly options: HostCookies['options']
}

export function sessionCookies(publicUrl: string): SessionCookies {
  const { prefix, options } = hostCookies(publicUrl)
  return {
    session: `${prefix}tenantry-session`,
    form: `${prefix}tenantry-sign-in`,
    flow: `${prefix}tenantry-flow`,
    options,
  }
}

const shape = /^[A-Za-z0-9_-]{43}$/

/** 256 random bits in base64url. */
export function newCookie(random: { readonly bytes: (size: number) => Buffer }): string {
  return random.bytes(32).toString('base64url')
}

export function isCookie(value: string | undefined): value is string {
  return value !== undefined && shape.test(value)
}

/** The key in the sign-in form: only the page that this browser was sent has it. */
export function signInKey(cookie: string): string {
  return createHash('sha256').update(`tenantry.dev/sign-in\0${cookie}`).digest('base64url')
}
