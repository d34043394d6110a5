import { once } from 'node:events'
import type { Socket } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import type { Account } from './postgres-access.ts'
import { createAuthority } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { MailFaults, misbehave } from './mail-fault.ts'
import type { Answer, MailFault } from './mail-fault.ts'
import { parseMail } from './mail-message.ts'
import type { CaughtMail, Delivery } from './mail-message.ts'
import { freePort } from './port.ts'
import { eventually } from './wait.ts'

export interface MailOptions {
  /** `starttls` by default: offered, not demanded. `implicit`: TLS from the first byte. */
  readonly tls?: 'starttls' | 'implicit' | 'none'
  /** Demand this account (AUTH PLAIN or LOGIN). Over `starttls` it is asked for after STARTTLS only. */
  readonly account?: Account
  /** Refuse clients without a host name of their own, as Postfix does with reject_non_fqdn_helo_hostname: at RCPT. */
  readonly strictNames?: boolean
}

export interface WaitForMail {
  /** Milliseconds; 30,000 by default. */
  readonly timeout?: number
  readonly describe?: string
}

/** What a relay caught; of our own, or of the one that all integration tests share. */
export interface Mailbox {
  readonly host: string
  readonly port: number
  /** The first mail that the predicate is true for, of those that came and that will come. */
  waitFor(predicate: (mail: CaughtMail) => boolean, options?: WaitForMail): Promise<CaughtMail>
  /** Everything that came so far, in order. */
  all(): Promise<readonly CaughtMail[]>
}

/** An SMTP relay of our own, for faults too. It delivers nothing. */
export interface MailServer extends Mailbox, AsyncDisposable {
  /** PEM of the authority that its certificate comes from; the certificate is for localhost and 127.0.0.1. */
  readonly ca: string
  /** How many connections clients have opened. */
  connections(): number
  /** How often somebody came with a mail to this address. */
  tries(address: string): number
  /** Misbehave from now on; the answer ends it. */
  fault(fault: MailFault): () => void
  clearFaults(): void
  /** Cuts all connections and closes the port. */
  down(): Promise<void>
  /** Opens the same port again. */
  up(): Promise<void>
  /** Forgets what it caught. */
  forget(): void
  stop(): Promise<void>
}

interface Relay {
  readonly options: MailOptions
  readonly certificate: Certificate
  readonly faults: MailFaults
  readonly sockets: Map<number, Socket>
  readonly caught: CaughtMail[]
  opened: number
  readonly tries: Map<string, number>
}

/** Starts a relay on a free port of the loopback, in this process. */
export async function startMail(options: MailOptions = {}): Promise<MailServer> {
  const authority = createAuthority('Tenantry test mail')
  const certificate = authority.issue('mail', ['localhost', '127.0.0.1'])
  const faults = new MailFaults()
  const relay: Relay = { options, certificate, faults, sockets: new Map(), caught: [], opened: 0, tries: new Map() }
  const port = await freePort()
  let server: SMTPServer | undefined = await listen(relay, port)
  const down = async (): Promise<void> => {
    const closing = server
    server = undefined
    if (!closing) return
    const closed = once(closing.server, 'close')
    closing.close()
    for (const socket of relay.sockets.values()) socket.destroy()
    await closed
  }
  return {
    host: 'localhost',
    port,
    ca: authority.certificate,
    connections: () => relay.opened,
    tries: (address) => relay.tries.get(address) ?? 0,
    all: async () => [...relay.caught],
    waitFor: (predicate, wait) => waitForMail(async () => relay.caught, predicate, wait),
    fault: (fault) => relay.faults.add(fault),
    clearFaults: () => relay.faults.clear(),
    down,
    async up() {
      server ??= await listen(relay, port)
    },
    forget: () => void relay.caught.splice(0),
    stop: down,
    [Symbol.asyncDispose]: down,
  }
}

