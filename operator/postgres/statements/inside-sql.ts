/** SQL inside a database of the tenant's own: its schema, the admin directory, the tenant's right to connect. */
import { directorySchema } from '../../api/names.ts'
import { databaseComment, ownerComment } from '../model/mark.ts'
import type { TenantDatabase } from '../model/port.ts'
import { generatedName, literal } from '../model/quote.ts'
import { completedInside } from '../model/shape.ts'
import { borrow, giveBack } from './borrow-sql.ts'
import { letOwnerIn } from './database-sql.ts'
import { directoryStatements } from './directory-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

/** Made before the tenant can connect, so the tenant cannot have made it. */
export const ownDirectory = directorySchema({})

/** What {@link insideQuery} saw: owners of the two schemas, and whether the directory's table exists. */
export interface Inside {
  readonly publicOwner: string | null
  readonly directoryOwner: string | null
  readonly directoryTable: boolean
}

/** As template0 has it. */
export const freshInside: Inside = { publicOwner: 'pg_database_owner', directoryOwner: null, directoryTable: false }

/** One row with {@link Inside} as JSON, read inside the tenant's database. */
export const insideQuery = `
SELECT json_build_object(
  'publicOwner', (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'),
  'directoryOwner', (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = '${ownDirectory}'),
  'directoryTable', EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = '${ownDirectory}' AND c.relname = 'admins' AND c.relkind = 'r')) AS inside`

/** All of the inside, in one transaction that ends with the tenant's right to connect and the mark `complete`. */
export function insideStatements(target: TenantDatabase, seen: ObservedDatabase, inside: Inside): string[] {
  const owner = generatedName(target.names.owner)
  const database = generatedName(target.names.database)
  return [
    borrow(owner, seen.version),
    ...publicSchema(owner, inside),
    ...directoryStatements(ownDirectory, owner, inside),
    giveBack(owner),
    letOwnerIn(target),
    `COMMENT ON ROLE ${owner} IS ${literal(ownerComment(target.mark, target.names, completedInside({ ...seen, complete: true })))}`,
    `COMMENT ON DATABASE ${database} IS ${literal(databaseComment(target.mark))}`,
  ]
}

function publicSchema(owner: string, inside: Inside): string[] {
  const close = 'REVOKE ALL ON SCHEMA public FROM PUBLIC'
  if (inside.publicOwner === null) return [`CREATE SCHEMA public AUTHORIZATION ${owner}`]
  // As template0 has it. Everything else that the tenant has made of its schema is the tenant's affair.
  if (inside.publicOwner === 'pg_database_owner') return [`ALTER SCHEMA public OWNER TO ${owner}`, close]
  return []
}
