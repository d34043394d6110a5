/** The port for a tenant's last dump: taken, proved by a restore, and kept where the installation says. */
import type { ServerAddress } from '../postgres/model/address.ts'
import type { PostgresServer, TenantDatabase } from '../postgres/model/port.ts'
import type { DumpRecord } from './record.ts'

/** One dump of one tenant. The path is its identity: the same order again finds or replaces its own. */
export interface DumpOrder {
  /** The name of the DatabaseServer. */
  readonly server: string
  readonly target: TenantDatabase
  /** `<installation>/<namespace>/<name>/<uid>/<archivedAt>.dump`, as `dumpPath` makes it. */
  readonly path: string
}

export interface Dumper {
  /**
   * The record of the dump that is at the target under this path, whole and verified; else takes, verifies and keeps
   * one. Afterwards nothing of it is left on the server, whatever the outcome. Throws {@link DumpError}, or the
   * signal's reason.
   */
  readonly take: (order: DumpOrder, signal: AbortSignal) => Promise<DumpRecord>
  /**
   * All of {@link take} except the keeping: whether it would succeed now. Nothing of it is left anywhere. Throws {@link
   * DumpError}, or the signal's reason.
   */
  readonly rehearse: (order: DumpOrder, signal: AbortSignal) => Promise<void>
  /** Whether a whole dump is kept under this path. Throws {@link DumpError}, or the signal's reason. */
  readonly isThere: (path: string, signal: AbortSignal) => Promise<boolean>
  /**
   * Removes the files of dumps that an earlier process did not finish: they may never be finished, for a revived tenant
   * for instance. Throws {@link DumpError}.
   */
  readonly clear: () => Promise<void>
}

/** Where dumps are kept. Throws {@link DumpError}. */
export interface DumpTarget {
  /** A folder for a file that is not kept yet; made when it does not exist. */
  readonly workFolder: () => Promise<string>
  /** Undefined unless dump and manifest exist and agree. */
  readonly find: (path: string, signal: AbortSignal) => Promise<DumpRecord | undefined>
  /** Whether dump and manifest exist, with the size that the manifest states; without reading the dump. */
  readonly isThere: (path: string, signal: AbortSignal) => Promise<boolean>
  /** Keeps the file, then its manifest: a manifest proves a whole dump. The file may be moved away. */
  readonly keep: (file: string, record: DumpRecord, path: string, signal: AbortSignal) => Promise<void>
}

/** The servers as the dumper needs them. Throws PostgresError or ReferenceMissing. */
export interface DumpServers {
  readonly connect: (server: string, signal: AbortSignal) => Promise<PostgresServer>
  readonly address: (server: string, signal: AbortSignal) => Promise<ServerAddress>
}

/** From an exit status, an SQLSTATE, a file's or an HTTP error code, never from a text. */
export type DumpFailure =
  | 'NoTarget'
  | 'NoClient'
  | 'ServerUnavailable'
  | 'NameTaken'
  | 'DumpRefused'
  | 'RestoreRefused'
  | 'RestoreDiffers'
  | 'Interrupted'
  | 'TimedOut'
  | 'TargetFull'
  | 'TargetRefused'
  | 'TargetUnavailable'
  | 'Unknown'

export class DumpError extends Error {
  override readonly name = 'DumpError'
  readonly reason: DumpFailure
  /**
   * The cause for people, where more is known than the reason: names and statements, the same from attempt to attempt.
   */
  readonly told: string | undefined
  constructor(reason: DumpFailure, message: string, cause?: unknown, told?: string) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.told = told
  }
}
