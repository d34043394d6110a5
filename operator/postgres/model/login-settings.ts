/**
 * What the sessions of a login role start with (ALTER ROLE … SET), read from the catalogue. It has three sources:
 * Tenantry (`role`), the declared parameters, and the tenant itself for the rest. Pure.
 */
import type { LoginName } from './port.ts'

/** One entry of `pg_db_role_setting`. */
export interface Setting {
  readonly name: string
  readonly value: string
  /** In the tenant's database only (ALTER ROLE … IN DATABASE), which overrides the setting for all databases. */
  readonly here: boolean
}

/** Without settings for other databases. */
export function settingsOf(settings: readonly string[], database: string): readonly Setting[] {
  const prefix = `${database}/`
  return settings.flatMap((entry) => {
    const here = entry.startsWith(prefix)
    const [name = '', ...value] = (here ? entry.slice(prefix.length) : entry).split('=')
    return name === '' || name.includes('/') ? [] : [{ name, value: value.join('='), here }]
  })
}

/**
 * Parameters whose value is a list of quoted names, each of which has to reach the server as a constant of its own
 * (GUC_LIST_QUOTE).
 */
const lists: ReadonlySet<string> = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])
/** The list parameters whose unquoted elements are identifiers, hence in lower case. */
const identifierLists: ReadonlySet<string> = new Set(['search_path', 'temp_tablespaces'])

/** The constants for SET, one each. */
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

/** A change of one setting that the server may refuse without harm to anything else. */
export interface SettingChange extends Omit<Setting, 'value'> {
  readonly login: LoginName
  /** Undefined: the setting is removed. */
  readonly value: string | undefined
}
