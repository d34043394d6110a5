/** The invite as a message: templates and facts in, text out. Pure; `templates.ts` reads the templates. */
import { headerText } from './header-text.ts'
import { oneLine } from './one-line.ts'
import type { Message } from './port.ts'

/** The variables that the templates of an invite know; docs and the check of custom templates come from this list. */
export const inviteVariables = {
  recipientName: 'First and last name of the invited person, or the username where no name is given.',
  username: 'The username that the person will have in the tenant.',
  tenantName: 'The display name of the tenant.',
  inviterName: 'Who invites: the display name of the MSP, or the name of the installation.',
  productName: 'The name of the installation, as the sender of mails.',
  role: 'The future role of the person, in words: an administrator, a restricted administrator, a technician.',
  acceptUrl: 'The link that accepts the invite. It contains the secret; it belongs in the body and nowhere else.',
  expiresOn: 'The day until which the link works, in UTC: 29 November 2026.',
  expiresAt: 'The same with the time: 29 November 2026, 14:05 UTC.',
  email: 'The address that the mail goes to.',
} as const

export type InviteVariables = Readonly<Record<keyof typeof inviteVariables, string>>

/** A compiled template; the HTML one escapes its variables. */
export type Template<V> = (variables: V) => string

/** The templates of one kind of mail. */
export interface MailTemplates<V> {
  readonly subject: Template<V>
  readonly html: Template<V>
  readonly text: Template<V>
}

export type InviteTemplates = MailTemplates<InviteVariables>

/** The facts in an invite. Times are milliseconds since the epoch. */
export interface InviteFacts {
  readonly uid: string
  readonly tenantUid: string
  readonly sequence: number
  readonly email: string
  readonly firstName: string | undefined
  readonly lastName: string | undefined
  readonly username: string
  readonly role: 'Admin' | 'SubAdmin' | 'Technician'
  readonly tenantName: string
  readonly inviterName: string
  readonly productName: string
  readonly expiresAt: number
  readonly acceptUrl: string
  /** The part after the @ of the sender's address. */
  readonly mailDomain: string
}

const roleWords = {
  Admin: 'an administrator',
  SubAdmin: 'an administrator with restricted rights',
  Technician: 'a technician',
} as const

export function inviteMessage(facts: InviteFacts, templates: InviteTemplates): Message {
  const messageId = inviteMessageId(facts.uid, facts.sequence, facts.mailDomain)
  return { ...rendered(variablesOf(facts), templates), messageId, tenant: facts.tenantUid }
}

/** The content of a message to the person in the variables. */
export function rendered<V extends { readonly email: string; readonly recipientName: string }>(
  variables: V,
  templates: MailTemplates<V>,
): Omit<Message, 'messageId' | 'tenant'> {
  return {
    to: variables.email,
    toName: variables.recipientName,
    subject: headerText(templates.subject(variables)),
    text: templates.text(variables),
    html: templates.html(variables),
  }
}

/** First and last name, or the username where no name is given. */
export function recipientName({
  firstName,
  lastName,
  username,
}: Pick<InviteFacts, 'firstName' | 'lastName' | 'username'>): string {
  const name = oneLine([firstName, lastName].filter((part) => part !== undefined).join(' '))
  return name === '' ? username : name
}

/** The same for every attempt of one sequence, so that mail programs and relays recognise a repeated mail. */
export function inviteMessageId(uid: string, sequence: number, mailDomain: string): string {
  return `<invite.${uid}.${sequence}@${mailDomain}>`
}

export function variablesOf(facts: InviteFacts): InviteVariables {
  return {
    recipientName: recipientName(facts),
    username: facts.username,
    tenantName: oneLine(facts.tenantName),
    inviterName: oneLine(facts.inviterName),
    productName: oneLine(facts.productName),
    role: roleWords[facts.role],
    acceptUrl: facts.acceptUrl,
    expiresOn: longDate(facts.expiresAt),
    expiresAt: longTime(facts.expiresAt),
    email: facts.email,
  }
}

const months = 'January February March April May June July August September October November December'.split(' ')

/** `29 November 2026`, in UTC and in English on every machine. */
export function longDate(milliseconds: number): string {
  const date = new Date(milliseconds)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''} ${date.getUTCFullYear()}`
}

/** `29 November 2026, 14:05 UTC`. */
export function longTime(milliseconds: number): string {
  return `${longDate(milliseconds)}, ${new Date(milliseconds).toISOString().slice(11, 16)} UTC`
}
