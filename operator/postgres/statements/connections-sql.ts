/**
 * SQL that reserves connections for the operator when the tenants have used up the others, for an administrator to run.
 */
import { connectionsAtOnce } from '../model/server-facts.ts'
import { identifier, integer } from '../model/quote.ts'

/** The connections that the operator has at the same time. */
const needed = connectionsAtOnce.maintenance + connectionsAtOnce.inside

/** What is missing. `reserved` is null before PostgreSQL 16, which lacks the setting. */
export function reserveConnections(
  operator: string,
  { reserved, mayUseReserved }: { readonly reserved: number | null; readonly mayUseReserved: boolean },
): string[] {
  if (reserved === null) return []
  return [
    ...(reserved >= needed ? [] : [`ALTER SYSTEM SET reserved_connections = ${integer(needed)};`]),
    ...(mayUseReserved ? [] : [`GRANT pg_use_reserved_connections TO ${identifier(operator)};`]),
  ]
}
