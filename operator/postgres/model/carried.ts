/**
 * A tenant's own settings on one of its logins, carried to the other: the two alternate, and an application that reads
 * its Secret again must not find other sessions than before. Pure.
 */
import { isDeclared } from './declared.ts'
import { loginNames, otherLogin } from './login-names.ts'
import { isSameName, isSameValue, settingsOf } from './login-settings.ts'
import type { Setting, SettingChange } from './login-settings.ts'
import type { LoginName, TenantDatabase } from './port.ts'
import { shapeOf } from './shape.ts'
import type { ObservedDatabase } from './observed-database.ts'

/** The tenant's own settings on a login: all except `role` and the declared parameters. */
function ownSettings(target: TenantDatabase, seen: ObservedDatabase, login: LoginName): readonly Setting[] {
  return settingsOf(seen.logins[login]?.settings ?? [], target.names.database).filter(
    ({ name }) => !isSameName(name, 'role') && !isDeclared(target, seen, name),
  )
}

/**
 * The login that receives the tenant's own settings from the other one: the one that is about to be the current login
 * (`next`), or one that is recreated beside an existing one. Undefined where there is no source.
 */
export function carriedTo({ logins }: ObservedDatabase, next: LoginName | undefined): LoginName | undefined {
  if (next !== undefined && logins[otherLogin(next)] !== undefined) return next
  return loginNames.find((login) => logins[login] === undefined && logins[otherLogin(login)] !== undefined)
}

/**
 * The changes that give login `to` the tenant's own settings of the other login. Where the tenant starts in its schema,
 * every login has that setting.
 */
export function carriedSettings(
  target: TenantDatabase,
  seen: ObservedDatabase,
  to: LoginName,
): readonly SettingChange[] {
  const kept = Object.keys(shapeOf(target).loginSettings(target))
  const wanted = ownSettings(target, seen, otherLogin(to))
  const there = ownSettings(target, seen, to)
  const isWanted = (setting: Setting) => wanted.some((each) => isSame(each, setting))
  const isKept = ({ name, here }: Setting) => !here && kept.some((each) => isSameName(each, name))
  return [
    ...there
      .filter((each) => !isWanted(each) && !isKept(each))
      .map((each) => ({ ...each, login: to, value: undefined })),
    ...wanted
      .filter((each) => !there.some((one) => isSame(one, each) && isSameValue(each.name, one.value, each.value)))
      .map((each) => ({ ...each, login: to })),
  ]
}

function isSame(one: Setting, other: Setting): boolean {
  return one.here === other.here && isSameName(one.name, other.name)
}
