/** The settings of invites, built once from the configuration. */
import type { MailPaceSettings } from '../../mail/mail-pace.ts'
import type { BackoffOptions } from '../../runtime/base/backoff.ts'

export interface TenantAdminSettings {
  /** The namespace of the Secrets of the pages: acceptances, signing keys and hashes of passwords. */
  readonly webNamespace: string
  readonly installation: string
  /** The base URL of the accept page, without a slash at the end. */
  readonly publicUrl: string
  /** Milliseconds from issuing to expiry. */
  readonly inviteLifetime: number
  /** Milliseconds between two requested invites to one admin, so that no mailbox is flooded. */
  readonly resendInterval: number
  /** The pace of mails to one address, and in one tenant's name. */
  readonly mailPace: MailPaceSettings
  /** The prefix of the e-mail in lower case, where a TenantAdmin names no Kubernetes user. */
  readonly userPrefix: string
  /** The sender of mails, in words; also the inviter where there is no MSP above the tenant. */
  readonly productName: string
  /** The part after the @ of the sender's address, for Message-IDs. */
  readonly mailDomain: string
  /** Between attempts to send one invite. */
  readonly retry: BackoffOptions
  /** After a refusal that does not pass in minutes: of the address, of a full mailbox, of a quota. */
  readonly slowRetry: BackoffOptions
}

export const defaultRetry: BackoffOptions = { base: 10_000, cap: 900_000 }

export const defaultSlowRetry: BackoffOptions = { base: 3_600_000, cap: 86_400_000 }

export const defaultResendInterval = 60_000

export const defaultInviteLifetime = 7 * 86_400_000
