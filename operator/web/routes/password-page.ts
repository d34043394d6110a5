/** The routes of the change of a password. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { shortestPassword } from '../../tenantadmin/invite/password-rule.ts'
import { fieldOf } from '../http/form-field.ts'
import { clientOf } from '../http/rate-limit.ts'
import type { Session } from '../sessions/session-record.ts'
import { canChangePassword, changePassword } from '../sign-in/change-password.ts'
import type { PasswordErrors, PasswordForm } from '../sign-in/change-password.ts'
import { busy, paused, unlessBusy } from './please-wait.ts'
import { barOf, requireSession } from './require-session.ts'
import { startPath } from './sign-in-context.ts'
import type { SignInRouteContext } from './sign-in-context.ts'

const path = '/account/password'
const open = { whileMustChange: true } as const

export function passwordRoutes(app: FastifyInstance, context: SignInRouteContext): void {
  app.get(
    path,
    requireSession(
      context,
      (_, reply, session) =>
        canChangePassword(session.person)
          ? reply.type('text/html').send(passwordPage(session, {}, undefined, context))
          : reply.redirect('/account', 303),
      open,
    ),
  )
  app.post(
    path,
    requireSession(context, (request, reply, session) => takePassword(request, reply, session, context), open),
  )
}

async function takePassword(
  request: FastifyRequest,
  reply: FastifyReply,
  session: Session,
  context: SignInRouteContext,
): Promise<FastifyReply> {
  const { ports, settings, cookies } = context
  if (!canChangePassword(session.person)) return reply.redirect('/account', 303)
  const form: PasswordForm = {
    current: fieldOf(request.body, 'current'),
    password: fieldOf(request.body, 'password'),
    passwordAgain: fieldOf(request.body, 'passwordAgain'),
  }
  const origin = { client: clientOf(request.ip), cookie: request.cookies[cookies.session] ?? '' }
  const show = (status: number, errors: PasswordErrors, problem?: string) =>
    reply
      .code(status)
      .type('text/html')
      .send(passwordPage(session, errors, problem, context))
  const outcome = await unlessBusy(() => changePassword(session, form, origin, ports, settings))
  switch (outcome.kind) {
    case 'Changed':
      void reply.setCookie(cookies.session, outcome.cookie, cookies.options)
      return reply.redirect(session.mustChange ? startPath : '/account?changed=password', 303)
    case 'Wrong':
      return show(422, outcome.errors)
    case 'Busy':
      return show(503, {}, busy)
    case 'Paused': {
      const [status, problem] = paused(outcome.seconds, reply)
      return show(status, {}, problem)
    }
  }
}

function passwordPage(
  session: Session,
  errors: PasswordErrors,
  problem: string | undefined,
  { views }: SignInRouteContext,
): string {
  const { person, mustChange } = session
  return views.render('change-password', {
    bar: barOf(session),
    mustChange,
    root: person.root,
    account: person.email ?? person.name ?? person.user,
    shortestPassword,
    errors: { current: errors.current, password: errors.password, passwordAgain: errors.passwordAgain },
    problem,
  })
}
