/** SQL inside a shared database: a tenant's schema and that of its directory, made, repaired and removed. */
import { directorySchema } from '../../api/names.ts'
import { insideVersion, ownerComment } from '../model/mark.ts'
import { mayUse } from '../model/platform-roles.ts'
import type { TenantDatabase } from '../model/port.ts'
import { generatedName, literal } from '../model/quote.ts'
import { wantedSchemas } from '../model/shape.ts'
import type { WantedSchema } from '../model/shape.ts'
import { borrow, giveBack } from './borrow-sql.ts'
import { grantee, letOwnerIn } from './database-sql.ts'
import { directoryStatements } from './directory-sql.ts'
import { existingRoles } from './removal-sql.ts'
import type { ObservedDatabase, ObservedSchema } from '../model/observed-database.ts'

/** What a look found inside, before anything is written there. */
export interface SharedInside {
  readonly schemas: Readonly<Record<string, ObservedSchema>>
  readonly directoryTable: boolean
}

/** One row: whether the directory's table is there. */
export function directoryQuery(target: TenantDatabase): string {
  return `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${literal(directorySchema(target.names))} AND c.relname = 'admins' AND c.relkind = 'r') AS found`
}

/**
 * All of it in one transaction, which ends with the tenant's right to connect and the mark of its completion. What the
 * owner role makes later is its own alone: even a schema that was opened by mistake would not let others execute it.
 */
export function schemaStatements(target: TenantDatabase, seen: ObservedDatabase, inside: SharedInside): string[] {
  const { names, mark } = target
  const owner = generatedName(names.owner)
  const directory = directorySchema(names)
  const defaults = `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE ALL ON`
  return [
    ...closePublic(inside),
    ...wantedSchemas(target, seen.operator).flatMap((want) => ensureSchema(target, want, inside.schemas[want.name])),
    ...directoryStatements(directory, owner, { directoryOwner: seen.operator, directoryTable: inside.directoryTable }),
    borrow(owner, seen.version),
    `${defaults} ROUTINES FROM PUBLIC`,
    `${defaults} TYPES FROM PUBLIC`,
    giveBack(owner),
    letOwnerIn(target),
    `COMMENT ON ROLE ${owner} IS ${literal(ownerComment(mark, names, insideVersion))}`,
  ]
}

function closePublic({ schemas }: SharedInside): string[] {
  const open = schemas['public']?.acl.some((item) => item.startsWith('=')) === true
  return open ? ['REVOKE ALL ON SCHEMA public FROM PUBLIC'] : []
}

function ensureSchema(target: TenantDatabase, want: WantedSchema, seen: ObservedSchema | undefined): string[] {
  const schema = generatedName(want.name)
  const wrong = (seen?.acl ?? []).filter(
    (item) => item !== want.operator && item !== want.tenant && !mayUse(target, item),
  )
  return [
    ...(seen === undefined ? [`CREATE SCHEMA ${schema}`] : []),
    ...new Set(wrong.map((item) => `REVOKE ALL ON SCHEMA ${schema} FROM ${grantee(item)} CASCADE`)),
    ...(seen === undefined || seen.acl.includes(want.operator)
      ? []
      : [`GRANT ALL ON SCHEMA ${schema} TO CURRENT_USER`]),
    `GRANT ${want.words} ON SCHEMA ${schema} TO ${generatedName(target.names.owner)}`,
  ]
}

/**
 * Everything of the tenant in a shared database, in one transaction: its schemas, and what lies in none (large objects,
 * default privileges). No other tenant's objects can depend on it, because no other tenant may use its schema.
 */
export function dropSchemas(target: TenantDatabase, seen: ObservedDatabase): string[] {
  const { names } = target
  const roles = existingRoles(target, seen)
  const schemas = [names.schema ?? '', directorySchema(names)].map(generatedName)
  return [
    `DROP SCHEMA IF EXISTS ${schemas.join(', ')} CASCADE`,
    ...roles.map((role) => borrow(role, seen.version)),
    ...(roles.length === 0 ? [] : [`DROP OWNED BY ${roles.join(', ')} CASCADE`]),
    ...roles.map(giveBack),
  ]
}
