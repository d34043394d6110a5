/** The data of one tenant on a server, as it was observed. Data. */

/** A mark as it is read back: the server has only a digest of the Tenant's name (`tenantDigest` in mark.ts). */
export interface ObservedMark {
  readonly installation: string
  readonly tenant: string
  readonly uid: string
}

/** What the server's shared catalogues say of one tenant's part; undefined parts do not exist. */
export interface ObservedDatabase {
  /** The operator's account, which read all this. */
  readonly operator: string
  /** `server_version_num`, e.g. 180004. */
  readonly version: number
  /** The parameters with restricted rights that the operator's account may set. */
  readonly settable?: readonly string[]
  readonly owner?: ObservedRole
  readonly logins: { readonly a?: ObservedRole; readonly b?: ObservedRole }
  readonly database?: {
    readonly owner: string
    readonly connectionLimit: number
    readonly allowConnections: boolean
    readonly mark?: ObservedMark
    /** It bears the mark of the database that this installation's tenants share. */
    readonly shared?: boolean
    /** `datacl` in aclitem text form, sorted; for a shared database without other tenants' rights. */
    readonly acl: readonly string[]
  }
  /**
   * True once the inside of the database (schemas, privileges, directory) was completed; written last, as a COMMENT
   * that only the operator can write (on the database, or with isolation Schema on the owner role), so that a crash
   * between the steps is seen.
   */
  readonly complete: boolean
  /**
   * The version of the inside that the mark on the owner role records. It outlives the database: with a version, the
   * tenant's data existed once.
   */
  readonly inside?: number
  /** With isolation Schema, where the shared database was looked into: the tenant's schemas, by name. */
  readonly schemas?: Readonly<Record<string, ObservedSchema>>
  /** The size of the tenant's data, where it was measured. */
  readonly sizeBytes?: number
  /** Sessions of the tenant's roles, now. */
  readonly sessions: number
  /**
   * Remains of a dump: one under way, or one that a crash left. `Expired`: its logins have expired, so it is not in
   * use.
   */
  readonly dump?: 'Current' | 'Expired'
}

export interface ObservedSchema {
  readonly owner: string
  /** `nspacl` in aclitem text form, sorted. */
  readonly acl: readonly string[]
}

export interface ObservedRole {
  readonly mark?: ObservedMark
  readonly comment?: string
  readonly canLogin: boolean
  readonly connectionLimit: number
  /**
   * SUPERUSER, CREATEDB, CREATEROLE, REPLICATION, BYPASSRLS, NOINHERIT, VALID UNTIL: those set. A tenant's roles have
   * none.
   */
  readonly attributes: readonly string[]
  /** Sorted. */
  readonly memberOf: readonly string[]
  /** Its members, sorted; the operator only while it could act with the role's rights. */
  readonly members: readonly string[]
  /** `pg_db_role_setting`, e.g. `role=t_abc`; those for one database only as `<database>/role=t_abc`. */
  readonly settings: readonly string[]
  /**
   * For a login: the databases in which it owns objects, as sessions that left the owner role make them. Sorted; absent
   * where there are none.
   */
  readonly owns?: readonly string[]
}