export async function waitForMail(
  all: () => Promise<readonly CaughtMail[]>,
  predicate: (mail: CaughtMail) => boolean,
  { timeout = 30_000, describe = 'a mail' }: WaitForMail = {},
): Promise<CaughtMail> {
  return eventually(
    async () => {
      const mails = await all()
      const found = mails.find(predicate)
      if (found) return found
      throw new Error(`none of these ${mails.length} is it: ${mails.map(summary).join('; ') || 'no mail came'}`)
    },
    { timeout, describe },
  )
}

function summary({ to, subject }: CaughtMail): string {
  return `"${subject}" to ${to.join(', ')}`
}

async function listen(relay: Relay, port: number): Promise<SMTPServer> {
  const server = new SMTPServer(settings(relay))
  // A client that breaks off is part of the tests, and nobody's error.
  server.on('error', () => undefined)
  server.server.on('connection', (socket: Socket) => {
    const from = socket.remotePort ?? 0
    relay.opened += 1
    relay.sockets.set(from, socket)
    socket.once('close', () => relay.sockets.delete(from))
  })
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  return server
}

function settings(relay: Relay): SMTPServerOptions {
  const { tls = 'starttls', account } = relay.options
  return {
    name: 'localhost',
    secure: tls === 'implicit',
    key: relay.certificate.key,
    cert: relay.certificate.certificate,
    disabledCommands: [...(tls === 'none' ? ['STARTTLS'] : []), ...(account ? [] : ['AUTH'])],
    allowInsecureAuth: tls === 'none',
    authOptional: account === undefined,
    disableReverseLookup: true,
    // The text of a fault brings its own, or none.
    hideENHANCEDSTATUSCODES: true,
    logger: false,
    onAuth: ({ username, password }, _session, answer) => {
      if (account && username === account.user && password === account.password) return answer(null, { user: username })
      answer(Object.assign(new Error('Authentication credentials invalid'), { responseCode: 535 }))
    },
    onConnect: (session, answer) => respond(relay, 'connect', session, [], answer),
    onMailFrom: (_address, session, answer) => respond(relay, 'mail', session, [], answer),
    onRcptTo: ({ address }, session, answer) => {
      relay.tries.set(address, (relay.tries.get(address) ?? 0) + 1)
      if (relay.options.strictNames !== true || isHostName(session.hostNameAppearsAs))
        return respond(relay, 'rcpt', session, [address], answer)
      const text = `5.5.2 <${session.hostNameAppearsAs}>: Helo command rejected: need fully-qualified hostname`
      answer(Object.assign(new Error(text), { responseCode: 504 }))
    },
    onData: (stream, session, answer) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.once('end', () => void take(relay, session, Buffer.concat(chunks).toString('utf8'), answer))
    },
  }
}

const isHostName = (name: string) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(name)

function respond(
  relay: Relay,
  at: NonNullable<MailFault['at']>,
  session: SMTPServerSession,
  recipients: readonly string[],
  answer: Answer,
): void {
  const fault = relay.faults.take(at, recipients)
  if (fault) misbehave(fault, relay.sockets.get(session.remotePort), answer)
  else answer()
}

/** A mail that is refused is not ours; one that is left without an answer is, as far as the relay knows. */
async function take(relay: Relay, session: SMTPServerSession, raw: string, answer: Answer): Promise<void> {
  const { envelope } = session
  const user: unknown = session.user
  const to = envelope.rcptTo.map(({ address }) => address)
  const fault = relay.faults.take('data', to)
  if (fault && typeof fault.effect === 'object') return misbehave(fault, undefined, answer)
  const delivery: Delivery = {
    from: envelope.mailFrom ? envelope.mailFrom.address : '',
    to,
    raw,
    user: typeof user === 'string' ? user : undefined,
    tls: session.secure,
    helo: session.hostNameAppearsAs,
    acknowledged: fault === undefined,
  }
  relay.caught.push(await parseMail(delivery))
  if (fault) misbehave(fault, relay.sockets.get(session.remotePort), answer)
  else answer()
}
