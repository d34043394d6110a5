/** Mail as the operator needs it: one message to one mailbox, and an answer that says who has to act. */

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
  /** The tenant whose words it contains: the uid of the Tenant. */
  readonly tenant: string
}

export interface Sent {
  /** The relay's own words after DATA, for the log. Never contains the mail's content. */
  readonly response: string
}

/**
 * `transient`: the relay may take it later (4yz, connection, timeout, a quota). `permanent`: it refused this address.
 * `configuration`: it refuses this installation, or cannot be used: an administrator of the installation or of the
 * relay has to act.
 */
export type MailErrorClass = 'transient' | 'permanent' | 'configuration'

/**
 * What a failure concerns: all mail through this relay; this message alone; or, as far as one mail shows, all mail: its
 * own words may be the cause, so that it says no more about the relay than the mail of one tenant can.
 */
export type MailErrorScope = 'relay' | 'tenant' | 'message'

export interface MailErrorFacts {
  /** The enhanced status code (RFC 3463) that the reply has. */
  readonly status?: string | undefined
  /** The next attempt is worth it after hours rather than minutes. */
  readonly slow?: boolean
  /** The relay's own words. */
  readonly response?: string | undefined
}

export class MailError extends Error {
  override readonly name = 'MailError'
  readonly class: MailErrorClass
  /** SMTP reply code (RFC 5321, section 4.2) or undefined where none came. */
  readonly code: number | undefined
  readonly scope: MailErrorScope
  readonly status: string | undefined
  readonly slow: boolean
  readonly response: string | undefined
  constructor(
    errorClass: MailErrorClass,
    message: string,
    code?: number,
    scope: MailErrorScope = 'message',
    { status, slow = false, response }: MailErrorFacts = {},
  ) {
    super(message)
    this.class = errorClass
    this.code = code
    this.scope = scope
    this.status = status
    this.slow = slow
    this.response = response
  }
}

export interface Mailer {
  /** Resolves when the relay has accepted the message. Throws {@link MailError}. */
  readonly send: (message: Message, signal: AbortSignal) => Promise<Sent>
  readonly close: () => void
}
