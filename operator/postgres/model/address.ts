/** Where a PostgreSQL server is, for its applications and for the operator. */

/** Where a server is reached. `verify-full` checks chain and host name against `ca` (PEM). */
export interface ClientAddress {
  readonly host: string
  readonly port: number
  readonly tls: { readonly mode: 'disable' | 'require' | 'verify-ca' | 'verify-full'; readonly ca?: string }
}

/** How the operator reaches one server. */
export interface ServerAddress extends ClientAddress {
  /** Where the shared catalogues are read and databases are made from; `postgres` by default. Never a tenant's. */
  readonly database?: string
  readonly username: string
  readonly password: string
  /** The system identifiers of which the server has to have one; each new session of the operator asks. Empty: any server. */
  readonly identifiers?: readonly string[]
}

/** Something that the DatabaseServer refers to is not there, or lacks a key. The message says what. */
export class ReferenceMissing extends Error {
  override readonly name = 'ReferenceMissing'
}

/** It is there, and nothing to log in with. */
export class CredentialUnfit extends ReferenceMissing {}
