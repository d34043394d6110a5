/** The routes of sign-in with a directory: the LDAP form, the way to an OIDC provider and back, and its logouts. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { timestamp } from '../../runtime/base/clock.ts'
import { fieldOf } from '../http/form-field.ts'
import { clientOf, RateLimiter } from '../http/rate-limit.ts'
import { returnPath } from '../http/return-path.ts'
import type { Identity } from '../identity/identity.ts'
import type { Session } from '../sessions/session-record.ts'
import { accountKey } from '../sign-in/candidates.ts'
import { admit } from '../sign-in/admit.ts'
import type { LdapProvider, OidcProvider, Provider } from '../sign-in/providers.ts'
import { turnAway, wrongCredentials } from './local-sign-in-page.ts'
import { paused } from './please-wait.ts'
import { auditRefusal, enter, holdRefusal } from './sign-in-context.ts'
import type { SignInRouteContext } from './sign-in-context.ts'
import { returnOf, showSignIn, signInPath } from './sign-in-form.ts'

type ById = { Params: { id: string } }

const never = new AbortController().signal
/** Milliseconds in which a person has to sign in at the provider; seconds in the cookie. */
const flowLifetime = 600
/** Providers send one request for each session that ends. */
const logoutLimit = { burst: 200, perSecond: 20 } as const

export function directorySignInRoutes(app: FastifyInstance, context: SignInRouteContext): void {
  const { providers, views } = context
  const logouts = new RateLimiter(logoutLimit)
  const find = (id: string) => providers.find((provider) => provider.id === id)
  const missing = (reply: FastifyReply) => reply.code(404).type('text/html').send(views.render('not-found', {}))
  app.get<ById & { Querystring: { return?: unknown } }>('/sign-in/:id', async (request, reply) => {
    const provider = find(request.params.id)
    if (provider === undefined) return missing(reply)
    if (provider.kind === 'ldap')
      return reply.redirect(signInPath({ with: provider.id, return: returnPath(request.query.return) ?? '' }), 303)
    return beginOidc(provider, request, reply, context)
  })
  app.post<ById>('/sign-in/:id', async (request, reply) => {
    const provider = find(request.params.id)
    return provider?.kind === 'ldap' ? takeLdapForm(provider, request, reply, context) : missing(reply)
  })
  app.get<ById>('/sign-in/:id/callback', async (request, reply) => {
    const provider = find(request.params.id)
    return provider?.kind === 'oidc' ? completeOidc(provider, request, reply, context) : missing(reply)
  })
  app.post<ById>('/sign-in/:id/back-channel-logout', async (request, reply) => {
    const provider = find(request.params.id)
    if (provider?.kind !== 'oidc') return missing(reply)
    const wait = logouts.spend(clientOf(request.ip), 1, context.ports.clock.monotonic())
    return wait > 0
      ? reply.code(429).header('retry-after', wait).send()
      : endByProvider(provider, request, reply, context)
  })
}

async function takeLdapForm(
  provider: LdapProvider,
  request: FastifyRequest,
  reply: FastifyReply,
  context: SignInRouteContext,
): Promise<FastifyReply> {
  const { ports } = context
  const since = ports.clock.monotonic()
  const [username, returnTo] = [fieldOf(request.body, 'username'), fieldOf(request.body, 'return')]
  const show = (status: number, problem: string) =>
    showSignIn({ status, problem, chosen: provider.id, account: username, returnTo }, reply, context)
  const early = turnAway(request, reply, provider.id, context)
  if (early !== undefined) return show(early.status, early.problem)
  const key = `${provider.id} ${accountKey(username)}`
  const client = clientOf(request.ip)
  const seconds = ports.throttle.attempt(key, client, since)
  if (seconds > 0) {
    auditRefusal({ provider: provider.id, reason: 'Paused' }, request, context)
    return show(...paused(seconds, reply))
  }
  const outcome = await provider.authenticate(username, fieldOf(request.body, 'password'), never)
  if (outcome.kind === 'Accepted') {
    ports.throttle.succeeded(key, client)
    return letIn(provider, outcome.identity, { returnTo: returnOf(returnTo), oidc: undefined }, request, reply, context)
  }
  if (outcome.kind === 'Unavailable') {
    // Nothing was tried: a directory that is down locks out no account.
    ports.throttle.withdrawn(key, client)
    auditRefusal({ provider: provider.id, reason: 'ProviderUnavailable', detail: outcome.reason }, request, context)
    return show(503, unavailable(provider))
  }
  auditRefusal({ provider: provider.id, reason: 'WrongCredentials', detail: outcome.reason }, request, context)
  await holdRefusal(since, context)
  return show(422, wrongCredentials)
}

