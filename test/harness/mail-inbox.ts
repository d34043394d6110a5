/** The mailbox of the relay that all integration tests share: it lies in the runner's process, and is read over HTTP. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { waitForMail } from './mail.ts'
import type { Mailbox, MailServer } from './mail.ts'
import { parseMail } from './mail-message.ts'
import type { CaughtMail, Delivery } from './mail-message.ts'
import { freePort } from './port.ts'

/** Where a shared relay is: plain data, that one process can tell another. */
export interface MailAddress {
  readonly host: string
  readonly port: number
  readonly ca: string
  /** The URL of what it caught: a JSON array; `?from=7` leaves the first seven out. */
  readonly inbox: string
}

export interface SharedMail extends AsyncDisposable {
  readonly address: MailAddress
}

/** Serves what the relay caught at a loopback URL, until it is disposed of; the relay goes with it. */
export async function shareMail(relay: MailServer): Promise<SharedMail> {
  const server = createServer(({ url = '/' }, response) => {
    const from = Number(new URL(url, 'http://inbox').searchParams.get('from') ?? 0)
    void relay.all().then((mails) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(mails.slice(from).map(withoutReading)))
    })
  })
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: { host: relay.host, port: relay.port, ca: relay.ca, inbox: `http://127.0.0.1:${port}/` },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await relay.stop()
    },
  }
}

export function mailAt(address: MailAddress): Mailbox & MailAddress {
  const known: CaughtMail[] = []
  // Many tests ask again and again: each mail is fetched and read once.
  const all = async (): Promise<CaughtMail[]> => {
    const from = known.length
    const response = await fetch(`${address.inbox}?from=${from}`, { signal: AbortSignal.timeout(20_000) })
    const news = await Promise.all(((await response.json()) as Delivery[]).map(parseMail)) // our own writing, above
    known.splice(from, news.length, ...news)
    return [...known]
  }
  return { ...address, all, waitFor: (predicate, options) => waitForMail(all, predicate, options) }
}

function withoutReading({ from, to, raw, user, tls, acknowledged }: CaughtMail): Delivery {
  return { from, to, raw, user, tls, acknowledged }
}
