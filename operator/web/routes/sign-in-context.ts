/** The context of the routes of sign-in, and what their answers have in common. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { pause } from '../../runtime/base/deadline.ts'
import type { RateLimiter } from '../http/rate-limit.ts'
import { clientOf } from '../http/rate-limit.ts'
import type { SessionCookies } from '../sessions/session-cookie.ts'
import type { NewSession } from '../sessions/session-store.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { Refused } from '../sign-in/audit.ts'
import type { Provider } from '../sign-in/providers.ts'
import type { SignInPorts } from '../sign-in/ports.ts'
import type { SignInSettings } from '../sign-in/settings.ts'
import type { Views } from '../views/views.ts'

export interface SignInContext {
  readonly ports: SignInPorts
  readonly settings: SignInSettings
  readonly providers: readonly Provider[]
  readonly views: Views
}

/** With what the routes share. */
export interface SignInRouteContext extends SignInContext {
  readonly cookies: SessionCookies
  /** Attempts to sign in, from one client. */
  readonly attempts: RateLimiter
  /** Reads of sessions that are not in the cache, from one client. */
  readonly misses: RateLimiter
}

/** Where people go who came for no page. */
export const startPath = '/portal'

const never = new AbortController().signal

/** Held back until a fixed time after `since` (monotonic milliseconds): the time does not tell what was wrong. */
export async function holdRefusal(since: number, { ports, settings }: SignInContext): Promise<void> {
  const left = settings.refusalDelay - (ports.clock.monotonic() - since)
  if (left > 0) await pause(ports.clock, left, never)
}

/** Opens the session, and takes away what tied the form to this browser. */
export async function enter(
  opened: NewSession,
  returnTo: string,
  request: FastifyRequest,
  reply: FastifyReply,
  { ports, cookies }: SignInRouteContext,
): Promise<FastifyReply> {
  const cookie = await ports.store.open(opened, request.cookies[cookies.session])
  const { provider, user, root, admins } = opened.person
  const at = timestamp(ports.clock.now())
  ports.audit({ type: 'SignedIn', at, provider, client: clientOf(request.ip), user, root, admins })
  if (root) ports.log.warn('the root admin has signed in', { user, provider, client: clientOf(request.ip) })
  void reply.setCookie(cookies.session, cookie, cookies.options)
  void reply.clearCookie(cookies.form, cookies.options)
  return reply.redirect(opened.mustChange === true ? '/account/password' : returnTo, 303)
}

export function auditRefusal(
  refusal: Pick<Refused, 'provider' | 'reason'> & Partial<Pick<Refused, 'account' | 'detail'>>,
  request: FastifyRequest,
  { ports }: SignInContext,
): void {
  const { provider, reason, account, detail } = refusal
  const at = timestamp(ports.clock.now())
  ports.audit({ type: 'Refused', at, provider, client: clientOf(request.ip), reason, account, detail })
}
