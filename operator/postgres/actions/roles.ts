/**
 * The action on a tenant's roles, in one transaction. Where the server refuses it, the logins' parameters are the first
 * to be left out: a parameter must keep no login from being closed, and no password from changing.
 */
import { assertRolesMayBeCreated } from './creation-check.ts'
import { giveWhatCanBe } from './object-owner.ts'
import { carriedSettings, carriedTo } from '../model/carried.ts'
import { declaredChanges } from '../model/declared.ts'
import type { SettingChange } from '../model/login-settings.ts'
import { emptyDatabase, look } from '../reads/look.ts'
import { PostgresError } from '../model/port.ts'
import type { DatabaseAction, TenantDatabase } from '../model/port.ts'
import { notAsExpected, notTaken, succeeds } from '../model/refused-statement.ts'
import type { Server } from '../session/server.ts'
import { shapeOf } from '../model/shape.ts'
import { assertNoDatabase, bareRoleStatements, healingStatements, roleStatements } from '../statements/roles-sql.ts'
import { settingStatement } from '../statements/settings-sql.ts'
import type { RefusedParameters, Tally } from './written.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

type EnsureRoles = Extract<DatabaseAction, { kind: 'EnsureRoles' }>

export async function ensureRoles(
  server: Server,
  action: EnsureRoles,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const { target, verifiers, certainlyAbsent = false } = action
  const nothing = certainlyAbsent ? emptyDatabase(server) : undefined
  if (nothing !== undefined) {
    // A shared database exists before most of its tenants.
    const alone = shapeOf(target).ownsSessions ? [assertNoDatabase(target)] : []
    const statements = [...roleStatements(target, nothing, verifiers), ...alone]
    if (await succeeds(server.transact(statements, signal), notAsExpected)) return
  }
  const seen = await look(server, target, signal)
  assertRolesMayBeCreated(target, seen, certainlyAbsent)
  // The next login would be locked out of the objects that the other one made for itself.
  if (action.next !== undefined) await giveWhatCanBe(server, target, seen, signal)
  const refusedParameters = await writeRoles(server, action, seen, signal)
  tally.refusedParameters(refusedParameters)
  // An administrator may have granted what the operator's account cannot revoke; REVOKE only warns then.
  const healing = seen.owner !== undefined && healingStatements(target, seen).length > 0
  const left = healing ? healingStatements(target, await look(server, target, signal)) : []
  if (left.length > 0)
    throw new PostgresError(
      'InsufficientPrivilege',
      `The operator's account cannot undo a change to the tenant's roles. As an administrator of the server run: ${left.join('; ')};`,
    )
}

async function writeRoles(
  server: Server,
  { target, verifiers, next }: EnsureRoles,
  seen: ObservedDatabase,
  signal: AbortSignal,
): Promise<RefusedParameters> {
  const to = carriedTo(seen, next)
  const declared = declaredChanges(target, seen)
  const carried = to === undefined ? [] : carriedSettings(target, seen, to)
  const all = [
    ...roleStatements(target, seen, verifiers),
    ...carried.map((change) => settingStatement(target.names, change)),
  ]
  const none = { declared: [], carried: [] }
  if (declared.length === 0 && carried.length === 0) {
    await server.transact(all, signal)
    return none
  }
  if (await succeeds(server.transact(all, signal), notTaken)) return none
  await server.transact(bareRoleStatements(target, seen, verifiers), signal)
  return {
    declared: await refusedParametersOf(server, target, declared, signal),
    carried: await refusedParametersOf(server, target, carried, signal),
  }
}

/** One by one: what the server accepts is done, and the names of the rest are returned. */
async function refusedParametersOf(
  server: Server,
  { names }: TenantDatabase,
  changes: readonly SettingChange[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const refused: string[] = []
  for (const change of changes) {
    const work = server.transact([settingStatement(names, change)], signal)
    if (!(await succeeds(work, notTaken))) refused.push(change.name)
  }
  return [...new Set(refused)].toSorted()
}
