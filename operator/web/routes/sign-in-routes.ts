/** All routes of sign-in, and the guard for the pages behind it. */
import type { FastifyInstance } from 'fastify'
import { RateLimiter } from '../http/rate-limit.ts'
import { sessionCookies } from '../sessions/session-cookie.ts'
import { accountRoutes } from './account-page.ts'
import { directorySignInRoutes } from './directory-sign-in.ts'
import { localSignInRoutes } from './local-sign-in-page.ts'
import { passwordRoutes } from './password-page.ts'
import { portalRoute } from './portal-page.ts'
import type { SignInContext, SignInRouteContext } from './sign-in-context.ts'

/** Reads of unknown sessions: a person causes one at times, a guesser many. */
const missLimit = { burst: 60, perSecond: 2 } as const

/** Needs the plugins for cookies and forms on `app`. Returns the context of {@link requireSession}. */
export function signInRoutes(app: FastifyInstance, given: SignInContext): SignInRouteContext {
  const context = {
    ...given,
    cookies: sessionCookies(given.settings.publicUrl),
    attempts: new RateLimiter(given.settings.attempts),
    misses: new RateLimiter(missLimit),
  }
  localSignInRoutes(app, context)
  directorySignInRoutes(app, context)
  accountRoutes(app, context)
  passwordRoutes(app, context)
  portalRoute(app, context)
  return context
}
