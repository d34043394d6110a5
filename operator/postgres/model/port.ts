/**
 * A PostgreSQL server as the operator needs it: look at what tenants have there, act on it, and try a login. Names come
 * from `DatabaseNames`; SQL and quoting stay behind this port.
 */
import type { DatabaseNames } from '../../api/names.ts'
import type { Isolation } from '../../api/phases.ts'
import type { ClientAddress, ServerAddress } from './address.ts'
import type { ServerHealth, ServerIdentity } from './server-facts.ts'
import type { ObservedDatabase } from './observed-database.ts'

/**
 * The tenant that a role and a database belong to. It becomes JSON in a COMMENT, which no tenant can write but every
 * login can read.
 */
export interface Mark {
  readonly installation: string
  /** `namespace/name` of the Tenant. */
  readonly tenant: string
  readonly uid: string
  /** The uids of earlier Tenants that this one has taken over: their marks count as its own, and are replaced by it. */
  readonly formerUids?: readonly string[]
}

export type LoginName = 'a' | 'b'

/** The wanted state of a tenant's part of a server. */
export interface TenantDatabase {
  readonly names: DatabaseNames
  readonly mark: Mark
  readonly isolation: Isolation
  /**
   * The tenant's simultaneous connections; -1 without a limit. Set on each login role; the database's own limit is a
   * little higher, so that a tenant that uses up its own cannot keep the operator out.
   */
  readonly connectionLimit: number
  /**
   * Parameters that sessions of both logins start with, by name; those that a server does not allow Tenantry to set are
   * left out there.
   */
  readonly parameters?: Readonly<Record<string, string>>
  /** Roles of the platform: an administrator's grants to them on the tenant's database, to enter it, stay. */
  readonly platformRoles?: readonly string[]
  /** The locale of a database that is to be created; by default the server's. */
  readonly locale?: WantedLocale
  /** False while the tenant is deactivated: no login role may log in. */
  readonly loginAllowed: boolean
  readonly currentLogin: LoginName
  /** True during the grace period of a rotation: the other login may still log in. By default it is NOLOGIN. */
  readonly otherLoginAllowed?: boolean
  /**
   * Whether the database or schema may be created. By default once: no longer when the mark on the owner role records
   * that it was complete. `Never`: it existed before. `Anew`: it existed, and an administrator has asked for an empty
   * one in its place.
   */
  readonly creation?: 'Never' | 'Anew'
}

export interface WantedLocale {
  readonly provider: 'libc' | 'icu' | 'builtin'
  readonly name: string
}

/** One row of a tenant's admin directory (table `tenantry.admins` in the tenant's database). */
export interface DirectoryEntry {
  /** `own` for the tenant's admins, otherwise the origin of the access. */
  readonly origin: string
  readonly username: string
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly applicationRole: string
  readonly status: string
  readonly consentAt?: string
  /** Only of the tenant's own admins with local sign-in; a PHC string, never a password. */
  readonly passwordHash?: string
}

/**
 * Each is idempotent. `certainlyAbsent`: nothing of the tenant can be on the server but what the actions before have just made,
 * so it begins without a look; where that proves wrong it looks after all.
 */
export type DatabaseAction =
  /**
   * Owner role with mark and the two logins; the verifiers are SCRAM-SHA-256 (RFC 5803), undefined leaves a password
   * alone.
   */
  | {
      readonly kind: 'EnsureRoles'
      readonly target: TenantDatabase
      readonly verifiers: Readonly<Partial<Record<LoginName, string>>>
      readonly certainlyAbsent?: boolean
      /** This login is about to be the current one: the tenant's own settings on the other are carried over to it. */
      readonly next?: LoginName
    }
  /** The logins' passwords, and nothing else; an earlier look has shown that these roles are the tenant's. */
  | {
      readonly kind: 'SetPassword'
      readonly target: TenantDatabase
      readonly verifiers: Readonly<Partial<Record<LoginName, string>>>
    }
  | { readonly kind: 'EnsureDatabase'; readonly target: TenantDatabase; readonly certainlyAbsent?: boolean }
  /**
   * Inside the database: schemas, default privileges, PUBLIC's rights gone, the directory; then the database is marked
   * complete, and the directory filled where `entries` are given.
   */
  | {
      readonly kind: 'EnsureInside'
      readonly target: TenantDatabase
      readonly entries?: readonly DirectoryEntry[] | undefined
      readonly certainlyAbsent?: boolean
    }
  | { readonly kind: 'WriteDirectory'; readonly target: TenantDatabase; readonly entries: readonly DirectoryEntry[] }
  /**
   * Objects of the logins become the owner role's, as far as no lock is in the way: the next look sees what is left.
   */
  | { readonly kind: 'GiveToOwner'; readonly target: TenantDatabase }
  /** Ends the sessions of the login role that is not current. */
  | { readonly kind: 'EndOtherSessions'; readonly target: TenantDatabase }
  | { readonly kind: 'DisableLogins'; readonly target: TenantDatabase }
  | { readonly kind: 'TerminateSessions'; readonly target: TenantDatabase }
  | { readonly kind: 'DropDatabase'; readonly target: TenantDatabase }
  | { readonly kind: 'DropRoles'; readonly target: TenantDatabase }
  /** A login that may read what the tenant may, for a while; the remains of an earlier dump are removed first. */
  | { readonly kind: 'OpenDump'; readonly target: TenantDatabase; readonly login: TemporaryLogin }
  /** An empty database to restore a dump into, and a login for it with no other rights. */
  | { readonly kind: 'OpenScratch'; readonly target: TenantDatabase; readonly login: TemporaryLogin }
  /** Removes what the two made. */
  | { readonly kind: 'EndDump'; readonly target: TenantDatabase }

