/**
 * The act on a tenant's roles. What they are to be goes in one transaction. What a login is to start with is the first to be
 * left out where the server refuses: a parameter must keep no login from being closed, and no password from changing.
 */
import { assertRolesMayBeCreated } from './acts-missing.ts'
import { carriedSettings, carriedTo } from './login-settings.ts'
import { emptyCorner, look } from './look.ts'
import { PostgresError } from './port.ts'
import type { DatabaseAction, ObservedDatabase, TenantDatabase } from './port.ts'
import { notAsExpected, succeeds } from './refused.ts'
import type { Server } from './server.ts'
import { shapeOf } from './shape.ts'
import { assertNoDatabase, roleStatements } from './statements/roles.ts'
import { settingStatement } from './statements/settings.ts'
import type { Tally } from './tally.ts'

type EnsureRoles = Extract<DatabaseAction, { kind: 'EnsureRoles' }>

export async function ensureRoles(
  server: Server,
  action: EnsureRoles,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const { target, verifiers, fresh = false } = action
  const nothing = fresh ? emptyCorner(server) : undefined
  if (nothing !== undefined) {
    // One that is shared is there before most of its tenants.
    const alone = shapeOf(target).ownsSessions ? [assertNoDatabase(target)] : []
    const statements = [...roleStatements(target, nothing, verifiers), ...alone]
    if (await succeeds(server.transact(statements, signal), notAsExpected)) return
  }
  const seen = await look(server, target, signal)
  assertRolesMayBeCreated(target, seen, fresh)
  tally.notCarried(await writeRoles(server, action, seen, signal))
  // Someone with more rights may have granted what our account cannot take back; REVOKE then only warns.
  const healing = seen.owner !== undefined && roleStatements(target, seen, {}).length > 0
  const left = healing ? roleStatements(target, await look(server, target, signal), {}) : []
  if (left.length > 0)
    throw new PostgresError(
      'InsufficientPrivilege',
      `The operator's account cannot undo a change to the tenant's roles. As an administrator of the server run: ${left.join('; ')};`,
    )
}

/** The names of the parameters that the tenant has set for one login, and that this account may not set for the other. */
async function writeRoles(
  server: Server,
  { target, verifiers, next }: EnsureRoles,
  seen: ObservedDatabase,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const roles = roleStatements(target, seen, verifiers)
  const changes = changesOf(target, seen, next)
  const settings = changes.map((change) => settingStatement(target.names, change))
  if (changes.length === 0) await server.transact(roles, signal)
  else if (!(await succeeds(server.transact([...roles, ...settings], signal), notAsExpected))) {
    await server.transact(roles, signal)
    const refused: string[] = []
    for (const [at, { name }] of changes.entries())
      if (!(await succeeds(server.transact([settings[at] ?? ''], signal), notAsExpected))) refused.push(name)
    return [...new Set(refused)].toSorted()
  }
  return []
}

function changesOf(target: TenantDatabase, seen: ObservedDatabase, next: EnsureRoles['next']) {
  const to = carriedTo(seen, next)
  return to === undefined ? [] : carriedSettings(target, seen, to, Object.keys(shapeOf(target).loginSettings(target)))
}