async function beginOidc(
  provider: OidcProvider,
  request: FastifyRequest<ById & { Querystring: { return?: unknown } }>,
  reply: FastifyReply,
  context: SignInRouteContext,
): Promise<FastifyReply> {
  const returnTo = returnOf(request.query.return)
  const wait = context.attempts.spend(clientOf(request.ip), 1, context.ports.clock.monotonic())
  if (wait > 0) {
    const [status, problem] = paused(wait, reply)
    return showSignIn({ status, problem, returnTo }, reply, context)
  }
  const outcome = await provider.begin(returnTo)
  if (outcome.kind === 'Unavailable') {
    auditRefusal({ provider: provider.id, reason: 'ProviderUnavailable', detail: outcome.reason }, request, context)
    return showSignIn({ status: 503, problem: unavailable(provider), returnTo }, reply, context)
  }
  const { cookies } = context
  void reply.setCookie(cookies.flow, outcome.flow, { ...cookies.options, maxAge: flowLifetime })
  return reply.redirect(outcome.url, 303)
}

async function completeOidc(
  provider: OidcProvider,
  request: FastifyRequest,
  reply: FastifyReply,
  context: SignInRouteContext,
): Promise<FastifyReply> {
  const { cookies, settings } = context
  const wait = context.attempts.spend(clientOf(request.ip), 1, context.ports.clock.monotonic())
  if (wait > 0) {
    const [status, problem] = paused(wait, reply)
    return showSignIn({ status, problem, returnTo: '' }, reply, context)
  }
  const outcome = await provider.complete(`${settings.publicUrl}${request.url}`, request.cookies[cookies.flow])
  // Good for one attempt.
  void reply.clearCookie(cookies.flow, cookies.options)
  if (outcome.kind === 'Accepted')
    return letIn(
      provider,
      outcome.identity,
      { ...outcome, returnTo: returnOf(outcome.returnTo) },
      request,
      reply,
      context,
    )
  const isDown = outcome.kind === 'Unavailable'
  const reason = isDown ? 'ProviderUnavailable' : 'ProviderRefused'
  auditRefusal({ provider: provider.id, reason, detail: outcome.reason }, request, context)
  const problem = isDown
    ? unavailable(provider)
    : `${provider.name} did not sign you in, or it took too long. Please try again.`
  return showSignIn({ status: isDown ? 503 : 403, problem, returnTo: '' }, reply, context)
}

/** A directory's identity becomes a session only for people with access. */
async function letIn(
  provider: Provider,
  identity: Identity,
  { returnTo, oidc }: { readonly returnTo: string; readonly oidc: Session['oidc'] },
  request: FastifyRequest,
  reply: FastifyReply,
  context: SignInRouteContext,
): Promise<FastifyReply> {
  const admission = admit(identity, context.ports.caches, context.settings)
  if (admission.kind === 'Admitted') {
    const { person } = admission
    const credential = person.root ? identity.username : undefined
    return enter({ person, credential, oidc }, returnTo, request, reply, context)
  }
  const account = identity.email ?? identity.username
  auditRefusal({ provider: provider.id, reason: admission.reason, account }, request, context)
  const page = { account, provider: provider.name, noEmail: admission.reason === 'NoEmail' }
  return reply.code(403).type('text/html').send(context.views.render('refused', page))
}

/** OpenID Connect Back-Channel Logout 1.0, section 2.8. */
async function endByProvider(
  provider: OidcProvider,
  request: FastifyRequest,
  reply: FastifyReply,
  { ports }: SignInRouteContext,
): Promise<FastifyReply> {
  const outcome = await provider.verifyLogoutToken(fieldOf(request.body, 'logout_token'))
  if (outcome.kind !== 'LogoutRequested') {
    const status = outcome.kind === 'Unavailable' ? 503 : 400
    return reply.code(status).send({ error: status === 503 ? 'temporarily_unavailable' : 'invalid_request' })
  }
  const { sid, sub } = outcome
  const which = sid === undefined ? { provider: provider.id, subject: sub ?? '' } : { provider: provider.id, sid }
  const ended = ports.store.all(which)
  const sessions = await ports.store.closeAll(which)
  const at = timestamp(ports.clock.now())
  const user = ended[0]?.person.user
  ports.audit({ type: 'SignedOut', at, provider: provider.id, user, cause: 'Provider', sessions })
  return reply.code(200).send()
}

function unavailable({ name }: Provider): string {
  return `${name} cannot be reached at the moment. Please try again later.`
}
