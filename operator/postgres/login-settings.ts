/**
 * What the sessions of a login role start with (ALTER ROLE … SET), read from the catalogue. Three have a say in it: Tenantry
 * (`role`), what is declared for the tenant, and the tenant itself, with all that is left. Pure.
 */
import type { LoginName, ObservedDatabase, TenantDatabase } from './port.ts'

/** One entry of `pg_db_role_setting`. */
export interface Setting {
  readonly name: string
  readonly value: string
  /** In the tenant's database only (ALTER ROLE … IN DATABASE), which goes before the setting for all databases. */
  readonly here: boolean
}

/** Without those for other databases. */
export function settingsOf(settings: readonly string[], database: string): readonly Setting[] {
  const prefix = `${database}/`
  return settings.flatMap((entry) => {
    const here = entry.startsWith(prefix)
    const [name = '', ...value] = (here ? entry.slice(prefix.length) : entry).split('=')
    return name === '' || name.includes('/') ? [] : [{ name, value: value.join('='), here }]
  })
}

/** Parameters whose value is a list of quoted names, each of which has to reach the server by itself (GUC_LIST_QUOTE). */
const lists: ReadonlySet<string> = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])
/** Of these, those of which an element without quotes is an identifier, hence in lower case. */
const identifierLists: ReadonlySet<string> = new Set(['search_path', 'temp_tablespaces'])

/** What SET has to be given, one constant each. */
export function elementsOf(name: string, value: string): readonly string[] {
  const key = name.toLowerCase()
  if (!lists.has(key)) return [value]
  const found = value.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)
  const elements = [...found].flatMap(([all, quoted, plain = '']) => {
    if (quoted !== undefined) return [quoted.replaceAll('""', '"')]
    const text = plain.trim()
    return all === '' || text === '' ? [] : [identifierLists.has(key) ? text.toLowerCase() : text]
  })
  return elements.length === 0 ? [''] : elements
}

/** Whether two spellings of a parameter's value are the same for the server. */
export function isSameValue(name: string, one: string, other: string): boolean {
  if (one === other) return true
  const [mine, others] = [elementsOf(name, one), elementsOf(name, other)]
  return lists.has(name.toLowerCase()) && mine.length === others.length && mine.every((each, at) => each === others[at])
}

export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

export function otherOf(login: LoginName): LoginName {
  return login === 'a' ? 'b' : 'a'
}

/** A change of one setting that the server may refuse without harm to anything else. */
export interface SettingChange extends Omit<Setting, 'value'> {
  readonly login: LoginName
  /** Undefined: the setting is taken off. */
  readonly value: string | undefined
}

/** What a tenant has chosen itself for a login: all but `role`. */
function ownSettings(target: TenantDatabase, seen: ObservedDatabase, login: LoginName): readonly Setting[] {
  return settingsOf(seen.logins[login]?.settings ?? [], target.names.database).filter(
    ({ name }) => !isSameName(name, 'role'),
  )
}

/**
 * The login to which what the tenant has chosen for the other one is carried: that which is about to be the current one
 * (`next`), or one that is made anew beside one that is there. Undefined where there is none to take it from.
 */
export function carriedTo({ logins }: ObservedDatabase, next: LoginName | undefined): LoginName | undefined {
  if (next !== undefined && logins[otherOf(next)] !== undefined) return next
  return (['a', 'b'] as const).find((login) => logins[login] === undefined && logins[otherOf(login)] !== undefined)
}

/** What makes the tenant's own settings of login `to` those of the other one; `kept`: what no login goes without. */
export function carriedSettings(
  target: TenantDatabase,
  seen: ObservedDatabase,
  to: LoginName,
  kept: readonly string[],
): readonly SettingChange[] {
  const wanted = ownSettings(target, seen, otherOf(to))
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
