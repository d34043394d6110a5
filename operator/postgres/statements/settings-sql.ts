/**
 * SQL for what the sessions of a login role start with. Names and values come from a tenant, and are quoted as such.
 */
import { elementsOf } from '../model/login-settings.ts'
import type { SettingChange } from '../model/login-settings.ts'
import type { DatabaseNames } from '../../api/names.ts'
import { generatedName, identifier, literal } from '../model/quote.ts'

export function settingStatement(names: DatabaseNames, { login, name, value, here }: SettingChange): string {
  const where = here ? ` IN DATABASE ${generatedName(names.database)}` : ''
  const parameter = name.split('.').map(identifier).join('.')
  const what = value === undefined ? `RESET ${parameter}` : `SET ${parameter} = ${constants(name, value)}`
  return `ALTER ROLE ${generatedName(names.logins[login])}${where} ${what}`
}

/** A list as one constant would be one name with commas in it. */
function constants(name: string, value: string): string {
  return elementsOf(name, value).map(literal).join(', ')
}
