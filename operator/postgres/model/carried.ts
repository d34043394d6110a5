/**
 * What a tenant has set for one of its logins, carried to the other: the two take turns, and an application that reads its
 * Secret again must not find other sessions than before. Pure.
 */
import { isDeclared } from './declared.ts'
import { loginNames, otherLogin } from './login-names.ts'
import { isSameName, isSameValue, settingsOf } from './login-settings.ts'
import type { Setting, SettingChange } from './login-settings.ts'
import type { LoginName, TenantDatabase } from './port.ts'
import { shapeOf } from './shape.ts'
import type { ObservedDatabase } from './observed-database.ts'

/** What a tenant has set itself for a login: all but `role` and what is declared for it. */
function ownSettings(target: TenantDatabase, seen: ObservedDatabase, login: LoginName): readonly Setting[] {
  return settingsOf(seen.logins[login]?.settings ?? [], target.names.database).filter(
    ({ name }) => !isSameName(name, 'role') && !isDeclared(target, seen, name),
  )
}

/**
 * The login to which what the tenant has chosen for the other one is carried: that which is about to be the current one
 * (`next`), or one that is made anew beside one that is there. Undefined where there is none to take it from.
 */
export function carriedTo({ logins }: ObservedDatabase, next: LoginName | undefined): LoginName | undefined {
  if (next !== undefined && logins[otherLogin(next)] !== undefined) return next
  return loginNames.find((login) => logins[login] === undefined && logins[otherLogin(login)] !== undefined)
}

/** What makes the tenant's own settings of login `to` those of the other one. Where it starts in its schema, no login goes without. */
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
