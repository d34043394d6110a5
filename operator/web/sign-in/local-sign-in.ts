/** Sign-in with a password of Tenantry's. Every refusal is alike: the work, the time and the words. */
import { timestamp } from '../../runtime/base/clock.ts'
import type { Person } from '../identity/identity.ts'
import { userOfAddress } from '../identity/identity.ts'
import { emailOf } from '../identity/memberships.ts'
import type { Membership } from '../identity/memberships.ts'
import { localRoot } from '../identity/root.ts'
import type { NewSession } from '../sessions/session-store.ts'
import { accountKey, candidatesOf } from './candidates.ts'
import type { SignInPorts } from './ports.ts'
import type { SignInSettings } from './settings.ts'
import { verifyCandidates } from './verify-candidates.ts'
import type { Verified } from './verify-candidates.ts'

export type SignInOutcome =
  | { readonly kind: 'Accepted'; readonly session: NewSession }
  | { readonly kind: 'Refused' }
  /** `seconds`: how long no attempt for this account is taken. */
  | { readonly kind: 'Paused'; readonly seconds: number }

export const localProvider = 'local'

/** @throws HashingBusy */
export async function signInLocally(
  { account, password }: { readonly account: string; readonly password: string },
  client: string,
  ports: SignInPorts,
  settings: SignInSettings,
): Promise<SignInOutcome> {
  const key = `${localProvider} ${accountKey(account)}`
  const candidates = candidatesOf(account, ports.caches, settings.root, settings.localSignIn)
  const isKnown = candidates.root || candidates.memberships.length > 0
  const refuse = (reason: 'WrongCredentials' | 'Paused') =>
    ports.audit({
      type: 'Refused',
      at: timestamp(ports.clock.now()),
      provider: localProvider,
      client,
      reason,
      account: isKnown ? accountKey(account) : undefined,
      detail: undefined,
    })
  const seconds = ports.throttle.attempt(key, client, ports.clock.monotonic())
  if (seconds > 0) {
    refuse('Paused')
    return { kind: 'Paused', seconds }
  }
  const verified = await verifyCandidates(candidates, password, settings.webNamespace, ports)
  const session = sessionFor(verified, settings)
  if (session === undefined) {
    refuse('WrongCredentials')
    return { kind: 'Refused' }
  }
  ports.throttle.succeeded(key, client)
  return { kind: 'Accepted', session }
}

function sessionFor({ root, memberships, mustChange }: Verified, settings: SignInSettings): NewSession | undefined {
  if (root !== undefined && settings.root !== undefined)
    return { person: localRoot(settings.root), mustChange, credential: root.metadata.uid }
  const person = localPerson(memberships, settings.userPrefix)
  return person && { person, mustChange }
}

/** All of them have one address. */
function localPerson(memberships: readonly Membership[], userPrefix: string): Person | undefined {
  const [first] = memberships
  if (first === undefined) return undefined
  const email = emailOf(first.admin)
  const user = userOfAddress(email, userPrefix)
  const { firstName, lastName, username } = first.admin.spec
  const name = [firstName, lastName].filter((part) => part !== undefined).join(' ')
  if (user === undefined) return undefined
  const admins = memberships.map(({ admin }) => admin.metadata.uid ?? '')
  return {
    provider: localProvider,
    subject: email,
    name: name || username,
    email,
    groups: [],
    user,
    admins,
    root: false,
  }
}
