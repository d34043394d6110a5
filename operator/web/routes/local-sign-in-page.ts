/** The routes of the sign-in page, and of the form for Tenantry's own passwords. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fieldOf } from '../http/form-field.ts'
import { clientOf } from '../http/rate-limit.ts'
import { localProvider, signInLocally } from '../sign-in/local-sign-in.ts'
import { busy, paused, unlessBusy } from './please-wait.ts'
import { currentSession, lookupWait } from './require-session.ts'
import { auditRefusal, enter, holdRefusal } from './sign-in-context.ts'
import type { SignInRouteContext } from './sign-in-context.ts'
import { isOwnSignIn, returnOf, showSignIn, staleForm } from './sign-in-form.ts'

export const wrongCredentials = 'The account or the password is wrong. Please check both and try again.'

export function localSignInRoutes(app: FastifyInstance, context: SignInRouteContext): void {
  app.get<{ Querystring: { return?: unknown; with?: unknown } }>('/sign-in', async (request, reply) => {
    const { query, cookies } = request
    const session = lookupWait(request, context) > 0 ? undefined : await currentSession(request, context)
    if (session !== undefined) return reply.redirect(returnOf(query.return), 303)
    const chosen = typeof query.with === 'string' ? query.with : undefined
    return showSignIn({ status: 200, chosen, returnTo: query.return }, reply, context, cookies[context.cookies.form])
  })
  app.post('/sign-in', async (request, reply) => takeSignIn(request, reply, context))
}

async function takeSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  context: SignInRouteContext,
): Promise<FastifyReply> {
  const { ports, settings } = context
  const since = ports.clock.monotonic()
  const [account, returnTo] = [fieldOf(request.body, 'account'), fieldOf(request.body, 'return')]
  const show = (status: number, problem: string) =>
    showSignIn({ status, problem, chosen: localProvider, account, returnTo }, reply, context)
  const early = turnAway(request, reply, localProvider, context)
  if (early !== undefined) return show(early.status, early.problem)
  const form = { account, password: fieldOf(request.body, 'password') }
  const outcome = await unlessBusy(() => signInLocally(form, clientOf(request.ip), ports, settings))
  switch (outcome.kind) {
    case 'Accepted':
      return enter(outcome.session, returnOf(returnTo), request, reply, context)
    case 'Paused':
      return show(...paused(outcome.seconds, reply))
    case 'Busy':
      return show(503, busy)
    case 'Refused':
      await holdRefusal(since, context)
      return show(422, wrongCredentials)
  }
}

interface TurnedAway {
  readonly status: number
  readonly problem: string
}

/** Before anything is looked up: forms of other sites, and clients with too many attempts. */
export function turnAway(
  request: FastifyRequest,
  reply: FastifyReply,
  provider: string,
  context: SignInRouteContext,
): TurnedAway | undefined {
  if (!isOwnSignIn(request, context)) {
    auditRefusal({ provider, reason: 'Forged' }, request, context)
    return { status: 403, problem: staleForm }
  }
  const seconds = context.attempts.spend(clientOf(request.ip), 1, context.ports.clock.monotonic())
  if (seconds === 0) return undefined
  auditRefusal({ provider, reason: 'Paused' }, request, context)
  const [status, problem] = paused(seconds, reply)
  return { status, problem }
}
