/**
 * The rules, in order, that find what does not belong to the tenant on its server. Nothing without a mark of the tenant is
 * ever changed or dropped. The answer of a rule is a sentence for people. Pure.
 */
import { loginComment, ownerComment, sameTenant } from './mark.ts'
import { PostgresError } from './port.ts'
import type { TenantDatabase } from './port.ts'
import { identifier, literal } from './quote.ts'
import type { ObservedDatabase, ObservedMark, ObservedRole } from './observed-database.ts'

type Check = (target: TenantDatabase, seen: ObservedDatabase) => string | undefined

const wayOut = 'Rename it, then Tenantry continues automatically.'

const checks: readonly Check[] = [foreignRoles, foreignDatabase]

/** Why `apply` must leave this alone, or undefined. */
export function conflict(target: TenantDatabase, seen: ObservedDatabase): string | undefined {
  for (const check of checks) {
    const message = check(target, seen)
    if (message !== undefined) return message
  }
  return undefined
}

/** A recorded name belonged to the tenant: what bears it may be the tenant's data, come back without its mark. */
function isRecorded({ creation }: TenantDatabase): boolean {
  return creation !== undefined
}

/**
 * The statements for an administrator who knows that something is the tenant's. No message ever asks to drop what may
 * be a tenant's.
 */
function ifItsOwn(statements: string): string {
  return `If it is the tenant's, restored, run as an administrator of the server: ${statements}`
}

interface ForeignRole {
  readonly name: string
  readonly mark: ObservedMark | undefined
  /** The comment that it would have as the tenant's. */
  readonly comment: string
}

function foreignRoles(target: TenantDatabase, seen: ObservedDatabase): string | undefined {
  const { names, mark } = target
  const roles: readonly (readonly [string, ObservedRole | undefined, string])[] = [
    // Without a version of the inside, which makes Tenantry complete it once more.
    [names.owner, seen.owner, ownerComment(mark, names)],
    [names.logins.a, seen.logins.a, loginComment(mark)],
    [names.logins.b, seen.logins.b, loginComment(mark)],
  ]
  const foreign = roles.flatMap(([name, role, comment]): ForeignRole[] =>
    role === undefined || (role.mark !== undefined && sameTenant(mark, role.mark))
      ? []
      : [{ name, mark: role.mark, comment }],
  )
  const [first] = foreign
  if (first === undefined) return undefined
  if (!isRecorded(target)) return `${roleSentence(first)} ${wayOut}`
  const statements = foreign.map(({ name, comment }) => `COMMENT ON ROLE ${identifier(name)} IS ${literal(comment)};`)
  return [...foreign.map(roleSentence), ifItsOwn(statements.join(' '))].join(' ')
}

function roleSentence({ name, mark }: ForeignRole): string {
  if (mark === undefined) return `The role "${name}" exists on the server without a mark of Tenantry.`
  return `The role "${name}" belongs to ${describe(mark)}.`
}

/**
 * A database that the operator owns was made by this account. The tenant's role, whose name is made for it, or the mark of
 * completion shows the tenant. A shared database belongs to no tenant and has a mark of its own.
 */
function foreignDatabase(target: TenantDatabase, seen: ObservedDatabase): string | undefined {
  const name = target.names.database
  const database = seen.database
  if (database === undefined) return undefined
  if (database.owner !== seen.operator) return ownedByAnother(target, database.owner, seen.operator)
  // Without a comment it counts as the restored database that it is.
  const marked = isRecorded(target) ? ifItsOwn(`COMMENT ON DATABASE ${identifier(name)} IS NULL;`) : wayOut
  if (database.mark !== undefined && (target.isolation === 'Schema' || !sameTenant(target.mark, database.mark)))
    return `The database "${name}" belongs to ${describe(database.mark)}. ${marked}`
  if (target.isolation === 'Database' && database.shared === true)
    return `The database "${name}" bears the mark of one that tenants share. ${marked}`
  const unmarked =
    target.isolation === 'Schema'
      ? // Closed, it is one that we have just made and not opened yet.
        database.shared !== true && database.allowConnections
      : database.mark === undefined && seen.owner === undefined
  return unmarked && !isRecorded(target)
    ? `The database "${name}" exists on the server without a mark of Tenantry. ${wayOut}`
    : undefined
}

function ownedByAnother(target: TenantDatabase, owner: string, operator: string): string {
  const name = target.names.database
  const found = `The database "${name}" belongs to the role "${owner}", not to the operator.`
  if (!isRecorded(target)) return `${found} ${wayOut}`
  return `${found} ${ifItsOwn(`ALTER DATABASE ${identifier(name)} OWNER TO ${identifier(operator)};`)}`
}

interface ForeignSchema {
  readonly name: string
  readonly owner: string
  readonly operator: string
  /** It is the schema of the admin directory, whose table goes with it. */
  readonly isDirectory: boolean
}

/** A schema inside the database under the tenant's name that belongs to another role. */
export function foreignSchema(
  target: TenantDatabase,
  { name, owner, operator, isDirectory }: ForeignSchema,
): PostgresError {
  const found = `In the database "${target.names.database}" the schema "${name}" belongs to the role "${owner}".`
  const to = `OWNER TO ${identifier(operator)};`
  const table = isDirectory ? ` ALTER TABLE IF EXISTS ${identifier(name)}."admins" ${to}` : ''
  const statements = `ALTER SCHEMA ${identifier(name)} ${to}${table}`
  const way = isRecorded(target) ? `${ifItsOwn(statements)} They are to be run in that database.` : wayOut
  return new PostgresError('Conflict', `${found} ${way}`)
}

function describe({ installation, uid }: ObservedMark): string {
  return `the tenant with uid ${uid} of the installation ${installation}`
}
