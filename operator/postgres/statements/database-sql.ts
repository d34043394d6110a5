/** SQL for a tenant's database, seen from outside: its existence, the right to connect, the number of connections. */
import { mayEnter } from '../model/platform-roles.ts'
import type { TenantDatabase } from '../model/port.ts'
import { aclGrantee, aclName, generatedName, identifier, integer, literal } from '../model/quote.ts'
import { shapeOf } from '../model/shape.ts'
import { wantedLocale } from './locale-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

/**
 * `datconnlimit` of a database whose DROP DATABASE was interrupted; it can only be dropped (pg_database in the manual).
 */
export const interruptedDrop = -2

/**
 * Outside a transaction, alone. No connections are allowed before PUBLIC's rights are gone. From template0, which
 * allows no connections; WAL_LOG because FILE_COPY forces checkpoints.
 */
export function createDatabase(target: TenantDatabase): string {
  const limit = integer(databaseLimit(target))
  return `CREATE DATABASE ${generatedName(target.names.database)} TEMPLATE template0 ${wantedLocale(target.locale)} STRATEGY wal_log ALLOW_CONNECTIONS false CONNECTION LIMIT ${limit}`
}

/** What {@link createDatabase} leaves: closed to all, with the rights that PostgreSQL gives by default. */
export function freshDatabase(target: TenantDatabase, operator: string): ObservedDatabase['database'] & object {
  const acl = [`=Tc/${aclName(operator)}`, wantedAcl(target, operator).operator]
  return { owner: operator, connectionLimit: databaseLimit(target), allowConnections: false, acl }
}

export function databaseLimit(target: TenantDatabase): number {
  return shapeOf(target).connectionLimit(target)
}

/** What PostgreSQL shows as `datacl` when only the operator and the tenant's owner role have rights, without grant option. */
export function wantedAcl(
  target: TenantDatabase,
  operator: string,
): { readonly operator: string; readonly owner: string } {
  const grantor = aclName(operator)
  return {
    operator: `${grantor}=CTc/${grantor}`,
    owner: `${aclName(target.names.owner)}=${shapeOf(target).rights.letters}/${grantor}`,
  }
}

/** The last statement that completes a tenant's inside: from then on the tenant can connect. */
export function letOwnerIn(target: TenantDatabase): string {
  const { database, owner } = target.names
  return `GRANT ${shapeOf(target).rights.words} ON DATABASE ${generatedName(database)} TO ${generatedName(owner)}`
}

/** The database's limit and rights, once it exists. The tenant's own rights come last, with its inside. */
export function databaseStatements(target: TenantDatabase, seen: ObservedDatabase): string[] {
  const database = seen.database
  if (database === undefined) return []
  const name = generatedName(target.names.database)
  const limit = databaseLimit(target)
  const wanted = wantedAcl(target, seen.operator)
  const comment = shapeOf(target).openedAs(target)
  const wrong = database.acl.filter(
    (item) => item !== wanted.operator && item !== wanted.owner && !mayEnter(target, item),
  )
  const options = [
    ...(database.allowConnections ? [] : ['ALLOW_CONNECTIONS true']),
    ...(database.connectionLimit === limit ? [] : [`CONNECTION LIMIT ${integer(limit)}`]),
  ]
  return [
    ...new Set(wrong.map((item) => `REVOKE ALL ON DATABASE ${name} FROM ${grantee(item)} CASCADE`)),
    ...(database.acl.includes(wanted.operator) ? [] : [`GRANT ALL ON DATABASE ${name} TO CURRENT_USER`]),
    ...(options.length === 0 ? [] : [`ALTER DATABASE ${name} WITH ${options.join(' ')}`]),
    ...(comment === undefined || database.shared === true
      ? []
      : [`COMMENT ON DATABASE ${name} IS ${literal(comment)}`]),
  ]
}

export function grantee(item: string): string {
  const role = aclGrantee(item)
  return role === '' ? 'PUBLIC' : identifier(role)
}

/** For the server's administrator: PUBLIC may not connect to a database that is no tenant's, the operator still may. */
export function closeToPublic(database: string, operator: string): string {
  const name = identifier(database)
  return `REVOKE ALL ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO ${identifier(operator)};`
}
