/**
 * The pool of connected servers, by the name of their DatabaseServer. A server whose address, login or certificates
 * changed is connected again. The Secret is read again at each check of the server, and at once when a login was
 * refused.
 */
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { KubeReader } from '../kube/port.ts'
import { PostgresError } from '../postgres/model/port.ts'
import type { ClientAddress, ServerAddress } from '../postgres/model/address.ts'
import type { ConnectPostgres, PostgresErrorReason, PostgresServer } from '../postgres/model/port.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { NameClaim } from '../domain/caches.ts'
import { addressOf, applicationAddressOf } from './read-address.ts'
import { acceptableIdentifiers, acceptedServer, recordedIdentifiers } from './server-identity.ts'
import { ReferenceMissing } from '../postgres/model/address.ts'

export interface ServerPoolPorts {
  readonly servers: Pick<Cache<DatabaseServer>, 'get'>
  readonly claims: Pick<Cache<NameClaim, 'server'>, 'by'>
  readonly kube: Pick<KubeReader, 'get'>
  readonly connect: ConnectPostgres
  readonly log: Logger
}

interface Open {
  /** The uid of the DatabaseServer that it was connected for. */
  readonly uid: string
  readonly generation: number
  /** The identity that was expected then. */
  readonly identity: string
  readonly address: ServerAddress
  /** The address for its applications. */
  readonly application: ClientAddress
  readonly server: PostgresServer
}

export class ServerPool {
  readonly #ports: ServerPoolPorts
  readonly #operatorNamespace: string
  readonly #open = new Map<string, Open>()
  readonly #opening = new Map<string, Promise<Open>>()
  /**
   * Servers on which this leadership has ended a former leader's sessions. Each leadership begins with a set of its
   * own.
   */
  #takenOver = new Set<string>()

  constructor(ports: ServerPoolPorts, operatorNamespace: string) {
    this.#ports = ports
    this.#operatorNamespace = operatorNamespace
  }

  /** Throws PostgresError, ReferenceMissing or KubeError. */
  readonly connect = async (name: string, signal: AbortSignal): Promise<PostgresServer> => {
    const { server } = await this.#current(name, signal)
    return server
  }

  /** The address of the server, for programs that connect themselves. Throws as {@link connect}. */
  readonly address = async (name: string, signal: AbortSignal): Promise<ServerAddress> => {
    const { address } = await this.#current(name, signal)
    return address
  }

  /** Where applications reach the server. Throws as {@link connect}. */
  readonly application = async (name: string, signal: AbortSignal): Promise<ClientAddress> => {
    const { application } = await this.#current(name, signal)
    return application
  }

  /** The certificates (PEM) that applications shall trust. Throws as {@link connect}. */
  readonly authority = async (name: string, signal: AbortSignal): Promise<string | undefined> => {
    const { application } = await this.#current(name, signal)
    return application.tls.ca
  }

  /**
   * Reads address, login and certificates again, and connects again if any of them changed. Throws as {@link connect}.
   */
  readonly refresh = async (name: string, signal: AbortSignal): Promise<PostgresServer> => {
    const { server } = await this.#once(name, signal)
    return server
  }

  /** The server has to be one of these; empty at the first contact. */
  readonly identifiersOf = (declared: DatabaseServer): readonly string[] => {
    const claims = () => this.#ports.claims.by('server', declared.metadata.name)
    return acceptableIdentifiers(declared, recordedIdentifiers(declared, claims))
  }

  /** Ends the connections of a server that is no longer declared. */
  readonly drop = async (name: string): Promise<void> => {
    const open = this.#open.get(name)
    this.#open.delete(name)
    this.#takenOver.delete(name)
    await open?.server.close()
  }

  /** Ends everything. */
  readonly close = async (): Promise<void> => {
    await Promise.all([...this.#open.keys()].map(this.drop))
  }

  /** Forgets where sessions were ended: called when this process begins to lead. */
  readonly lead = (): void => {
    this.#takenOver = new Set()
  }

  async #current(name: string, signal: AbortSignal): Promise<Open> {
    const open = this.#open.get(name)
    const declared = this.#declared(name)
    const { uid, generation } = declared.metadata
    const same = open?.uid === uid && open?.generation === generation && open?.identity === identityOf(declared)
    if (open === undefined || !same) return this.#once(name, signal)
    if (!this.#takenOver.has(name)) await this.#takeOver(name, open.server, signal)
    return open
  }

  /** Many tenants ask at the same time; the server is opened once. */
  #once(name: string, signal: AbortSignal): Promise<Open> {
    const opening = this.#opening.get(name) ?? this.#reopen(name, signal).finally(() => this.#opening.delete(name))
    this.#opening.set(name, opening)
    return opening
  }

  async #reopen(name: string, signal: AbortSignal): Promise<Open> {
    const declared = this.#declared(name)
    const identifiers = this.identifiersOf(declared)
    const address = { ...(await addressOf(declared, this.#operatorNamespace, this.#ports.kube)), identifiers }
    const application = await applicationAddressOf(declared, address, this.#operatorNamespace, this.#ports.kube)
    const before = this.#open.get(name)
    const server =
      before !== undefined && isSame(before.address, address) ? before.server : this.#ports.connect(address)
    const { uid = '', generation = 0 } = declared.metadata
    const open: Open = { uid, generation, identity: identityOf(declared), address, application, server }
    this.#open.set(name, open)
    if (before !== undefined && before.server !== server) this.#retire(name, before.server)
    if (!this.#takenOver.has(name)) await this.#takeOver(name, server, signal)
    return open
  }

  async #takeOver(name: string, server: PostgresServer, signal: AbortSignal): Promise<void> {
    const takenOver = this.#takenOver
    const ended = await server.endPredecessors(signal)
    takenOver.add(name)
    if (ended > 0) this.#ports.log.info('ended the sessions of a former leader', { server: name, sessions: ended })
  }

  /** Statements that still run there finish; nothing waits for them. */
  #retire(name: string, server: PostgresServer): void {
    server.close().catch((error: unknown) => {
      this.#ports.log.warn('the connections to a former address did not end well', { server: name, error })
    })
  }

  #declared(name: string): DatabaseServer {
    const declared = this.#ports.servers.get(name)
    if (declared === undefined) throw new ReferenceMissing(`There is no DatabaseServer ${name}.`)
    return declared
  }
}

/** What the identifiers follow from, except the claims. */
function identityOf(declared: DatabaseServer): string {
  return `${declared.status?.systemIdentifier ?? ''} ${acceptedServer(declared) ?? ''}`
}

function isSame(one: ServerAddress, other: ServerAddress): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** An outage, or a refused query: the conditions of the DatabaseServer say which. */
export function isServerFailure(error: unknown): error is PostgresError | ReferenceMissing {
  return error instanceof ReferenceMissing || error instanceof PostgresError
}

/** An outage: the server cannot be used now, whatever the request. */
export function isOutOfReach(error: unknown): error is PostgresError | ReferenceMissing {
  return isServerFailure(error) && !isQueryRefused(error)
}

/** The server answers and permanently refuses the query: a privilege is missing (42501), or the query itself is refused. */
export function isQueryRefused(error: unknown): error is PostgresError {
  return error instanceof PostgresError && refusals.has(error.reason)
}

const refusals: ReadonlySet<PostgresErrorReason> = new Set<PostgresErrorReason>(['InsufficientPrivilege', 'Refused'])
