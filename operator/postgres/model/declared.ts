/**
 * The parameters that are declared for a tenant, put on both its logins. Which ones were put there is recorded in the
 * comment on each login, so that one that is not declared any more is taken off, and what the tenant has set itself stays. Pure.
 */
import { loginNames } from './login-names.ts'
import { isSameName, isSameValue, settingsOf } from './login-settings.ts'
import type { SettingChange } from './login-settings.ts'
import { parseMark } from './mark.ts'
import type { LoginName, TenantDatabase } from './port.ts'
import { shapeOf } from './shape.ts'
import type { ObservedDatabase } from './observed-database.ts'

/** What tells which parameters may be set on a server. */
export type Account = Pick<ObservedDatabase, 'version' | 'settable'>

/** Parameters that take a superuser, or GRANT SET ON PARAMETER. */
export const grantable = ['temp_file_limit'] as const
const needsGrant: ReadonlySet<string> = new Set(grantable)

/** `server_version_num` of the first version that has the parameter. */
const since: Readonly<Record<string, number>> = { transaction_timeout: 170_000 }

/** Of a parameter that not all supported versions have. */
export function firstVersionWith(name: string): number | undefined {
  const version = since[name]
  return version === undefined ? undefined : Math.floor(version / 10_000)
}

/** Why a parameter cannot be set on a server; undefined where it can. */
export function withheld(name: string, { version, settable = [] }: Account): 'NotGranted' | 'TooOld' | undefined {
  if (version < (since[name] ?? 0)) return 'TooOld'
  return needsGrant.has(name) && !settable.includes(name) ? 'NotGranted' : undefined
}

/** What the logins start with, as far as the server lets us; the schema that a tenant starts in is not declared. */
function declared(target: TenantDatabase, account: Account): readonly (readonly [string, string])[] {
  const own = shapeOf(target).loginSettings(target)
  return Object.entries(target.parameters ?? {}).filter(
    ([name]) => withheld(name, account) === undefined && !(name in own),
  )
}

/** The parameters that were put on a login of this comment. */
function recorded(comment: string | undefined): readonly string[] {
  const mark = parseMark(comment)
  return mark?.kind === 'login' ? (mark.parameters ?? []) : []
}

/** Whether a parameter is, or was, put on a login by us, and not set by the tenant. */
export function isDeclared(target: TenantDatabase, seen: ObservedDatabase, name: string): boolean {
  const names = [
    ...declared(target, seen).map(([each]) => each),
    ...recorded(seen.logins.a?.comment),
    ...recorded(seen.logins.b?.comment),
  ]
  return names.some((each) => isSameName(each, name))
}

/**
 * What the comment on a login is to record. One that may not be taken off stays; with `before`, all that may be on the login
 * until it is known what the server takes.
 */
export function recordOf(target: TenantDatabase, seen: ObservedDatabase, login: LoginName, before: boolean): string[] {
  const there = recorded(seen.logins[login]?.comment)
  const kept = before ? there : there.filter((name) => withheld(name, seen) !== undefined)
  return [...new Set([...declared(target, seen).map(([name]) => name), ...kept])].toSorted()
}

/** What is left to do on the logins. */
export function declaredChanges(target: TenantDatabase, seen: ObservedDatabase): readonly SettingChange[] {
  return loginNames.flatMap((login) => changesOf(target, seen, login))
}

function changesOf(target: TenantDatabase, seen: ObservedDatabase, login: LoginName): readonly SettingChange[] {
  const role = seen.logins[login]
  const there = settingsOf(role?.settings ?? [], target.names.database)
  const wanted = declared(target, seen)
  const find = (name: string, here: boolean) => there.find((each) => each.here === here && isSameName(each.name, name))
  const former = recorded(role?.comment).filter(
    (name) => withheld(name, seen) === undefined && !wanted.some(([each]) => isSameName(each, name)),
  )
  return [
    ...wanted.flatMap(([name, value]): SettingChange[] => {
      const found = find(name, false)
      const right = found !== undefined && isSameValue(name, found.value, value)
      return [
        ...(right ? [] : [{ login, name, value, here: false }]),
        // It would go before the one for all databases.
        ...(find(name, true) === undefined ? [] : [{ login, name, value: undefined, here: true }]),
      ]
    }),
    ...former
      .filter((name) => find(name, false) !== undefined)
      .map((name) => ({ login, name, value: undefined, here: false })),
  ]
}
