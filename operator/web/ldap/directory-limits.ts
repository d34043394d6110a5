/** What is read from a directory at most, and how long each step may take. A directory that exceeds a limit is not trusted. Pure. */

export const limits = {
  /** Characters of a username, as typed. */
  username: 256,
  /** Bytes of a password. */
  password: 1024,
  /** Bytes of one LDAP message. */
  message: 1024 * 1024,
  /** Bytes of all messages on one connection. */
  connection: 4 * 1024 * 1024,
  /** Values of one attribute; the rest is ignored. */
  values: 2_000,
  /** Bytes of a value that is used; a longer one is ignored. */
  value: 1024,
  /** Groups of one person; the rest is ignored, and the outcome says so. */
  groups: 1_000,
  /** Matches in one filter of the search for groups. */
  matches: 100,
} as const

/** Milliseconds. */
export interface LdapTimeouts {
  /** For a connection, with the lookup of the name, StartTLS and the TLS handshake. */
  readonly connect: number
  /** For the answer to one bind or search. */
  readonly step: number
  /** For a whole sign-in. */
  readonly total: number
}

export const defaultTimeouts: LdapTimeouts = { connect: 5_000, step: 10_000, total: 20_000 }
