/** A message in Internet Message Format (RFC 5322, RFC 2045 to 2047), with a fixed set of headers. */
import MailComposer from 'nodemailer/lib/mail-composer'
import { displayName, headerText } from './header-text.ts'
import type { Message } from './port.ts'

/** A character that consists of several code points is not cut. */
export const headerSet = [
  'From',
  'To',
  'Subject',
  'Message-ID',
  'Date',
  'Auto-Submitted',
  'MIME-Version',
  'Content-Type',
] as const

export interface Sender {
  readonly address: string
  readonly name: string
}

/** The message as it goes after DATA. `date` in milliseconds since the epoch. */
export function compose(message: Message, from: Sender, date: number): Promise<Buffer> {
  const composer = new MailComposer({
    from: { name: displayName(from.name), address: from.address },
    to: { name: displayName(message.toName), address: message.to },
    subject: headerText(message.subject),
    messageId: message.messageId,
    date: new Date(date),
    text: message.text,
    html: message.html,
    // RFC 3834: keeps vacation responders quiet.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}
