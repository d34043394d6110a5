/** The address of a PostgreSQL server, for its applications and for the operator. */

/** Where a server is reached. `verify-full` checks chain and host name against `ca` (PEM). */
export interface ClientAddress {
  readonly host: string
  readonly port: number
  readonly tls: { readonly mode: 'disable' | 'require' | 'verify-ca' | 'verify-full'; readonly ca?: string }
}

/** How the operator reaches one server. */
export interface ServerAddress extends ClientAddress {
  /** The database for reading the shared catalogues and creating databases; `postgres` by default. Never a tenant's. */
  readonly database?: string
  readonly username: string
  readonly password: string
  /**
   * The server must have one of these system identifiers; each new session of the operator checks. Empty: any server.
   */
  readonly identifiers?: readonly string[]
}

/** An object that the DatabaseServer refers to does not exist, or lacks a key. The message says which. */
export class ReferenceMissing extends Error {
  override readonly name = 'ReferenceMissing'
}

/** The object exists, and holds no usable credentials. */
export class CredentialUnfit extends ReferenceMissing {}
