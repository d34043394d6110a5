/**
 * Tests whether tenants can log in at the address of their applications, where it differs from the operator's. The test
 * logs in with a tenant's Secret, at the server itself first, so that a password that the tenant changed proves
 * nothing.
 */
import { isTrue } from '../api/conditions.ts'
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { Tenant } from '../api/tenant.ts'
import { KubeError } from '../kube/port.ts'
import type { KubeReader } from '../kube/port.ts'
import type { ClientAddress } from '../postgres/model/address.ts'
import { PostgresError } from '../postgres/model/port.ts'
import type { PostgresServer, TenantLogin } from '../postgres/model/port.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { Clock } from '../runtime/base/clock.ts'
import type { NameClaim } from '../domain/caches.ts'
import type { ServerPool } from './server-pool.ts'
import { readCredentials } from './tenant-credentials.ts'

export interface ApplicationPorts {
  readonly caches: {
    readonly claims: Pick<Cache<NameClaim, 'server'>, 'by'>
    readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
  }
  readonly kube: Pick<KubeReader, 'get'>
  readonly clock: Pick<Clock, 'now'>
  readonly pool: Pick<ServerPool, 'application'>
}

export type ApplicationLogin =
  | { readonly kind: 'Works' }
  | { readonly kind: 'Fails'; readonly error: Pick<PostgresError, 'reason' | 'sqlstate'> }

interface Tried {
  readonly address: string
  readonly at: number
  readonly found: ApplicationLogin
}

/** Milliseconds for which a working login is trusted; a failing one is tried again at each look. */
const worksFor = 5 * 60_000
/** How many tenants' passwords the server itself may refuse before this look gives up. */
const mostTried = 3

export class ApplicationLogins {
  readonly #ports: ApplicationPorts
  readonly #tried = new Map<string, Tried>()

  constructor(ports: ApplicationPorts) {
    this.#ports = ports
  }

  /**
   * Undefined where no other address is declared, or no tenant is there to test it with. Throws as {@link
   * ServerPool.application}.
   */
  readonly look = async (
    server: DatabaseServer,
    connection: PostgresServer,
    identifier: string | undefined,
    signal: AbortSignal,
  ): Promise<ApplicationLogin | undefined> => {
    const { name, uid } = server.metadata
    if (server.spec.applicationEndpoint === undefined) {
      this.forget(name)
      return undefined
    }
    const to = await this.#ports.pool.application(name, signal)
    const address = JSON.stringify([uid, to])
    const known = this.#tried.get(name)
    const now = this.#ports.clock.now()
    const isSame = known?.address === address
    if (isSame && known.found.kind === 'Works' && Math.abs(now - known.at) < worksFor) return known.found
    const found = await this.#try(name, connection, { to, identifier }, signal)
    if (found === undefined) return isSame ? known.found : undefined
    this.#tried.set(name, { address, at: now, found })
    return found
  }

  readonly forget = (server: string): void => void this.#tried.delete(server)

  /** Undefined where no tenant's login works at the server itself. */
  async #try(
    name: string,
    connection: PostgresServer,
    { to, identifier }: { readonly to: ClientAddress; readonly identifier: string | undefined },
    signal: AbortSignal,
  ): Promise<ApplicationLogin | undefined> {
    for (const tenant of this.#users(name)) {
      const login = await this.#loginOf(tenant)
      if (login === undefined || !(await opens(connection, login, signal))) continue
      try {
        const reached = await connection.reach(to, login, signal)
        const another = identifier !== undefined && reached !== undefined && reached !== identifier
        return another ? { kind: 'Fails', error: { reason: 'AnotherServer', sqlstate: undefined } } : { kind: 'Works' }
      } catch (error) {
        if (error instanceof PostgresError) return { kind: 'Fails', error }
        throw error
      }
    }
    return undefined
  }

  #users(name: string): readonly Tenant[] {
    const holders = new Set(this.#ports.caches.claims.by('server', name).map(({ holder }) => holder))
    return [...holders]
      .toSorted()
      .flatMap((uid) => this.#ports.caches.tenants.by('uid', uid))
      .filter(
        ({ status, metadata }) =>
          metadata.deletionTimestamp === undefined &&
          isTrue(status?.conditions, 'DatabaseReady') &&
          isTrue(status?.conditions, 'Available'),
      )
      .slice(0, mostTried)
  }

  async #loginOf({ status }: Tenant): Promise<TenantLogin | undefined> {
    const { namespace, database } = status ?? {}
    const { name, binding } = database ?? {}
    if (namespace === undefined || name === undefined || binding === undefined) return undefined
    try {
      const secret = { namespace, name: binding.name }
      const { username, password } = await readCredentials(secret, this.#ports.kube)
      return username === undefined ? undefined : { database: name, username, password }
    } catch (error) {
      if (error instanceof KubeError) return undefined
      throw error
    }
  }
}

async function opens(
  connection: PostgresServer,
  { database, username, password }: TenantLogin,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await connection.probe(database, username, password, signal)
  } catch (error) {
    if (error instanceof PostgresError) return false
    throw error
  }
}
