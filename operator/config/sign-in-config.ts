/**
 * The settings of sign-in, which the chart writes into a file as JSON: the root admin, the times of a session, the LDAP and
 * OIDC providers. Each problem is a sentence that begins with the key as it is in the chart's values. Pure.
 */
import { z } from 'zod'
import type { RootSettings } from '../web/identity/root.ts'
import { ldapProvider } from '../web/ldap/settings.ts'
import type { LdapSettings } from '../web/ldap/settings.ts'
import { oidcProvider } from '../web/oidc/settings.ts'
import type { OidcSettings } from '../web/oidc/settings.ts'
import { duration } from './config-fields.ts'
import { mailbox } from './environment.ts'

export interface SignInConfig {
  /** Undefined: no root admin. */
  readonly root: RootSettings | undefined
  /** Milliseconds. */
  readonly session: { readonly idle: number; readonly lifetime: number }
  readonly providers: readonly (LdapSettings | OidcSettings)[]
}

export const noSignIn: SignInConfig = {
  root: undefined,
  session: { idle: 30 * 60_000, lifetime: 12 * 3_600_000 },
  providers: [],
}

const id = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

const root = z.strictObject({
  username: z.string('is missing').min(1, 'is empty').max(64, 'is longer than 64 characters'),
  email: z.union([z.literal(''), z.string().regex(mailbox)], 'is not a mail address').default(''),
  user: z
    .string('is missing')
    .min(1, 'is empty')
    .max(253, 'is longer than 253 characters')
    .refine((user) => !user.startsWith('system:'), 'begins with system:, and such users belong to Kubernetes'),
  provider: z.string().regex(id, 'is not the id of a provider, and not local').default('local'),
  subject: z.string().max(512, 'is longer than 512 characters').default(''),
})

const file = z.strictObject({
  root: root.optional(),
  session: z.strictObject({ idle: duration, lifetime: duration }),
  providers: z.array(z.looseObject({ type: z.enum(['ldap', 'oidc'], 'is neither ldap nor oidc') })).default([]),
})

/** `content`: of the file. Adds a sentence to `problems` for all that is wrong. */
export function signInConfig(content: string, problems: string[]): SignInConfig {
  const parsed = file.safeParse(jsonIn(content))
  if (!parsed.success) {
    problems.push(...sentences('signIn', parsed.error))
    return noSignIn
  }
  const { session, providers: declared, root: given } = parsed.data
  const providers = declared.flatMap((each, index) => providerOf(each, `signIn.providers[${index}]`, problems))
  const names = providers.map(({ id: name }) => name)
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  problems.push(...twice.map((name) => `signIn.providers has the id ${name} twice.`))
  if (given !== undefined && given.provider !== 'local' && !declared.some((each) => each['id'] === given.provider))
    problems.push(`signIn.root.provider is ${given.provider}, which no provider in signIn.providers has as its id.`)
  if (session.idle === 0) problems.push('signIn.session.idle is zero, so each session would end at once.')
  if (session.idle > session.lifetime) problems.push('signIn.session.idle is longer than signIn.session.lifetime.')
  return { root: given && rootSettings(given), session, providers }
}

function rootSettings({ username, email, user, provider, subject }: z.output<typeof root>): RootSettings {
  const account = subject === '' ? { username } : { subject }
  return {
    username,
    email: email === '' ? undefined : email,
    user,
    signIn: provider === 'local' ? { kind: 'Local' } : { kind: 'Provider', provider, account },
  }
}

function providerOf(
  given: { readonly type: 'ldap' | 'oidc' },
  at: string,
  problems: string[],
): readonly (LdapSettings | OidcSettings)[] {
  const parsed = given.type === 'ldap' ? ldapProvider.safeParse(given) : oidcProvider.safeParse(given)
  if (parsed.success) return [parsed.data]
  problems.push(...sentences(at, parsed.error))
  return []
}

function sentences(at: string, { issues }: z.ZodError): readonly string[] {
  return issues.map(({ path, message }) => `${[at, ...path.map(String)].join('.')} ${message}.`)
}

function jsonIn(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
