/**
 * The settings of one OIDC provider. Secrets are not among them: they are named as files. Each message completes the sentence
 * that begins with the path of its key. Pure.
 */
import { z } from 'zod'
import { flag, issueOf, providerId, record, text } from '../identity/provider-fields.ts'

const issuerURL = text.superRefine((value, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message })
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol)) return refuse('is not an https URL')
  if (url.username !== '' || url.password !== '') refuse('has a user or a password')
  if (/[?#]/.test(value)) refuse('has a query or a fragment')
  if (value.includes('/.well-known/'))
    refuse('is the URL of the discovery document; give the issuer, without /.well-known/…')
})

/** A scope of RFC 6749, appendix A.4. */
const scope = text.regex(/^[!#-[\]-~]+$/, 'is not one scope, such as email')

const scopes = z
  .array(scope, { error: issueOf('a list') })
  .max(50, 'has more than 50 entries')
  .refine((values) => values.includes('openid'), 'does not have openid')
  .default(['openid', 'profile', 'email', 'groups'])

const claims = record({
  username: text.default('preferred_username'),
  email: text.default('email'),
  name: text.default('name'),
  groups: text.default('groups'),
})

const secret = z.never({ error: 'is a secret; put it into a file and name the file in clientSecretFile' })

const keys = record({
  type: z.literal('oidc', { error: 'is not oidc' }),
  id: providerId.refine((id) => id !== 'local', "is local, which is the id of Tenantry's own passwords"),
  name: text.max(64, 'is longer than 64 characters'),
  issuerURL,
  insecureAllowHTTP: flag(false),
  clientID: text,
  clientSecret: secret.optional(),
  clientSecretFile: text.optional(),
  rootCA: text.optional(),
  scopes,
  claims: claims.default({ username: 'preferred_username', email: 'email', name: 'name', groups: 'groups' }),
  requireVerifiedEmail: flag(true),
  endSession: flag(true),
})

type Keys = z.output<typeof keys>

/** One provider; a member of the list `signIn.providers`. */
export const oidcProvider = keys
  .superRefine(({ issuerURL: url, insecureAllowHTTP }, context) => {
    const message = plainHttpProblem(url, insecureAllowHTTP)
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['issuerURL'], message })
  })
  .transform(settingsOf)

export interface OidcSettings {
  readonly type: 'oidc'
  readonly id: string
  /** The label of the button. */
  readonly name: string
  readonly issuerURL: string
  /** Plain http is accepted, on the loopback only: for tests. */
  readonly insecureAllowHTTP: boolean
  readonly clientID: string
  /** Read for each sign-in, so that a changed secret counts at once. Undefined: a public client. */
  readonly clientSecretFile: string | undefined
  /** A PEM file with the authorities that are trusted for this provider; undefined: those of the system. */
  readonly rootCA: string | undefined
  readonly scopes: readonly string[]
  /** The names of the claims. */
  readonly claims: ClaimNames
  /** True: a person whose address the provider does not vouch for is refused. */
  readonly requireVerifiedEmail: boolean
  /** Whether a sign-out ends the session at the provider too. */
  readonly endSession: boolean
}

export interface ClaimNames {
  readonly username: string
  readonly email: string
  readonly name: string
  readonly groups: string
}

/** The settings, or what is wrong with them, one sentence each that begins with the key. `at`: such as `signIn.providers[0]`. */
export function readOidcSettings(value: unknown, at: string): OidcSettings | readonly string[] {
  const parsed = oidcProvider.safeParse(value)
  if (parsed.success) return parsed.data
  return parsed.error.issues.map(({ path, message }) => `${[at, ...path.map(String)].join('.')} ${message}.`)
}

/** `clientSecret` is known for its message only. */
function settingsOf(given: Keys): OidcSettings {
  return {
    type: given.type,
    id: given.id,
    name: given.name,
    issuerURL: given.issuerURL,
    insecureAllowHTTP: given.insecureAllowHTTP,
    clientID: given.clientID,
    clientSecretFile: given.clientSecretFile,
    rootCA: given.rootCA,
    scopes: given.scopes,
    claims: given.claims,
    requireVerifiedEmail: given.requireVerifiedEmail,
    endSession: given.endSession,
  }
}

function plainHttpProblem(url: string, allowed: boolean): string | undefined {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'http:') return undefined
  if (!isLoopback(parsed.hostname)) return 'is not an https URL; plain http is accepted on the loopback only'
  return allowed ? undefined : 'is not an https URL; insecureAllowHTTP accepts plain http on the loopback'
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
