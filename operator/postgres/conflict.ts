/**
 * Whose is it? Nothing that bears no mark of this tenant is ever changed or dropped. A rule is a check in an ordered
 * list; its answer is a sentence for people.
 */
import { sameTenant } from './mark.ts'
import type { Mark, ObservedDatabase, ObservedMark, ObservedRole, TenantDatabase } from './port.ts'

type Check = (target: TenantDatabase, seen: ObservedDatabase) => string | undefined

const wayOut = 'Rename it or drop it, then Tenantry goes on by itself.'

const checks: readonly Check[] = [
  (target, seen) => foreignRole(target.names.owner, target.mark, seen.owner),
  (target, seen) => foreignRole(target.names.logins.a, target.mark, seen.logins.a),
  (target, seen) => foreignRole(target.names.logins.b, target.mark, seen.logins.b),
  foreignDatabase,
]

/** Why `apply` must leave this alone, or undefined. */
export function conflict(target: TenantDatabase, seen: ObservedDatabase): string | undefined {
  for (const check of checks) {
    const message = check(target, seen)
    if (message !== undefined) return message
  }
  return undefined
}

function foreignRole(name: string, mine: Mark, seen: ObservedRole | undefined): string | undefined {
  if (seen === undefined) return undefined
  if (seen.mark === undefined) return `The role "${name}" exists on the server without a mark of Tenantry. ${wayOut}`
  if (sameTenant(mine, seen.mark)) return undefined
  return `The role "${name}" belongs to ${describe(seen.mark)}. ${wayOut}`
}

/**
 * That the operator owns a database shows that this account made it; the role of the tenant, whose name is made for it,
 * or the mark of its completion shows for whom. A shared one is nobody's and has a mark of its own.
 */
function foreignDatabase(target: TenantDatabase, seen: ObservedDatabase): string | undefined {
  const name = target.names.database
  const database = seen.database
  if (database === undefined) return undefined
  if (database.owner !== seen.operator) return ownedByAnother(target, database.owner, seen.operator)
  if (database.mark !== undefined && (target.isolation === 'Schema' || !sameTenant(target.mark, database.mark)))
    return `The database "${name}" belongs to ${describe(database.mark)}. ${wayOut}`
  const unmarked =
    target.isolation === 'Schema'
      ? // Closed, it is one that we have just made and not opened yet.
        database.shared !== true && database.allowConnections
      : database.mark === undefined && seen.owner === undefined
  // One of a name that is recorded was restored in the place of a lost one.
  const restored = target.creation !== undefined
  if ((unmarked && !restored) || (target.isolation === 'Database' && database.shared === true))
    return `The database "${name}" exists on the server without a mark of Tenantry. ${wayOut}`
  return undefined
}

function ownedByAnother({ names, creation }: TenantDatabase, owner: string, operator: string): string {
  const name = names.database
  const found = `The database "${name}" belongs to the role "${owner}", not to the operator.`
  if (creation === undefined) return `${found} ${wayOut}`
  return `${found} If it is the tenant's, restored, run as an administrator of the server: ALTER DATABASE "${name}" OWNER TO "${operator}";`
}

function describe({ installation, uid }: ObservedMark): string {
  return `the tenant with uid ${uid} of the installation ${installation}`
}
