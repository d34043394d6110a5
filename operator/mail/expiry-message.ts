/** The warning that a tenant's account ends, as a message: templates and facts in, text out. It has no link. Pure. */
import { oneLine } from './one-line.ts'
import { longDate, longTime, recipientName, rendered } from './message.ts'
import type { MailTemplates } from './message.ts'
import type { Message } from './port.ts'

/** The variables that the templates of a warning know; docs and the check of custom templates come from this list. */
export const expiryVariables = {
  recipientName: "The admin's first and last name, or the username where no name is given.",
  username: 'The username of the admin in the tenant.',
  tenantName: 'The display name of the tenant.',
  providerName: 'Who can extend it: the display name of the MSP, or the name of the installation.',
  productName: 'The name of the installation, as the sender of mails.',
  expiresOn: 'The day on which the account ends, in UTC: 29 November 2026.',
  expiresAt: 'The same with the time: 29 November 2026, 14:05 UTC.',
  email: 'The address that the mail goes to.',
} as const

export type ExpiryVariables = Readonly<Record<keyof typeof expiryVariables, string>>

export type ExpiryTemplates = MailTemplates<ExpiryVariables>

/** The facts in a warning. Times are milliseconds since the epoch. */
export interface ExpiryFacts {
  readonly tenantUid: string
  readonly email: string
  readonly firstName: string | undefined
  readonly lastName: string | undefined
  readonly username: string
  readonly tenantName: string
  readonly providerName: string
  readonly productName: string
  readonly expiresAt: number
  /** As {@link expiryMessageId} gives it. */
  readonly messageId: string
}

export function expiryMessage(facts: ExpiryFacts, templates: ExpiryTemplates): Message {
  return { ...rendered(variablesOf(facts), templates), messageId: facts.messageId, tenant: facts.tenantUid }
}

/** The same for every attempt of one warning to one admin. `uid`: of the TenantAdmin. */
export function expiryMessageId(uid: string, expiresAt: number, daysBefore: number, mailDomain: string): string {
  return `<expiry.${uid}.${Math.floor(expiresAt / 1000)}.${daysBefore}@${mailDomain}>`
}

function variablesOf(facts: ExpiryFacts): ExpiryVariables {
  return {
    recipientName: recipientName(facts),
    username: facts.username,
    tenantName: oneLine(facts.tenantName),
    providerName: oneLine(facts.providerName),
    productName: oneLine(facts.productName),
    expiresOn: longDate(facts.expiresAt),
    expiresAt: longTime(facts.expiresAt),
    email: facts.email,
  }
}
