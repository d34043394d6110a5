/** Everything that is known about one TenantAdmin at one moment, gathered before anything is decided. Frozen data. */
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { Pause, Trouble } from '../mail/breaker.ts'
import type { Wait } from '../mail/mail-pace.ts'
import type { Going } from '../runtime/objects/deletion-cause.ts'
import type { FirstPassword } from './invite/password-rule.ts'
import type { Acceptance } from '../domain/acceptance.ts'

/** The tenant that the admin belongs to. */
export type Home =
  /** `wanted` says in words which tenant was looked for. */
  | { readonly kind: 'Missing'; readonly wanted: string }
  | {
      readonly kind: 'Found'
      readonly tenant: Tenant
      /** The uids that the tenant goes and went by: its own, and those of the tenants that it has taken over. */
      readonly uids: readonly string[]
      /** The MSP tenant in whose namespace the tenant lies. */
      readonly parent: Tenant | undefined
      /** Names of the roles that the tenant's plan offers; undefined while its plan is not known. */
      readonly offeredRoles: readonly string[] | undefined
      /** How many admins the tenant's plan allows. */
      readonly maxAdmins: number
    }

/** The Secret that spec.passwordSecretRef names. */
export type PasswordSecret = 'NotAsked' | 'Missing' | FirstPassword['kind']

/** What a deletion has to know from the live cluster and not from a cache. */
export interface LiveCheck {
  /** The definition of our kind or the namespace is going: the deletion was not meant for what people accepted. */
  readonly going: Going | undefined
  readonly acceptances: readonly Acceptance[]
}

/** The invites of a day, of all that go out in the name of one tenant. */
export interface Invites {
  readonly sender: Tenant
  /** How many were issued today. */
  readonly today: number
  readonly perDay: number
}

export interface Seen {
  readonly admin: TenantAdmin
  readonly home: Home
  /** The other admins of the same tenant. */
  readonly others: readonly TenantAdmin[]
  /** Of this admin (by uid), of whatever sequence. */
  readonly acceptances: readonly Acceptance[]
  /** Of persons of the tenants that this one has taken over, whose TenantAdmins are gone. */
  readonly inherited: readonly Acceptance[]
  /** Ids only; undefined: there is no key to sign with yet. `invite`: whether the key of the present invite still verifies. */
  readonly keys: { readonly current: string | undefined; readonly invite: boolean }
  readonly password: PasswordSecret
  /** The breaker's word; undefined while mail is sent. */
  readonly relay: Pause | undefined
  /** What the breaker knows of the relay, also while a probe may go: a try must not make a condition flicker. */
  readonly trouble: Trouble | undefined
  /** For the pause until the next attempt; see Pauses. */
  readonly jitter: number
  /** Only while the admin is being deleted. */
  readonly live: LiveCheck | undefined
  /** How many of the other admins have a place before this one; none where it has one of its own. */
  readonly ahead: number
  /** Undefined: no invite is called for, or nobody is known in whose name. */
  readonly invites: Invites | undefined
  /** Why a mail to this address has to wait; undefined: it may go. */
  readonly wait: Wait | undefined
}

/** What can be gathered in a while; the rest is counted, and `ahead` once more, at the moment of the decision. */
export type Gathered = Omit<Seen, 'invites' | 'wait'>
