/** The statements that create a tenant's roles and database, and repair them. */
import test from 'ava'
import { createDatabase, databaseStatements } from '../../../../operator/postgres/statements/database-sql.ts'
import { roleStatements } from '../../../../operator/postgres/statements/roles-sql.ts'
import { login, nothing, outside, target } from '../observed.ts'

test('the statements are plain to read', (t) => {
  t.snapshot({
    roles18: roleStatements(target, nothing, {}),
    roles15: roleStatements(target, { ...nothing, version: 150_000 }, {}),
    healed: roleStatements(
      target,
      login({ attributes: ['CREATEROLE', 'VALID UNTIL'], memberOf: ['pg_monitor'], members: ['m'] }),
      {},
    ),
    create: createDatabase(target),
    database: databaseStatements(
      target,
      outside({ acl: ['=Tc/op', 'op=CTc/op', '"the dba"=c/op'], connectionLimit: 3 }),
    ),
  })
})

test('a password instead of a verifier is refused, and is not in the error', (t) => {
  const error = t.throws(() => roleStatements(target, nothing, { a: 'hunter2' }), { instanceOf: RangeError })
  t.false(error.message.includes('hunter2'))
})
