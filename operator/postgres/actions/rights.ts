/**
 * The rights that the operator's account lacks after a refusal of PostgreSQL (42501), with the statements that give
 * them.
 */
import { z } from 'zod'

import { PostgresError } from '../model/port.ts'
import type { TenantDatabase } from '../model/port.ts'
import { identifier } from '../model/quote.ts'
import { column } from '../session/server.ts'
import type { Server } from '../session/server.ts'
import { missingRightsQuery } from '../statements/rights-sql.ts'

const rightsSeen = z.object({
  account: z.string(),
  attributes: z.array(z.string()).nullable(),
  roles: z.array(z.string()),
})

/**
 * `error` with the statements, or the account where the server names a privilege that none of them gives; another error as it
 * is.
 */
export async function withMissingRights(
  error: unknown,
  server: Pick<Server, 'read'>,
  { names }: TenantDatabase,
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof PostgresError) || error.reason !== 'InsufficientPrivilege') return error
  const roles = [names.owner, names.logins.a, names.logins.b]
  const [row] = await server.read({ text: missingRightsQuery, values: [roles] }, signal)
  const rights = rightsSeen.parse(column(row, 'rights'))
  const statements = grantsOf(rights)
  // The operator's own refusals have no SQLSTATE, and a statement of their own.
  if (statements.length === 0 && error.sqlstate === undefined) return error
  const remedy =
    statements.length === 0
      ? `As a superuser, GRANT the role ${identifier(rights.account)} the privilege that the server names, or make it the owner`
      : `Run as a superuser: ${statements.join('; ')}`
  const message = `${error.message} ${remedy}; then Tenantry continues automatically.`
  return new PostgresError(error.reason, message, error.sqlstate)
}

function grantsOf({ account, attributes, roles }: z.infer<typeof rightsSeen>): readonly string[] {
  const to = identifier(account)
  const lacks = attributes ?? []
  return [
    ...(lacks.length === 0 ? [] : [`ALTER ROLE ${to} ${lacks.join(' ')}`]),
    ...(roles.length === 0
      ? []
      : [`GRANT ${roles.map(identifier).join(', ')} TO ${to} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`]),
  ]
}
