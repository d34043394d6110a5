/**
 * One connection to a directory, with one request at a time. ldapts writes the requests; its client does not read the answers, since it
 * takes a bind response without a code for a success, and never ends on a truncated entry (decision 0042).
 */
import { BindRequest, ExtendedRequest, PasswordPolicyControl, SearchRequest, UnbindRequest } from 'ldapts'
import type { Filter, Message } from 'ldapts'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../runtime/base/clock.ts'
import { Malformed } from './ber.ts'
import { Framing } from './framing.ts'
import { limits } from './directory-limits.ts'
import { aborted, cut } from './connection-failures.ts'
import { DirectoryFailure } from './ldap-outcome.ts'
import { readResponse } from './ldap-responses.ts'
import type { Entry, Operation, Response, Result } from './ldap-responses.ts'
import type { Scope } from './settings.ts'

export interface Search {
  readonly baseDN: string
  readonly scope: Scope | 'base'
  readonly filter: Filter
  readonly attributes: readonly string[]
  /** Entries that are read at most. */
  readonly most: number
}

export interface ConnectionPorts {
  readonly clock: Pick<Clock, 'after'>
  /** Milliseconds for one answer. */
  readonly timeout: number
  /** Ends the connection, with the reason. */
  readonly signal: AbortSignal
  /** How messages call the directory. */
  readonly name: string
}

interface Pending {
  readonly id: number
  readonly operation: Operation
  readonly most: number
  readonly entries: Entry[]
  readonly settle: (result: Result) => void
}

export class DirectoryConnection implements Disposable {
  readonly #stream: Duplex
  readonly #ports: ConnectionPorts
  readonly #framing = new Framing(limits)
  /** Rejects when the connection has failed. */
  readonly #failed = Promise.withResolvers<never>()
  #failure: DirectoryFailure | undefined
  #pending: Pending | undefined
  #lastId = 0

  constructor(stream: Duplex, ports: ConnectionPorts) {
    this.#stream = stream
    this.#ports = ports
    this.#failed.promise.catch(() => undefined)
    stream.on('data', this.#read)
    // Stays for the life of the stream: an error after the last answer must not become an uncaught one.
    stream.on('error', (error) => this.#fail(cut(ports.name, error)))
    stream.on('close', () => this.#fail(cut(ports.name)))
    ports.signal.addEventListener('abort', this.#abort, { once: true })
    if (ports.signal.aborted) this.#abort()
  }

  /** The DN and the password are not empty: such a bind would be anonymous, and succeed. */
  async bind(dn: string, password: string): Promise<Result> {
    if (dn === '' || password === '') throw new TypeError('a bind needs a DN and a password')
    const controls = [new PasswordPolicyControl()]
    return this.#request('bind', 0, (messageId) => new BindRequest({ messageId, dn, password, controls })).then(
      ({ result }) => result,
    )
  }

  async search({ baseDN, scope, filter, attributes, most }: Search) {
    const options = {
      baseDN,
      scope,
      filter,
      attributes: [...attributes],
      sizeLimit: most,
      derefAliases: 'never' as const,
    }
    const timeLimit = Math.max(1, Math.ceil(this.#ports.timeout / 1000))
    return this.#request('search', most, (messageId) => new SearchRequest({ ...options, messageId, timeLimit }))
  }

  async startTls(): Promise<Result> {
    const oid = '1.3.6.1.4.1.1466.20037'
    const { result } = await this.#request('extended', 0, (messageId) => new ExtendedRequest({ messageId, oid }))
    return result
  }

  /** Ends the use of the stream without TLS. @throws DirectoryFailure when more came than answers: it would count as said with TLS. */
  release(): void {
    this.#detach()
    if (this.#failure !== undefined) throw this.#failure
    if (this.#framing.isPartial)
      throw new DirectoryFailure('TLS', `${this.#ports.name} sent more than its answer to StartTLS.`)
  }

  [Symbol.dispose](): void {
    this.#detach()
    const stream = this.#stream
    if (stream.destroyed) return
    const cancel = this.#ports.clock.after(1_000, () => stream.destroy())
    stream.once('close', cancel)
    stream.end(new UnbindRequest({ messageId: this.#lastId + 1 }).write(), () => stream.destroy())
  }

  #detach(): void {
    this.#stream.off('data', this.#read)
    this.#ports.signal.removeEventListener('abort', this.#abort)
  }

  async #request(operation: Operation, most: number, message: (id: number) => Message) {
    const id = (this.#lastId += 1)
    const entries: Entry[] = []
    const { promise, resolve: settle } = Promise.withResolvers<Result>()
    this.#pending = { id, operation, most, entries, settle }
    const cancel = this.#ports.clock.after(this.#ports.timeout, () =>
      this.#fail(
        new DirectoryFailure('Timeout', `${this.#ports.name} did not answer within ${this.#ports.timeout} ms.`),
      ),
    )
    try {
      this.#stream.write(message(id).write())
      const result = await Promise.race([promise, this.#failed.promise])
      return { result, entries: entries as readonly Entry[] }
    } finally {
      cancel()
    }
  }

  readonly #read = (piece: Buffer): void => {
    try {
      for (const message of this.#framing.add(piece)) this.#take(readResponse(message))
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      const message = `The answer of ${this.#ports.name} breaks the protocol or a limit: ${error.message}.`
      this.#fail(new DirectoryFailure('Protocol', message))
    }
  }

  #take(response: Response): void {
    if (response.id === 0) return this.#fail(cut(this.#ports.name))
    const pending = this.#pending
    if (response.id !== pending?.id) throw new Malformed('an answer to no question')
    if (response.kind === 'entry') {
      if (pending.entries.length >= pending.most) throw new Malformed(`more than ${pending.most} entries`)
      pending.entries.push(response.entry)
    } else if (response.kind === 'result') {
      if (response.result.operation !== pending.operation) throw new Malformed('an answer to another question')
      this.#pending = undefined
      pending.settle(response.result)
    }
  }

  readonly #abort = (): void => this.#fail(aborted(this.#ports.signal, this.#ports.name))

  #fail(failure: DirectoryFailure): void {
    this.#failure ??= failure
    this.#failed.reject(failure)
    this.#stream.destroy()
  }
}
