/**
 * The condition ConnectionsSufficient of a DatabaseServer: whether it has enough connections for the operator, and for
 * the limits of all its tenants. Pure.
 */
import type { NewCondition } from '../api/conditions.ts'
import { connectionsAtOnce } from '../postgres/model/server-facts.ts'
import type { ServerConnections } from '../postgres/model/server-facts.ts'
import type { ObservedDatabase } from '../postgres/model/observed-database.ts'

/**
 * The sum of all tenants' limits, whether they may log in now or not. Both logins of a tenant have its limit, and
 * except during the grace period of a rotation only one of them is open.
 */
export function committedOf(found: Iterable<ObservedDatabase>): number {
  return [...found]
    .map(({ logins }) => Math.max(logins.a?.connectionLimit ?? 0, logins.b?.connectionLimit ?? 0))
    .reduce((sum, limit) => sum + Math.max(limit, 0), 0)
}

const forOperator = connectionsAtOnce.maintenance + connectionsAtOnce.inside

export function connectionsCondition(
  connections: ServerConnections,
  committed: number,
  observedGeneration: number,
): NewCondition {
  const type = 'ConnectionsSufficient'
  const reserve = tooFewReserved(connections)
  const over = overcommitment(connections, committed)
  if (over !== undefined) {
    const message = [over, ...(reserve === undefined ? [] : [reserve])].join(' ')
    return { type, status: 'False', reason: 'ConnectionsOvercommitted', message, observedGeneration }
  }
  if (reserve !== undefined)
    return { type, status: 'False', reason: 'ConnectionsNotReserved', message: reserve, observedGeneration }
  return { type, status: 'True', ...enough(connections), observedGeneration }
}

/** Connections that a server of its version cannot reserve for the operator still do not count for tenants. */
function overcommitment({ max, forSuperusers, reserved }: ServerConnections, committed: number): string | undefined {
  const kept = Math.max(reserved ?? 0, forOperator)
  const forTenants = Math.max(max - forSuperusers - kept, 0)
  if (committed <= forTenants) return undefined
  return `The connection limits of the tenants here add up to ${committed}, and the server has ${forTenants} connections for them (max_connections ${max}, without ${forSuperusers} for superusers and ${kept} for the operator). When all are used, the server refuses further ones to each tenant. Raise max_connections, lower the limits in plans and Tenants (database.connectionLimit), or set spec.unschedulable so that no further tenant is placed here.`
}

function tooFewReserved({ reserved, reserveSql }: ServerConnections): string | undefined {
  if (reserveSql.length === 0) return undefined
  const restart =
    (reserved ?? 0) < forOperator ? ' reserved_connections takes effect at the next start of the server.' : ''
  return `The server does not reserve enough connections for the operator: while all others are used, Tenantry can repair, turn off or remove nothing here. As an administrator of the server, run: ${reserveSql.join(' ')}${restart}`
}

function enough({ reserved }: ServerConnections): Pick<NewCondition, 'reason' | 'message'> {
  const message = 'The connection limits of the tenants here add up to no more than the server has for them'
  return reserved === null
    ? {
        reason: 'ConnectionsWithinLimits',
        message: `${message}. PostgreSQL before 16 cannot reserve connections for the operator.`,
      }
    : { reason: 'ConnectionsReserved', message: `${message}, and it reserves some for the operator.` }
}
