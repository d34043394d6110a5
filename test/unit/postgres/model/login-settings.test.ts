/** What a login role starts with, carried to the other login of its tenant. */
import test from 'ava'
import { carriedSettings, carriedTo } from '../../../../operator/postgres/model/carried.ts'
import { elementsOf, isSameValue, settingsOf } from '../../../../operator/postgres/model/login-settings.ts'
import type { TenantDatabase } from '../../../../operator/postgres/model/port.ts'
import { settingStatement } from '../../../../operator/postgres/statements/settings-sql.ts'
import type { ObservedDatabase, ObservedRole } from '../../../../operator/postgres/model/observed-database.ts'
import { names, nothing, role as closedRole, target } from '../observed.ts'

const role = (settings: readonly string[]): ObservedRole => ({
  ...closedRole,
  canLogin: true,
  settings: [...closedRole.settings, ...settings],
})
const seen = (a: readonly string[] | undefined, b: readonly string[] | undefined): ObservedDatabase => ({
  ...nothing,
  logins: { ...(a && { a: role(a) }), ...(b && { b: role(b) }) },
  complete: true,
})
const { a, b } = names.logins

/** The statements that bring login b to what login a has. */
const carried = (from: readonly string[], to: readonly string[], of = target) =>
  carriedSettings(of, seen(from, to), 'b').map((change) => settingStatement(names, change))

test('what the current login has set is set on the next one, and what it has not is taken off', (t) => {
  t.deepEqual(carried(['search_path=app, public', 'work_mem=8MB'], ['work_mem=4MB', 'jit=off', 'TimeZone=UTC']), [
    `ALTER ROLE "${b}" RESET "jit"`,
    `ALTER ROLE "${b}" RESET "TimeZone"`,
    `ALTER ROLE "${b}" SET "search_path" = 'app', 'public'`,
    `ALTER ROLE "${b}" SET "work_mem" = '8MB'`,
  ])
})

test('equal is equal, however a list is spelled and whatever the case of a name', (t) => {
  t.deepEqual(carried(['search_path="app", "$user"', 'TimeZone=UTC'], ['search_path=app,"$user"', 'timezone=UTC']), [])
})

test('what holds in one database only is carried apart; other databases and role are left alone', (t) => {
  const here = `${names.database}/work_mem=8MB`
  t.deepEqual(carried([here, 'elsewhere/work_mem=1GB', 'role=none'], ['elsewhere/jit=off']), [
    `ALTER ROLE "${b}" IN DATABASE "${names.database}" SET "work_mem" = '8MB'`,
  ])
  t.deepEqual(carried(['work_mem=8MB'], [here]), [
    `ALTER ROLE "${b}" IN DATABASE "${names.database}" RESET "work_mem"`,
    `ALTER ROLE "${b}" SET "work_mem" = '8MB'`,
  ])
})

test('what no login goes without is not taken off', (t) => {
  const schema: TenantDatabase = { ...target, isolation: 'Schema', names: { ...names, schema: 't_x' } }
  t.deepEqual(carried([], ['search_path=t_x', 'jit=off'], schema), [`ALTER ROLE "${b}" RESET "jit"`])
})

const lists: readonly (readonly [string, string, readonly string[]])[] = [
  ['search_path', 'app, public', ['app', 'public']],
  ['search_path', '"$user", public', ['$user', 'public']],
  ['search_path', 'App,"App"', ['app', 'App']],
  ['search_path', '""', ['']],
  ['search_path', '', ['']],
  ['local_preload_libraries', 'Some, "other lib"', ['Some', 'other lib']],
  ['DateStyle', 'ISO, DMY', ['ISO, DMY']],
  ['application_name', '"a", b', ['"a", b']],
]
for (const [name, value, expected] of lists)
  test(`SET is given ${name}=${value} as ${JSON.stringify(expected)}`, (t) =>
    t.deepEqual(elementsOf(name, value), expected))

test('a value with = and / in it is read whole', (t) => {
  t.deepEqual(settingsOf(['application_name=a=b/c=d', `${names.database}/my.x=/=`], names.database), [
    { name: 'application_name', value: 'a=b/c=d', here: false },
    { name: 'my.x', value: '/=', here: true },
  ])
})

test('names are compared as names, and other values to the letter', (t) => {
  t.true(isSameValue('SEARCH_PATH', 'a,b', '"a", b'))
  t.false(isSameValue('search_path', 'a,b', 'b,a'))
  t.false(isSameValue('work_mem', '4MB', '4096kB'))
})

test('it is carried to the login that is next, or to one that is made anew beside another', (t) => {
  t.is(carriedTo(seen([], []), 'b'), 'b')
  t.is(carriedTo(seen([], []), undefined), undefined)
  t.is(carriedTo(seen([], undefined), undefined), 'b')
  t.is(carriedTo(seen(undefined, []), 'b'), 'a', 'nothing is known of the one that is gone')
  t.is(carriedTo(seen(undefined, undefined), undefined), undefined)
  t.is(a.slice(0, -1), b.slice(0, -1))
})
