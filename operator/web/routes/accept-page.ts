/** The routes of the link in the mail: the page that it leads to, and the form on that page. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { acceptanceName } from '../../api/names.ts'
import { variablesOf } from '../../mail/message.ts'
import { shortestPassword } from '../../tenantadmin/invite/password-rule.ts'
import { formKey, sameText, signToken, verifyToken } from '../../tenantadmin/invite/token.ts'
import { accept, acceptedBefore } from '../accept/create-acceptance.ts'
import { acceptPath, cookiesFor } from '../http/cookies.ts'
import type { Cookies } from '../http/cookies.ts'
import { consentDigest, errorsOf, readForm } from '../accept/form.ts'
import type { AcceptForm, FormRequirements, FieldErrors } from '../accept/form.ts'
import { findInvitation } from '../accept/invitation.ts'
import type { Invitation } from '../accept/invitation.ts'
import { KeyedLock } from '../../runtime/base/keyed-lock.ts'
import { isSameOrigin } from '../http/origin.ts'
import type { InvitePage } from '../views/views.ts'
import { deadLink } from './dead-link.ts'
import type { RouteContext } from './route-context.ts'

const tokenShape = /^[A-Za-z0-9_-]{1,640}$/

export function acceptRoutes(app: FastifyInstance, context: RouteContext): void {
  const cookies = cookiesFor(context.settings.publicUrl)
  const lock = new KeyedLock()
  app.get<{ Querystring: { token?: unknown } }>(acceptPath, async (request, reply) => {
    const { token } = request.query
    return token === undefined ? showInvite(request, reply, context, cookies) : keepToken(token, reply, cookies)
  })
  app.get<{ Params: { token: string } }>(`${acceptPath}/:token`, async (request, reply) =>
    keepToken(request.params.token, reply, cookies),
  )
  app.post(acceptPath, async (request, reply) => takeForm(request, reply, { ...context, cookies, lock }))
}

/**
 * Only removes the token from the address bar, the history and the proxies' logs: programs follow links in mails too.
 */
function keepToken(token: unknown, reply: FastifyReply, { invite, options }: Cookies): FastifyReply {
  if (typeof token === 'string' && tokenShape.test(token)) void reply.setCookie(invite, token, options)
  return reply.redirect(acceptPath, 303)
}

async function showInvite(
  request: FastifyRequest,
  reply: FastifyReply,
  context: RouteContext,
  cookies: Cookies,
): Promise<FastifyReply> {
  const since = context.ports.clock.monotonic()
  const token = request.cookies[cookies.invite]
  const invitation = await findInvitation(token, context.ports, context.settings)
  if (invitation === undefined || token === undefined) return deadLink(reply, since, context)
  const nonce = context.ports.random.bytes(16).toString('base64url')
  const page = invitePage(invitation, context, { key: formKey(token, invitation.key), nonce, consented: false }, {})
  return reply.type('text/html').send(context.views.render('invite', page))
}

interface FormContext extends RouteContext {
  readonly cookies: Cookies
  readonly lock: KeyedLock
}

async function takeForm(request: FastifyRequest, reply: FastifyReply, context: FormContext): Promise<FastifyReply> {
  const { ports, settings, views, cookies, lock } = context
  const since = ports.clock.monotonic()
  const forbid = () => reply.code(403).type('text/html').send(views.render('forbidden', {}))
  if (!isSameOrigin(request.headers, settings.publicUrl)) return forbid()
  const token = request.cookies[cookies.invite]
  const form = readForm(request.body)
  const ring = await ports.keys()
  const claims = token === undefined ? undefined : verifyToken(token, 'invite', ring.find)
  const key = claims === undefined ? undefined : ring.find(claims.keyId)
  if (token === undefined || claims === undefined || key === undefined) return deadLink(reply, since, context)
  if (!sameText(form.key, formKey(token, key))) return forbid()
  // One link's forms wait for each other, so that a hundred of them cost one password hash and not a hundred.
  return lock.run(acceptanceName(claims.uid, claims.sequence), async () => {
    const invitation = await findInvitation(token, ports, settings)
    if (invitation === undefined) {
      const before = await acceptedBefore(claims, form, ports, settings)
      return before ? accepted(claims, reply, context) : deadLink(reply, since, context)
    }
    const errors = errorsOf(form, requirementsOf(invitation, context))
    if (Object.keys(errors).length > 0) return showErrors(invitation, form, errors, reply, context)
    const won = await accept(invitation, form, ports, settings)
    return won ? accepted(claims, reply, context) : deadLink(reply, since, context)
  })
}

function showErrors(
  invitation: Invitation,
  form: AcceptForm,
  errors: FieldErrors,
  reply: FastifyReply,
  context: RouteContext,
): FastifyReply {
  const page = invitePage(invitation, context, { key: form.key, nonce: form.nonce, consented: form.consent }, errors)
  return reply.code(422).type('text/html').send(context.views.render('invite', page))
}

/** The token has served its purpose; another one, for an hour, lets this browser follow the tenant's progress. */
async function accepted(
  claims: Invitation['claims'],
  reply: FastifyReply,
  { ports, cookies }: FormContext,
): Promise<FastifyReply> {
  const { current } = await ports.keys()
  void reply.clearCookie(cookies.invite, cookies.options)
  if (current !== undefined) {
    const expiresAt = ports.clock.now() + 3_600_000
    const proof = signToken({ ...claims, keyId: current.id, expiresAt }, 'done', current)
    void reply.setCookie(cookies.done, proof, cookies.options)
  }
  return reply.redirect(`${acceptPath}/done`, 303)
}

function requirementsOf({ admin, tenant }: Invitation, { settings }: RouteContext): FormRequirements {
  const { username, email, firstName = '', lastName = '', passwordSecretRef } = admin.spec
  const { enabled, text } = tenant.spec.userConsent
  const consentText = enabled ? text : undefined
  const password = settings.localSignIn && passwordSecretRef === undefined
  return {
    consentText,
    password,
    confirmation: consentText === undefined && !password,
    obvious: [email, ...email.split('@'), username, firstName, lastName, tenant.spec.displayName, settings.productName],
  }
}

function invitePage(
  invitation: Invitation,
  context: RouteContext,
  form: Pick<InvitePage, 'key' | 'nonce' | 'consented'>,
  errors: FieldErrors,
): InvitePage {
  const { admin, tenant, claims, inviterName } = invitation
  const { consentText, password, confirmation } = requirementsOf(invitation, context)
  const { spec } = admin
  const words = variablesOf({
    ...claims,
    email: spec.email,
    firstName: spec.firstName,
    lastName: spec.lastName,
    username: spec.username,
    role: spec.role,
    tenantName: tenant.spec.displayName,
    inviterName,
    productName: context.settings.productName,
    acceptUrl: '',
    mailDomain: '',
  })
  return {
    ...words,
    consentText,
    consentDigest: consentText === undefined ? undefined : consentDigest(consentText),
    asksPassword: password,
    asksConfirmation: confirmation,
    shortestPassword,
    ...form,
    errors: { consent: errors.consent, password: errors.password, passwordAgain: errors.passwordAgain },
    errorCount: Object.keys(errors).length,
  }
}