/** A login that expires: a SCRAM-SHA-256 verifier, and until when the password is valid (RFC 3339). */
export interface TemporaryLogin {
  readonly verifier: string
  readonly validUntil: string
}

/** The effect of an action that has succeeded. */
export interface DatabaseEffect {
  /** `Nothing`: everything was in place already. `Created`: a database that did not exist. */
  readonly did: 'Nothing' | 'Changed' | 'Created'
  /** The admin directory of a complete database was gone, and was recreated. */
  readonly directoryLost?: boolean
  /** Declared parameters whose value the server refuses. Everything else was done. */
  readonly refusedParameters?: readonly string[]
  /** Parameters that are set for one login, and that the operator's account may not set for the other. */
  readonly notCarried?: readonly string[]
}

/**
 * One server. All methods take a deadline by their signal and throw {@link PostgresError}. `apply` refuses with
 * `Conflict` when a role or database of that name bears no mark or another one: nothing foreign is ever taken over.
 */
export interface PostgresServer extends PostgresSessions {
  /** `publicDatabases`: databases that every login may enter by choice. */
  readonly health: (signal: AbortSignal, publicDatabases?: readonly string[]) => Promise<ServerHealth>
  /** Without what the operator's account may not read. */
  readonly identity: (signal: AbortSignal) => Promise<ServerIdentity>
  /**
   * Without `names`: every tenant of this installation, by owner role. With: exactly those, marked or not. One query,
   * and one more in each shared database; `sizes`: and one for the size of each tenant's data, by default.
   */
  readonly catalogue: (
    signal: AbortSignal,
    names?: readonly DatabaseNames[],
    sizes?: boolean,
  ) => Promise<ReadonlyMap<string, ObservedDatabase>>
  readonly apply: (action: DatabaseAction, signal: AbortSignal) => Promise<DatabaseEffect>
  /** The tenant's admin directory as it is there. Empty where there is none that only this account can have written. */
  readonly directory: (target: TenantDatabase, signal: AbortSignal) => Promise<readonly DirectoryEntry[]>
  /** Logs in as an application would, to the given address; false when the password is refused. */
  readonly probe: (database: string, username: string, password: string, signal: AbortSignal) => Promise<boolean>
  /** Logs in at another address, as an application would; the identity of that server, where it may be read. */
  readonly reach: (at: ClientAddress, login: TenantLogin, signal: AbortSignal) => Promise<string | undefined>
}

export interface TenantLogin {
  readonly database: string
  readonly username: string
  readonly password: string
}

export interface PostgresSessions {
  /**
   * Ends the sessions that other pods of this installation have with the operator's account, and waits until they are
   * gone: a new leader does it once per server, before its first `apply`. Returns how many there were.
   */
  readonly endPredecessors: (signal: AbortSignal) => Promise<number>
  readonly close: () => Promise<void>
}

/** Opens a pool of connections to a server, which the caller closes; connects when first used. */
export type ConnectPostgres = (address: ServerAddress) => PostgresServer

/** From the SQLSTATE or the socket's error, never from the text. */
export type PostgresErrorReason =
  | 'AnotherServer'
  | 'Conflict'
  /** The server cannot create a database with the wanted encoding and locale. */
  | 'LocaleRefused'
  /** A tenant's database or schema that existed once is gone. */
  | 'DataMissing'
  | 'Unavailable'
  | 'TooManyConnections'
  | 'ReadOnly'
  | 'AuthenticationFailed'
  | 'CertificateUntrusted'
  | 'CertificateForAnotherHost'
  | 'CertificateOutOfDate'
  | 'TlsNotOffered'
  | 'TlsFailed'
  | 'InsufficientPrivilege'
  /** Permanently: the server refuses a statement like it again. */
  | 'Refused'
  | 'InUse'
  | 'Timeout'
  | 'Unknown'

export class PostgresError extends Error {
  override readonly name = 'PostgresError'
  readonly reason: PostgresErrorReason
  readonly sqlstate: string | undefined
  constructor(reason: PostgresErrorReason, message: string, sqlstate?: string) {
    super(message)
    this.reason = reason
    this.sqlstate = sqlstate
  }
}

/** The server that answers is not the intended one. Nothing was done there. */
export class AnotherServer extends PostgresError {
  /** The identity of the server that answers; undefined where it may not be read. */
  readonly systemIdentifier: string | undefined
  constructor(message: string, systemIdentifier: string | undefined) {
    super('AnotherServer', message)
    this.systemIdentifier = systemIdentifier
  }
}
