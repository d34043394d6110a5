/** Everything that is known about one TenantAdmin at one moment, read before anything is decided. Frozen data. */
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { Pause, Trouble } from '../mail/breaker.ts'
import type { Wait } from '../mail/mail-pace.ts'
import type { DeletionCause } from '../runtime/objects/deletion-cause.ts'
import type { FirstPassword } from './invite/password-rule.ts'
import type { FirstPasswordHash } from '../domain/first-password.ts'
import type { Acceptance } from '../domain/acceptance.ts'
import type { AdminTenant } from '../domain/admin-tenant.ts'
import type { Invites } from './invite/invite-outlook.ts'

/** The Secret that spec.passwordSecretRef names. */
export type PasswordSecret = 'NotAsked' | 'Missing' | FirstPassword['kind']

/** What a deletion has to know from the live cluster and not from a cache. */
export interface LiveCheck {
  /** The CRD of TenantAdmins or the namespace is being deleted: that deletion was not meant for the acceptances. */
  readonly deletionCause: DeletionCause | undefined
  /** The Secrets of this person in the namespace of the pages. */
  readonly records: readonly PersonalRecord[]
}

export interface PersonalRecord {
  readonly name: string
  readonly uid: string
  readonly isAcceptance: boolean
}

export interface Snapshot {
  readonly admin: TenantAdmin
  readonly home: AdminTenant
  /** The other admins of the same tenant. */
  readonly others: readonly TenantAdmin[]
  /** The acceptances of this admin (by uid), of any sequence. */
  readonly acceptances: readonly Acceptance[]
  /** The acceptances of persons of earlier tenants that this one has taken over; their TenantAdmins no longer exist. */
  readonly inherited: readonly Acceptance[]
  /**
   * Ids only; undefined: there is no key to sign with yet. `invite`: whether the key of the present invite still
   * verifies.
   */
  readonly keys: { readonly current: string | undefined; readonly invite: boolean }
  readonly password: PasswordSecret
  /**
   * `source`: the state of the Secret with the first password, while it is usable and the invite is open. `kept`: the hash
   * that the accept page has.
   */
  readonly firstPassword: { readonly source: string | undefined; readonly kept: FirstPasswordHash | undefined }
  /** The circuit breaker's answer; undefined while mail is sent. */
  readonly relay: Pause | undefined
  /**
   * What the circuit breaker knows of the relay, also while a probe may go: a probe must not make a condition flicker.
   */
  readonly trouble: Trouble | undefined
  /** For the pause until the next attempt; see Pauses. */
  readonly jitter: number
  /** Only while the admin is being deleted. */
  readonly live: LiveCheck | undefined
  /** How many of the other admins come before this one within the limit; none where it counts already. */
  readonly ahead: number
  /** Undefined: no invite is due, or its sender is unknown. */
  readonly invites: Invites | undefined
  /** Why a mail to this address has to wait; undefined: it may go. */
  readonly wait: Wait | undefined
}

/** The part that takes time to read; the rest is counted, and `ahead` once more, at the moment of the decision. */
export type Gathered = Omit<Snapshot, 'invites' | 'wait'>
