/** The part of a server that a tenant's dump holds, and its names after the restore. Pure. */
import { dumpNames } from '../postgres/model/dump-names.ts'
import type { TenantDatabase } from '../postgres/model/port.ts'

export interface DumpScope {
  /** Undefined: the whole database. */
  readonly schema: string | undefined
  /** The role whose large objects count: they lie in no schema. */
  readonly owner: string
}

export function dumpScope({ names, isolation }: TenantDatabase): DumpScope {
  return { schema: isolation === 'Schema' ? names.owner : undefined, owner: names.owner }
}

export function scratchScope(target: TenantDatabase): DumpScope {
  return { ...dumpScope(target), owner: dumpNames(target.names).restorer }
}
