/**
 * The meaning of a 5yz after MAIL FROM: whether it concerns the address, or this installation. By the enhanced status
 * code (RFC 3463, RFC 5248) where the reply has one, since a relay refuses both at RCPT; else by the reply code. Pure.
 */
import type { MailErrorClass, MailErrorScope } from './port.ts'

export interface RelayRefusalMeaning {
  readonly class: MailErrorClass
  readonly scope: MailErrorScope
  readonly words: string
  /** See MailErrorFacts. */
  readonly slow?: boolean
}

export interface RelayRefusal {
  readonly command: string
  readonly reply: number
  /** `5.1.1`; undefined: the reply has none. */
  readonly status: string | undefined
}

interface Rule {
  readonly is: (refusal: RelayRefusal) => boolean
  readonly verdict: RelayRefusalMeaning
}

const address: RelayRefusalMeaning = {
  class: 'permanent',
  scope: 'message',
  words: 'The mail relay refused the address',
}
const sender: RelayRefusalMeaning = {
  class: 'configuration',
  scope: 'tenant',
  words: 'The mail relay refused the sender address',
}
const ours: RelayRefusalMeaning = {
  class: 'configuration',
  scope: 'tenant',
  words: 'The mail relay refuses the mail of this installation',
}

/** The detail of a status of any class: `5.2.2` and `4.2.2` are both `2.2`. */
const isDetail = (status: string | undefined, ...details: readonly string[]) =>
  status !== undefined && details.includes(status.slice(2))

/** X.0.0 says nothing (Sendmail sends it for any failure): then the reply code counts. */
const saysMore = (status: string | undefined) => status !== undefined && !isDetail(status, '0.0')

/** Replies about a mailbox where no status says more; 554 and 551 refuse to relay, 50z are protocol errors. */
const mailboxReplies: ReadonlySet<number> = new Set([501, 550, 553, 556])

/** The first rule that holds; the last always holds. */
const rules: readonly Rule[] = [
  // X.1.7 and X.1.8 are the sender's address; many relays judge it at RCPT.
  { is: ({ status }) => isDetail(status, '1.7', '1.8'), verdict: sender },
  { is: ({ status }) => status?.startsWith('5.1.') === true, verdict: address },
  { is: ({ status }) => isDetail(status, '2.0', '2.1'), verdict: address },
  // Exchange Online refuses an address that is in no directory with 5.4.1.
  { is: ({ command, status }) => command === 'RCPT TO' && isDetail(status, '4.1'), verdict: address },
  { is: ({ status }) => saysMore(status), verdict: ours },
  { is: ({ command, reply }) => command === 'RCPT TO' && mailboxReplies.has(reply), verdict: address },
  { is: () => true, verdict: ours },
]

/** The meaning of a 5yz at RCPT or DATA. */
export function judgeRelayRefusal(refusal: RelayRefusal): RelayRefusalMeaning {
  return rules.find(({ is }) => is(refusal))?.verdict ?? ours
}

/**
 * Failures that pass, but not in minutes, at any command and whether called permanent or not: a full mailbox, and the
 * relay's daily limit for this installation.
 */
export function slowVerdict({ command, reply, status }: RelayRefusal): RelayRefusalMeaning | undefined {
  if (isDetail(status, '4.5'))
    return {
      class: 'transient',
      scope: 'tenant',
      words: 'The mail relay takes no more mail of this installation for now',
      slow: true,
    }
  const isFull = isDetail(status, '2.2') || (!saysMore(status) && reply === 552 && command === 'RCPT TO')
  if (isFull)
    return { class: 'transient', scope: 'message', words: 'The mailbox takes no more mail for now', slow: true }
  return undefined
}

/** The enhanced status code of a reply: behind its code, or at its end as qmail writes it. */
export function statusOf(response: string | undefined): string | undefined {
  const found =
    /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '') ??
    /\(#([245]\.\d{1,3}\.\d{1,3})\)/.exec(response ?? '')
  return found?.[1]
}
