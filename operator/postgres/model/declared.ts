/**
 * The declared parameters of a tenant, set on both its logins. The comment on each login records them, so that a
 * parameter that is no longer declared is removed, and the tenant's own settings stay. Pure.
 */
import { loginNames } from './login-names.ts'
import { isSameName, isSameValue, settingsOf } from './login-settings.ts'
import type { SettingChange } from './login-settings.ts'
import { parseMark } from './mark.ts'
import type { LoginName, TenantDatabase } from './port.ts'
import { shapeOf } from './shape.ts'
import type { ObservedDatabase } from './observed-database.ts'

/** The facts that tell which parameters may be set on a server. */
export type Account = Pick<ObservedDatabase, 'version' | 'settable'>

/** Parameters that need a superuser, or GRANT SET ON PARAMETER. */
export const grantable = ['temp_file_limit'] as const
const needsGrant: ReadonlySet<string> = new Set(grantable)

/** `server_version_num` of the first version that has the parameter. */
const since: Readonly<Record<string, number>> = { transaction_timeout: 170_000 }

/** The first version with a parameter that not all supported versions have. */
export function firstVersionWith(name: string): number | undefined {
  const version = since[name]
  return version === undefined ? undefined : Math.floor(version / 10_000)
}

/** Why a parameter cannot be set on a server; undefined where it can. */
export function withheld(name: string, { version, settable = [] }: Account): 'NotGranted' | 'TooOld' | undefined {
  if (version < (since[name] ?? 0)) return 'TooOld'
  return needsGrant.has(name) && !settable.includes(name) ? 'NotGranted' : undefined
}

/**
 * The parameters with which logins start, as far as the server allows; the schema that a tenant starts in is not
 * declared.
 */
function declared(target: TenantDatabase, account: Account): readonly (readonly [string, string])[] {
  const own = shapeOf(target).loginSettings(target)
  return Object.entries(target.parameters ?? {}).filter(
    ([name]) => withheld(name, account) === undefined && !(name in own),
  )
}

/** The parameters that a login's comment records. */
function recorded(comment: string | undefined): readonly string[] {
  const mark = parseMark(comment)
  return mark?.kind === 'login' ? (mark.parameters ?? []) : []
}

/** Whether Tenantry set, or had set, a parameter on a login, and not the tenant. */
export function isDeclared(target: TenantDatabase, seen: ObservedDatabase, name: string): boolean {
  const names = [
    ...declared(target, seen).map(([each]) => each),
    ...recorded(seen.logins.a?.comment),
    ...recorded(seen.logins.b?.comment),
  ]
  return names.some((each) => isSameName(each, name))
}

/**
 * The parameters that a login's comment is to record. One that may not be removed stays; with `before`, all that may be
 * on the login until the server's answer is known.
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
        // It would override the setting for all databases.
        ...(find(name, true) === undefined ? [] : [{ login, name, value: undefined, here: true }]),
      ]
    }),
    ...former
      .filter((name) => find(name, false) !== undefined)
      .map((name) => ({ login, name, value: undefined, here: false })),
  ]
}
