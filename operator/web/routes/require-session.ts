/** The guard of pages for people who are signed in: the session, whether it still holds, and where its forms came from. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { rootSecretName } from '../../api/names.ts'
import { secrets } from '../../kube/resources.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { sameText } from '../../tenantadmin/invite/token.ts'
import { fieldOf } from '../http/form-field.ts'
import { isSameOrigin } from '../http/origin.ts'
import { clientOf } from '../http/rate-limit.ts'
import { returnPath } from '../http/return-path.ts'
import type { Session } from '../sessions/session-record.ts'
import { stillIn } from '../sessions/still-in.ts'
import type { Bar } from '../views/sign-in-pages.ts'
import type { SignInRouteContext } from './sign-in-context.ts'

export type SessionHandler = (
  request: FastifyRequest,
  reply: FastifyReply,
  session: Session,
) => Promise<FastifyReply> | FastifyReply

export interface GuardOptions {
  /** Whether the page is open to people who must change their password first. */
  readonly whileMustChange?: boolean
}

const passwordPath = '/account/password'

/** Runs `handler` for people who are signed in; others are sent to sign in. A POST must bear the key of the session. */
export function requireSession(
  context: SignInRouteContext,
  handler: SessionHandler,
  { whileMustChange = false }: GuardOptions = {},
) {
  const { ports, cookies, views, settings } = context
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const wait = lookupWait(request, context)
    if (wait > 0)
      return reply.code(429).header('retry-after', wait).type('text/html').send(views.render('too-many', {}))
    const session = await currentSession(request, context)
    if (session === undefined) {
      if (request.cookies[cookies.session] !== undefined) void reply.clearCookie(cookies.session, cookies.options)
      return reply.redirect(signInPath(request), 303)
    }
    if (request.method !== 'GET' && request.method !== 'HEAD' && !isOwnForm(request, session, settings.publicUrl))
      return reply
        .code(403)
        .type('text/html')
        .send(views.render('stale-form', { bar: barOf(session) }))
    if (session.mustChange && !whileMustChange) return reply.redirect(passwordPath, 303)
    await ports.store.touch(session)
    return handler(request, reply, session)
  }
}

/** The session of a request, if there is one and its person may still sign in. */
export async function currentSession(
  request: FastifyRequest,
  { ports, settings, cookies, providers }: SignInRouteContext,
): Promise<Session | undefined> {
  const session = await ports.store.find(request.cookies[cookies.session])
  if (session === undefined) return undefined
  const { person } = session
  // Live, as root's sessions are few and must end with the Secret.
  const name = { namespace: settings.webNamespace, name: rootSecretName }
  const isLocalRoot = person.root && person.provider === 'local'
  const rootCredential = isLocalRoot ? (await ports.kube.get(secrets, name))?.metadata.uid : undefined
  const offered = [...providers.map(({ id }) => id), ...(settings.localSignIn ? ['local'] : [])]
  const facts = { caches: ports.caches, root: settings.root, providers: offered, rootCredential }
  const still = stillIn(session, facts)
  if (still !== undefined) return still
  await ports.store.close(session)
  const { provider, user } = person
  const at = timestamp(ports.clock.now())
  ports.audit({ type: 'SignedOut', at, provider, user, cause: 'NoLongerAllowed', sessions: 1 })
  return undefined
}

export function barOf({ person, csrfKey, mustChange }: Session): Bar {
  return { name: person.name ?? person.email ?? person.user, key: csrfKey, restricted: mustChange }
}

/** Seconds until this client may ask again for sessions that only the server may know. */
export function lookupWait(request: FastifyRequest, { ports, cookies, misses }: SignInRouteContext): number {
  const cookie = request.cookies[cookies.session]
  if (cookie === undefined || ports.store.isKnown(cookie)) return 0
  return misses.spend(clientOf(request.ip), 1, ports.clock.monotonic())
}

function isOwnForm(request: FastifyRequest, { csrfKey }: Session, publicUrl: string): boolean {
  return isSameOrigin(request.headers, publicUrl) && sameText(fieldOf(request.body, 'key'), csrfKey)
}

function signInPath({ method, url }: FastifyRequest): string {
  const path = method === 'GET' ? returnPath(url) : undefined
  return path === undefined ? '/sign-in' : `/sign-in?return=${encodeURIComponent(path)}`
}
