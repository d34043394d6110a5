/** Names and values of parameters come from a tenant: whatever they contain, the statement stays one ALTER ROLE. */
import test from 'ava'
import { databaseNames } from '../../../../operator/api/names.ts'
import type { SettingChange } from '../../../../operator/postgres/model/login-settings.ts'
import { settingStatement } from '../../../../operator/postgres/statements/settings-sql.ts'

const names = databaseNames('i', 'u1')
const { b } = names.logins
const evil = `x'; DROP ROLE op; --`

const rows: readonly (readonly [string, Partial<SettingChange>, string])[] = [
  [
    'a value with a quote stays a literal',
    { name: 'my.var', value: evil },
    `ALTER ROLE "${b}" SET "my"."var" = 'x''; DROP ROLE op; --'`,
  ],
  ['a name with a quote stays an identifier', { name: 'a"b', value: '1' }, `ALTER ROLE "${b}" SET "a""b" = '1'`],
  [
    'each element of a list is a literal of its own',
    { name: 'search_path', value: `"it's", "a""b, c"` },
    `ALTER ROLE "${b}" SET "search_path" = 'it''s', 'a"b, c'`,
  ],
  ['a parameter without a value is reset', { name: 'jit' }, `ALTER ROLE "${b}" RESET "jit"`],
  [
    'a parameter of one database names the database',
    { name: 'work_mem', value: '8MB', here: true },
    `ALTER ROLE "${b}" IN DATABASE "${names.database}" SET "work_mem" = '8MB'`,
  ],
]
for (const [sentence, change, expected] of rows)
  test(sentence, (t) => {
    t.is(settingStatement(names, { login: 'b', name: 'jit', value: undefined, here: false, ...change }), expected)
  })
