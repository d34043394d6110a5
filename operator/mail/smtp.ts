/**
 * The mail port over SMTP (RFC 5321), by nodemailer's client. One connection per message: invites are few, most relays
 * close an idle connection, and so a deadline can end exactly the send that hangs.
 */
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Clock } from '../runtime/base/clock.ts'
import { classify } from './classify.ts'
import type { SmtpFailure } from './classify.ts'
import { compose } from './compose.ts'
import { MailError } from './port.ts'
import type { Mailer, Message, Sent } from './port.ts'
import { defaultTimeouts } from './smtp-settings.ts'
import type { SmtpSettings, SmtpTimeouts } from './smtp-settings.ts'
import { LostLeadership, presentCheck } from '../runtime/base/effect-check.ts'

export function createSmtpMailer(settings: SmtpSettings, clock: Clock): Mailer {
  const timeouts: SmtpTimeouts = { ...defaultTimeouts, ...settings.timeouts }
  const open = new Set<SMTPConnection>()
  return {
    send: async (message, signal) => {
      const content = await compose(message, settings.from, clock.now())
      const connection = new SMTPConnection(connectionOptions(settings, timeouts))
      open.add(connection)
      try {
        return await converse(connection, { settings, message, content, signal, clock, deadline: timeouts.deadline })
      } finally {
        open.delete(connection)
      }
    },
    close: () => {
      for (const connection of open) connection.close()
    },
  }
}

/** The mailer of an installation without a relay: each invite says what is missing, and none is lost. */
export function createUnconfiguredMailer(): Mailer {
  return {
    send: () =>
      Promise.reject(
        new MailError(
          'configuration',
          "No mail relay is configured: set smtp.host and smtp.from.address in the chart's values.",
          undefined,
          'relay',
        ),
      ),
    close: () => {},
  }
}

function connectionOptions(settings: SmtpSettings, timeouts: SmtpTimeouts) {
  return {
    host: settings.host,
    port: settings.port,
    ...(settings.name === undefined ? {} : { name: settings.name }),
    secure: settings.security === 'tls',
    requireTLS: settings.security === 'starttls',
    ignoreTLS: settings.security === 'none',
    connectionTimeout: timeouts.connection,
    dnsTimeout: timeouts.connection,
    greetingTimeout: timeouts.greeting,
    socketTimeout: timeouts.socket,
    socketCloseTimeout: 1000,
    maxResponseSize: 64 * 1024,
    tls: { minVersion: 'TLSv1.2' as const, ...(settings.ca === undefined ? {} : { ca: settings.ca }) },
  }
}

interface Conversation {
  readonly settings: SmtpSettings
  readonly message: Message
  readonly content: Buffer
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly deadline: number
}

/** Connects, authenticates, sends and quits. The first end settles it; the connection is closed in any case. */
function converse(connection: SMTPConnection, talk: Conversation): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      cancelDeadline()
      talk.signal.removeEventListener('abort', aborted)
      settle()
    }
    const fail = (error: Error) =>
      end(() => {
        connection.close()
        reject(error)
      })
    const failed = (error: SmtpFailure) =>
      fail(error instanceof MailError || error instanceof LostLeadership ? error : classify(error))
    const aborted = () => fail(new MailError('transient', 'The sending of the mail was stopped.'))
    const cancelDeadline = talk.clock.after(talk.deadline, () =>
      fail(new MailError('transient', 'The mail relay did not answer in time.', undefined, 'relay')),
    )
    if (talk.signal.aborted) return aborted()
    talk.signal.addEventListener('abort', aborted, { once: true })
    // Stays for the connection's whole life: an error after the answer must not become an uncaught one.
    connection.on('error', failed)
    steps(connection, talk).then((sent) => {
      connection.quit()
      end(() => resolve(sent))
    }, failed)
  })
}

async function steps(connection: SMTPConnection, { settings, message, content }: Conversation): Promise<Sent> {
  await step((done) => connection.connect(done))
  const { username, password } = settings
  if (username !== undefined && settings.security !== 'none') {
    const pass = (await password?.()) ?? ''
    await step((done) => connection.login({ user: username, pass }, done))
  }
  // Getting here may have taken long.
  presentCheck()?.()
  const envelope = { from: settings.from.address, to: message.to, size: content.byteLength }
  const info = await step<{ response: string } | undefined>((done) => connection.send(envelope, content, done))
  return { response: info?.response ?? '' }
}

function step<T>(run: (done: (error?: Error | null, result?: T) => void) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    run((error, result) => (error ? reject(error) : resolve(result)))
  })
}
