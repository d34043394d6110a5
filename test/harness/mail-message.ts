import PostalMime from 'postal-mime'
import type { Email } from 'postal-mime'

/** What a relay knows of a mail: its envelope (RFC 5321), its bytes, and how it came. */
export interface Delivery {
  readonly from: string
  readonly to: readonly string[]
  /** The whole message as it came, RFC 5322. */
  readonly raw: string
  /** The account that the client authenticated as. */
  readonly user: string | undefined
  readonly tls: boolean
  /** What the client called itself in EHLO. */
  readonly helo?: string
  /** False: the relay has it, and its client never got the 250. */
  readonly acknowledged: boolean
}

/** A mail that the relay took over. */
export interface CaughtMail extends Delivery {
  /** As postal-mime reads it. */
  readonly message: Email
  readonly subject: string
  readonly text: string
  readonly html: string
  /** With its angle brackets. */
  readonly messageId: string
  /** All http and https URLs of the text part, in their order. */
  readonly links: readonly string[]
}

export async function parseMail(delivery: Delivery): Promise<CaughtMail> {
  const message = await PostalMime.parse(delivery.raw)
  const text = message.text ?? ''
  return {
    ...delivery,
    message,
    subject: message.subject ?? '',
    text,
    html: message.html ?? '',
    messageId: message.messageId ?? '',
    links: text.match(/https?:\/\/[^\s<>"]+/g) ?? [],
  }
}
