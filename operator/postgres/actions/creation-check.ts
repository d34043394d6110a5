/**
 * The check before each CREATE of a tenant's data, whatever the caller knew: data that existed once and is gone is a
 * loss, and an empty database in its place would hide the loss. What the tenant says then: tenant/model/data-loss.ts.
 */
import { z } from 'zod'

import { dataName } from '../../api/names.ts'
import { markPrefix } from '../model/mark.ts'
import { PostgresError } from '../model/port.ts'
import type { TenantDatabase } from '../model/port.ts'
import type { Server } from '../session/server.ts'
import { isDataLost, isDataMissing, mayNotCreate } from '../model/shape.ts'
import { sharingQuery } from '../statements/queries-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

/** Throws `DataMissing`. `before`: what exists; the database does not. */
export async function assertMayCreate(
  server: Server,
  target: TenantDatabase,
  before: ObservedDatabase,
  signal: AbortSignal,
): Promise<void> {
  if (mayNotCreate(target, before)) throw dataMissing(target)
  if (target.isolation === 'Schema') await assertNoOtherTenantHad(server, target, before, signal)
}

/** Throws `DataMissing` where a schema would replace one that existed. */
export function assertSchemaMayBeCreated(target: TenantDatabase, seen: ObservedDatabase): void {
  if (isDataLost(target, seen)) throw dataMissing(target)
}

/**
 * Throws `DataMissing` where roles would be made for a tenant of which nothing is left, or whose data was thought to be
 * new.
 */
export function assertRolesMayBeCreated(
  target: TenantDatabase,
  seen: ObservedDatabase,
  certainlyAbsent: boolean,
): void {
  const nothingLeft = seen.owner === undefined && isDataMissing(target, seen)
  if ((nothingLeft || certainlyAbsent) && mayNotCreate(target, seen) && isDataMissing(target, seen))
    throw dataMissing(target)
}

const sharing = z.array(z.object({ tenants: z.number() }))

/**
 * A shared database that is gone took the schemas of all its tenants along: a new one would be in the way of its
 * restore.
 */
async function assertNoOtherTenantHad(
  server: Server,
  { names }: TenantDatabase,
  before: ObservedDatabase,
  signal: AbortSignal,
): Promise<void> {
  const values = [markPrefix(server.installation), names.database, names.owner]
  const [row] = sharing.parse(await server.read({ text: sharingQuery, values }, signal))
  if ((row?.tenants ?? 0) > 0)
    throw new PostgresError(
      'DataMissing',
      `The shared database "${names.database}" is gone, and with it the schemas of other tenants: an empty one would be in the way of its restore. If none of them is to be restored, create it: CREATE DATABASE "${names.database}" OWNER "${before.operator}" TEMPLATE template0 ENCODING 'UTF8';`,
    )
}

function dataMissing({ names }: TenantDatabase): PostgresError {
  const what = names.schema === undefined ? 'database' : 'schema'
  return new PostgresError('DataMissing', `The ${what} "${dataName(names)}" existed and is gone.`)
}
