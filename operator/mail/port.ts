/** Mail as the operator needs it: one message to one mailbox, and an answer that says whose turn it is. */

export interface Message {
  /** The envelope and header address: one ASCII mailbox (RFC 5321). */
  readonly to: string
  /** A display name for the To header; any text. */
  readonly toName: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** `<id@domain>`; the same for every attempt of one invite sequence. */
  readonly messageId: string
}

export interface Sent {
  /** The relay's own words after DATA, for the log. Never holds our content. */
  readonly response: string
}

/**
 * `transient`: the relay may take it later (4yz, connection, timeout). `permanent`: it never will for this recipient (5yz
 * after MAIL). `configuration`: nobody's mail goes until an administrator acts (authentication, TLS, unknown host, sender refused).
 */
export type MailErrorClass = 'transient' | 'permanent' | 'configuration'

/** Whom a failure concerns: everyone's mail through this relay, or this message alone. */
export type MailErrorScope = 'relay' | 'message'

export class MailError extends Error {
  override readonly name = 'MailError'
  readonly class: MailErrorClass
  /** SMTP reply code (RFC 5321, section 4.2) or undefined where none came. */
  readonly code: number | undefined
  readonly scope: MailErrorScope
  constructor(errorClass: MailErrorClass, message: string, code?: number, scope: MailErrorScope = 'message') {
    super(message)
    this.class = errorClass
    this.code = code
    this.scope = scope
  }
}

export interface Mailer {
  /** Resolves when the relay took the message over. Throws {@link MailError}. */
  readonly send: (message: Message, signal: AbortSignal) => Promise<Sent>
  readonly close: () => void
}
