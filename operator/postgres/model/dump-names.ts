/**
 * The names of what a dump needs on the server for a while. They follow from the tenant's own names, so that they are
 * found again.
 */
import type { DatabaseNames } from '../../api/names.ts'

export interface DumpNames {
  /** The login that reads: a member of the tenant's owner role. */
  readonly login: string
  /** The login that restores: a member of nothing. */
  readonly restorer: string
  /** The database that it restores into. */
  readonly scratch: string
}

export function dumpNames({ owner }: Pick<DatabaseNames, 'owner'>): DumpNames {
  return { login: `${owner}_d`, restorer: `${owner}_r`, scratch: `${owner}_v` }
}
