/** The routes of a person's own account: who I am, where I am signed in, the password, and signing out. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { timestamp } from '../../runtime/base/clock.ts'
import { fieldOf } from '../http/form-field.ts'
import type { Session } from '../sessions/session-record.ts'
import { canChangePassword } from '../sign-in/change-password.ts'
import { localProvider } from '../sign-in/local-sign-in.ts'
import { longTime } from '../../mail/message.ts'
import type { AccountPage } from '../views/sign-in-pages.ts'
import { barOf, requireSession } from './require-session.ts'
import type { SignInRouteContext } from './sign-in-context.ts'

export function accountRoutes(app: FastifyInstance, context: SignInRouteContext): void {
  app.get(
    '/account',
    requireSession(context, (request, reply, session) => {
      const notice = fieldOf(request.query, 'changed') === 'password' ? 'Your password is changed.' : undefined
      return reply.type('text/html').send(context.views.render('account', accountPage(session, notice, context)))
    }),
  )
  app.post(
    '/account/sessions',
    requireSession(context, (request, reply, session) => endSessions(request, reply, session, context)),
  )
  const signOutAtOnce = requireSession(context, (_, reply, session) => signOut(reply, session, context), {
    whileMustChange: true,
  })
  app.post('/sign-out', signOutAtOnce)
}

async function endSessions(
  request: FastifyRequest,
  reply: FastifyReply,
  session: Session,
  context: SignInRouteContext,
): Promise<FastifyReply> {
  const { ports, cookies, views } = context
  const chosen = fieldOf(request.body, 'session')
  const { provider, user } = session.person
  const at = timestamp(ports.clock.now())
  if (chosen === 'all') {
    const sessions = await ports.store.closeAll(session.person, session.name)
    await ports.store.close(session)
    ports.audit({ type: 'SignedOut', at, provider, user, cause: 'Everywhere', sessions: sessions + 1 })
    void reply.clearCookie(cookies.session, cookies.options)
    const link = await providerLink(session, context)
    return reply.type('text/html').send(views.render('signed-out', { everywhere: true, provider: link }))
  }
  const other = ports.store.ofAccount(session.person).find(({ name }) => name === chosen && name !== session.name)
  if (other !== undefined) {
    await ports.store.close(other)
    ports.audit({ type: 'SignedOut', at, provider, user, cause: 'Requested', sessions: 1 })
  }
  return reply.redirect('/account', 303)
}

async function signOut(reply: FastifyReply, session: Session, context: SignInRouteContext): Promise<FastifyReply> {
  const { ports, cookies, views } = context
  const { provider, user } = session.person
  await ports.store.close(session)
  const at = timestamp(ports.clock.now())
  ports.audit({ type: 'SignedOut', at, provider, user, cause: 'Requested', sessions: 1 })
  void reply.clearCookie(cookies.session, cookies.options)
  const link = await providerLink(session, context)
  return reply.type('text/html').send(views.render('signed-out', { everywhere: false, provider: link }))
}

/** A link and no redirect: this page's policy lets its forms lead to no other site. */
async function providerLink({ person, oidc }: Session, { providers }: SignInRouteContext) {
  const provider = providers.find(({ id }) => id === person.provider)
  if (provider?.kind !== 'oidc' || oidc?.idToken === undefined) return undefined
  const href = await provider.logoutUrl(oidc.idToken)
  return href === undefined ? undefined : { name: provider.name, href }
}

function accountPage(
  session: Session,
  notice: string | undefined,
  { ports, providers }: SignInRouteContext,
): AccountPage {
  const { person } = session
  const { name, email, user, root } = person
  const provider = providers.find(({ id }) => id === person.provider)?.name
  return {
    bar: barOf(session),
    notice,
    name,
    email,
    user,
    root,
    provider: provider ?? (person.provider === localProvider ? 'A password of this site' : person.provider),
    canChangePassword: canChangePassword(person),
    sessions: withOwn(ports.store.ofAccount(session.person), session).map((each) => ({
      name: each.name,
      since: longTime(each.createdAt),
      lastSeen: longTime(each.lastSeen),
      current: each.name === session.name,
    })),
  }
}

/** This session first; the cache may not have it yet. */
function withOwn(sessions: readonly Session[], own: Session): readonly Session[] {
  return [own, ...sessions.filter(({ name }) => name !== own.name)]
}
