/** What an installation decides about its invites. Built once from the configuration, by the composition root. */
import type { MailPaceSettings } from '../../mail/mail-pace.ts'
import type { BackoffOptions } from '../../runtime/base/backoff.ts'

export interface TenantAdminSettings {
  /** Where acceptances and signing keys are kept. */
  readonly operatorNamespace: string
  readonly installation: string
  /** Where people reach the accept page, without a slash at the end. */
  readonly publicUrl: string
  /** Milliseconds from issuing to expiry. */
  readonly inviteLifetime: number
  /** Milliseconds between two invites to one admin that people ask for, so that nobody's mailbox is flooded. */
  readonly resendInterval: number
  /** How mails to one address, and in a tenant's name, follow each other. */
  readonly mailPace: MailPaceSettings
  /** In front of the e-mail in lower case, where a TenantAdmin names no Kubernetes user. */
  readonly userPrefix: string
  /** Who mails come from, in words; also who invites where there is no MSP above the tenant. */
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
