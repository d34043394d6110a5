/** The page with the forms to sign in, and whether a form came from it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sameText } from '../../tenantadmin/invite/token.ts'
import { fieldOf } from '../http/form-field.ts'
import { isSameOrigin } from '../http/origin.ts'
import { returnPath } from '../http/return-path.ts'
import { isCookie, newCookie, signInKey } from '../sessions/session-cookie.ts'
import { localProvider } from '../sign-in/local-sign-in.ts'
import type { Provider } from '../sign-in/providers.ts'
import type { SignInForm, SignInLink } from '../views/sign-in-pages.ts'
import { startPath } from './sign-in-context.ts'
import type { SignInContext, SignInRouteContext } from './sign-in-context.ts'

export interface Shown {
  readonly status: number
  readonly problem?: string
  /** The id of the provider whose form is shown. */
  readonly chosen?: string | undefined
  /** What the person has entered for the account. */
  readonly account?: string
  readonly returnTo: unknown
}

export const staleForm = 'The page was open for too long, or the form did not come from it. Please try again.'

/** With a new key, so that no form is good for two attempts. `keep`: the one that the browser has. */
export function showSignIn(
  { status, problem, chosen, account = '', returnTo }: Shown,
  reply: FastifyReply,
  context: SignInRouteContext,
  keep?: string,
): FastifyReply {
  const { ports, cookies, views, providers } = context
  const cookie = isCookie(keep) ? keep : newCookie(ports.random)
  const back = returnPath(returnTo) ?? ''
  const forms = formsOf(context)
  const form = forms.find(({ id }) => id === chosen) ?? forms[0]
  const page = views.render('sign-in', {
    problem,
    key: signInKey(cookie),
    returnTo: back,
    form: form && { ...form.form, value: account.slice(0, 320) },
    choice: forms.length > 1 || providers.some(({ kind }) => kind === 'oidc'),
    links: providers.filter(({ kind }) => kind === 'oidc').map((provider) => linkOf(provider, back)),
    others: forms
      .filter((each) => each !== form)
      .map(({ id, form: { title } }) => ({ name: title, href: signInPath({ with: id, return: back }) })),
  })
  void reply.setCookie(cookies.form, cookie, cookies.options)
  return reply.code(status).type('text/html').send(page)
}

/** Whether the form is of a page that this browser was sent: not of another site, nor with the key of another browser. */
export function isOwnSignIn(request: FastifyRequest, { cookies, settings }: SignInRouteContext): boolean {
  const cookie = request.cookies[cookies.form]
  return (
    isSameOrigin(request.headers, settings.publicUrl) &&
    isCookie(cookie) &&
    sameText(fieldOf(request.body, 'key'), signInKey(cookie))
  )
}

export function returnOf(value: unknown): string {
  const path = returnPath(value)
  return path === undefined || /^\/sign-(?:in|out)\b/.test(path) ? startPath : path
}

/** The page with the form of one provider. */
export function signInPath(query: { readonly with: string; readonly return: string }): string {
  return pathWith('/sign-in', query)
}

function linkOf({ id, name }: Provider, back: string): SignInLink {
  return { name, href: pathWith(`/sign-in/${id}`, { return: back }) }
}

function pathWith(path: string, query: Readonly<Record<string, string>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== '')
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`
}

/** The directories' forms first: Tenantry's own passwords are for those who are in none. */
function formsOf({
  providers,
  settings,
}: SignInContext): readonly { readonly id: string; readonly form: SignInForm }[] {
  const ldap = providers
    .filter((provider) => provider.kind === 'ldap')
    .map(({ id, name, usernamePrompt = 'Username' }) => ({
      id,
      form: {
        action: `/sign-in/${id}`,
        title: `Sign in with ${name}`,
        local: false,
        field: 'username',
        label: usernamePrompt,
        value: '',
      },
    }))
  const title = settings.localSignIn ? 'Sign in with a password of this site' : 'Sign in as the root admin'
  const local: SignInForm = {
    action: '/sign-in',
    title,
    local: settings.localSignIn,
    field: 'account',
    label: settings.localSignIn ? 'E-mail address' : 'Username',
    value: '',
  }
  const hasLocal = settings.localSignIn || settings.root?.signIn.kind === 'Local'
  return hasLocal ? [...ldap, { id: localProvider, form: local }] : ldap
}
