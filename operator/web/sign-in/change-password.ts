/** Changes the password of a person who is signed in with one: of the root admin, or of the TenantAdmins behind the session. */
import { passwordName } from '../../api/names.ts'
import { secrets } from '../../kube/resources.ts'
import type { Secret } from '../../kube/resources.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { hashPassword } from '../../tenantadmin/invite/password.ts'
import { sameText } from '../../tenantadmin/invite/token.ts'
import type { Person } from '../identity/identity.ts'
import { membershipsOf } from '../identity/memberships.ts'
import type { Membership } from '../identity/memberships.ts'
import { newPasswordProblem, repetitionProblem } from '../identity/new-password.ts'
import type { Session } from '../sessions/session-record.ts'
import { localProvider } from './local-sign-in.ts'
import type { SignInPorts } from './ports.ts'
import { rootSecret } from './root-secret.ts'
import type { SignInSettings } from './settings.ts'
import { passwordSecret } from './stored-password.ts'
import { verifyCandidates } from './verify-candidates.ts'
import type { Verified } from './verify-candidates.ts'

export interface PasswordForm {
  readonly current: string
  readonly password: string
  readonly passwordAgain: string
}

export type PasswordErrors = Readonly<Partial<Record<keyof PasswordForm, string>>>

export type ChangeOutcome =
  /** `cookie`: of the session that takes the place of all others. */
  | { readonly kind: 'Changed'; readonly cookie: string }
  | { readonly kind: 'Wrong'; readonly errors: PasswordErrors }
  | { readonly kind: 'Paused'; readonly seconds: number }

export function canChangePassword({ provider }: Pick<Person, 'provider'>): boolean {
  return provider === localProvider
}

/** `cookie`: of this session. The session is a local one. @throws HashingBusy */
export async function changePassword(
  session: Session,
  form: PasswordForm,
  request: { readonly client: string; readonly cookie: string },
  ports: SignInPorts,
  settings: SignInSettings,
): Promise<ChangeOutcome> {
  const { person } = session
  const memberships = person.root ? [] : membershipsOf(person, ports.caches)
  const errors = formErrors(form, obviousFor(person, memberships, settings))
  if (Object.keys(errors).length > 0) return { kind: 'Wrong', errors }
  const key = `change ${person.user} ${person.admins?.join() ?? ''}`
  const seconds = ports.throttle.attempt(key, request.client, ports.clock.monotonic())
  if (seconds > 0) return { kind: 'Paused', seconds }
  // Before the current password is checked: of two changes at once, the later finds another version.
  const former = await readChanged(memberships, ports, settings)
  const candidates = { root: person.root, memberships }
  const verified = await verifyCandidates(candidates, form.current, settings.webNamespace, ports)
  if (verified.root === undefined && verified.memberships.length === 0)
    return { kind: 'Wrong', errors: { current: 'This is not your current password.' } }
  ports.throttle.succeeded(key, request.client)
  const changedAt = timestamp(ports.clock.now())
  const hash = await ports.hashing.run(() => hashPassword(form.password, ports.random))
  await keep(verified, former, { hash, changedAt, mustChange: false }, ports, settings)
  return { kind: 'Changed', cookie: await replaceSessions(session, verified, request, ports) }
}

function formErrors({ current, password, passwordAgain }: PasswordForm, obvious: readonly string[]): PasswordErrors {
  if (current === '') return { current: 'Enter your current password.' }
  if (password !== '' && sameText(current, password))
    return { password: 'This is your current password. Choose another one.' }
  const problem = newPasswordProblem(password, obvious)
  if (problem !== undefined) return { password: problem }
  const again = repetitionProblem({ password, passwordAgain })
  return again === undefined ? {} : { passwordAgain: again }
}

function obviousFor(
  { email = '', name = '' }: Person,
  memberships: readonly Membership[],
  { productName, root }: SignInSettings,
): readonly string[] {
  const words = memberships.flatMap(({ admin: { spec }, tenant }) => [
    spec.username,
    spec.firstName ?? '',
    spec.lastName ?? '',
    tenant.spec.displayName,
  ])
  return [email, ...email.split('@'), name, productName, root?.username ?? '', ...words]
}

interface NewPassword {
  readonly hash: string
  readonly changedAt: string
  readonly mustChange: boolean
}

type ChangedSecrets = ReadonlyMap<string, Secret | undefined>

/** By the uid of the TenantAdmin. */
async function readChanged(
  memberships: readonly Membership[],
  { kube }: SignInPorts,
  { webNamespace: namespace }: SignInSettings,
): Promise<ChangedSecrets> {
  const read = async ({ admin: { metadata } }: Membership) => {
    const { uid = '' } = metadata
    return [uid, await kube.get(secrets, { namespace, name: passwordName(uid) })] as const
  }
  return new Map(await Promise.all(memberships.map(read)))
}

/** @throws KubeError where the password was changed elsewhere meanwhile. */
async function keep(
  { root, memberships }: Verified,
  former: ChangedSecrets,
  password: NewPassword,
  { kube }: SignInPorts,
  settings: SignInSettings,
): Promise<void> {
  if (root !== undefined) {
    const changed = rootSecret({ ...password, initial: undefined }, password.changedAt, root, settings)
    await kube.replace(secrets, changed)
  }
  for (const { admin } of memberships) {
    const before = former.get(admin.metadata.uid ?? '')
    const secret = passwordSecret(admin, password, before, settings)
    if (before !== undefined) await kube.replace(secrets, secret)
    else await kube.create(secrets, secret)
  }
}

/** All other sessions that the former password opened end. */
async function replaceSessions(
  session: Session,
  { root, memberships }: Verified,
  { client, cookie }: { readonly client: string; readonly cookie: string },
  { store, audit, clock }: SignInPorts,
): Promise<string> {
  const admins = root === undefined ? memberships.map(({ admin }) => admin.metadata.uid ?? '') : undefined
  const person = { ...session.person, admins }
  const next = await store.open({ person, credential: root?.metadata.uid }, cookie)
  const { provider, subject, user } = person
  const isNew = await store.find(next)
  if (root !== undefined) await store.closeAll({ provider, subject }, isNew?.name)
  for (const adminUid of admins ?? []) await store.closeAll({ adminUid }, isNew?.name)
  const at = timestamp(clock.now())
  audit({ type: 'PasswordChanged', at, provider, client, user, root: person.root, admins })
  return next
}
