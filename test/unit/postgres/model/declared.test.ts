/** Parameters that are declared for a tenant, on both its logins. */
import test from 'ava'
import { declaredChanges, recordOf, withheld } from '../../../../operator/postgres/model/declared.ts'
import { carriedSettings } from '../../../../operator/postgres/model/carried.ts'
import { loginComment } from '../../../../operator/postgres/model/mark.ts'
import type { TenantDatabase } from '../../../../operator/postgres/model/port.ts'
import { roleStatements } from '../../../../operator/postgres/statements/roles-sql.ts'
import type { ObservedDatabase, ObservedRole } from '../../../../operator/postgres/model/observed-database.ts'
import { databaseTarget } from '../../../database-target.ts'
import { mark, names, nothing, role as closedRole } from '../observed.ts'

const { a, b } = names.logins
const target = (parameters?: Readonly<Record<string, string>>) => databaseTarget({}, parameters && { parameters })
const role = (settings: readonly string[], recorded: readonly string[] = []): ObservedRole => ({
  ...closedRole,
  canLogin: true,
  settings: [...closedRole.settings, ...settings],
  comment: loginComment(mark, recorded),
})
const seen = (of: ObservedRole, other = of, more: Partial<ObservedDatabase> = {}): ObservedDatabase => ({
  ...nothing,
  logins: { a: of, b: other },
  complete: true,
  ...more,
})
const changes = (of: TenantDatabase, there: ObservedDatabase) =>
  declaredChanges(of, there).map(
    ({ login, name, value, here }) => `${login}${here ? ' here' : ''} ${name}=${value ?? ''}`,
  )

test('what is declared is put on both logins, and then nothing is left to do', (t) => {
  const of = target({ statement_timeout: '30s', search_path: 'app, public' })
  t.deepEqual(changes(of, seen(role([]))), [
    'a statement_timeout=30s',
    'a search_path=app, public',
    'b statement_timeout=30s',
    'b search_path=app, public',
  ])
  t.deepEqual(changes(of, seen(role(['statement_timeout=30s', 'search_path="app", public']))), [])
})

test('it is put back where the tenant has another, and what goes before it in the database is taken off', (t) => {
  const of = target({ work_mem: '8MB' })
  const there = seen(
    role(['work_mem=1GB'], ['work_mem']),
    role(['work_mem=8MB', `${names.database}/work_mem=1GB`], ['work_mem']),
  )
  t.deepEqual(changes(of, there), ['a work_mem=8MB', 'b here work_mem='])
})

test('what is not declared any more is taken off, and what the tenant has set stays', (t) => {
  const there = seen(role(['jit=off', 'work_mem=8MB'], ['jit']))
  t.deepEqual(changes(target(), there), ['a jit=', 'b jit='])
  t.deepEqual(recordOf(target(), there, 'a', false), [])
  t.deepEqual(recordOf(target({ work_mem: '8MB' }), there, 'a', true), ['jit', 'work_mem'])
})

test('the record and the parameters go in one list of statements', (t) => {
  const of = target({ jit: 'off' })
  const ofLogins = (there: ObservedRole) =>
    roleStatements(of, seen(there), {}).filter((text) => /ROLE "[^"]*_[ab]" (IS|SET)/.test(text))
  t.deepEqual(ofLogins(role([])), [
    `COMMENT ON ROLE "${a}" IS '${loginComment(mark, ['jit'])}'`,
    `COMMENT ON ROLE "${b}" IS '${loginComment(mark, ['jit'])}'`,
    `ALTER ROLE "${a}" SET "jit" = 'off'`,
    `ALTER ROLE "${b}" SET "jit" = 'off'`,
  ])
  t.deepEqual(ofLogins(role(['jit=off'], ['jit'])), [])
})

test('a switch carries what the tenant has set, and leaves alone what is declared', (t) => {
  const of = target({ jit: 'off' })
  const there = seen(role(['jit=on', 'work_mem=8MB'], ['jit']), role(['jit=off'], ['jit']))
  t.deepEqual(
    carriedSettings(of, there, 'b').map(({ name }) => name),
    ['work_mem'],
  )
})

test('what the account may not set, or the version does not have, is left out and left alone', (t) => {
  const of = target({ temp_file_limit: '10GB', transaction_timeout: '1h' })
  const old = seen(role([]), role([]), { version: 160_000 })
  t.deepEqual(changes(of, old), [])
  t.deepEqual(recordOf(of, old, 'a', false), [])
  t.deepEqual(changes(of, { ...old, version: 170_000, settable: ['temp_file_limit'] }).slice(0, 2), [
    'a temp_file_limit=10GB',
    'a transaction_timeout=1h',
  ])
  t.is(withheld('temp_file_limit', { version: 180_000 }), 'NotGranted')
  t.is(withheld('transaction_timeout', { version: 150_000 }), 'TooOld')
  const revoked = seen(role(['temp_file_limit=10GB'], ['temp_file_limit']))
  t.deepEqual(changes(target(), revoked), [], 'it may not be taken off')
  t.deepEqual(recordOf(target(), revoked, 'a', false), ['temp_file_limit'], 'and is remembered')
})

test('with a schema in a shared database the search_path is that schema', (t) => {
  const of: TenantDatabase = {
    ...target({ search_path: 'app', jit: 'off' }),
    isolation: 'Schema',
    names: { ...names, schema: 't_x' },
  }
  t.deepEqual(changes(of, seen(role(['search_path=t_x']))), ['a jit=off', 'b jit=off'])
})
