import test from 'ava'
import { localeQuery } from '../../../operator/postgres/statements/locale-sql.ts'
import * as directory from '../../../operator/postgres/statements/directory-sql.ts'
import * as identity from '../../../operator/postgres/statements/identity-sql.ts'
import { insideQuery } from '../../../operator/postgres/statements/inside-sql.ts'
import { missingRightsQuery } from '../../../operator/postgres/statements/rights-sql.ts'
import * as queries from '../../../operator/postgres/statements/queries-sql.ts'
import * as removal from '../../../operator/postgres/statements/removal-sql.ts'
import { onlyReads, statementsIn } from '../../harness/postgres-log.ts'

const log = `2026-11-30 17:06:28.123 UTC [71] tenantry@postgres tenantry/i/pod-1 LOG:  statement: CREATE ROLE "a";
	COMMENT ON ROLE "a" IS 'mark'
2026-11-30 17:06:28.200 UTC [72] tenantry@postgres tenantry/i/pod-1 LOG:  execute identity:${' '}
	SELECT json_build_object(
	  'lsn', 1) AS identity
2026-11-30 17:06:28.200 UTC [72] tenantry@postgres tenantry/i/pod-1 DETAIL:  Parameters: $1 = 'x'
2026-11-30 17:06:28.300 UTC [73] postgres@postgres psql LOG:  statement: DROP ROLE "b"
2026-11-30 17:06:28.400 UTC [74] tenantry@t_1 tenantry/i/pod-2 ERROR:  canceling statement due to user request
2026-11-30 17:06:28.400 UTC [74] tenantry@t_1 tenantry/i/pod-2 STATEMENT:  DROP ROLE "c"
2026-11-30 17:06:28.500 UTC [75] tenantry@t_1 tenantry/i/pod-2 LOG:  execute <unnamed>: DROP SCHEMA s
`

test('the statements of operators are read whole, and those of no other account', (t) => {
  t.deepEqual(
    statementsIn(log).map(({ application, text }) => [application, text]),
    [
      ['tenantry/i/pod-1', `CREATE ROLE "a";\nCOMMENT ON ROLE "a" IS 'mark'`],
      ['tenantry/i/pod-1', `SELECT json_build_object(\n  'lsn', 1) AS identity`],
      ['tenantry/i/pod-2', 'DROP SCHEMA s'],
    ],
  )
  t.is(statementsIn(log)[0]?.at, Date.UTC(2026, 10, 30, 17, 6, 28, 123))
})

const reads: Readonly<Record<string, string>> = {
  'catalogue by names': queries.catalogueQuery('names'),
  'catalogue by mark': queries.catalogueQuery('mark'),
  health: queries.healthQuery,
  sizes: queries.sizesQuery,
  schemas: queries.schemasQuery,
  sharing: queries.sharingQuery,
  'lock holders': queries.lockHoldersQuery,
  identifier: identity.systemIdentifierQuery,
  identity: identity.identityQuery,
  inside: insideQuery,
  locale: localeQuery,
  'missing rights': missingRightsQuery,
  'what blocks a removal': removal.dropBlockersQuery,
  sessions: removal.sessionRolesQuery,
  dependents: removal.dependentsQuery,
  'own directory': directory.ownDirectoryQuery,
  'rows of the directory': directory.readDirectory('tenantry'),
}

for (const [title, text] of Object.entries(reads)) {
  test(`only reads: ${title}`, (t) => {
    t.true(onlyReads(text))
  })
}

const effects: Readonly<Record<string, string>> = {
  'the end of sessions of a former leader': queries.endPredecessorsQuery,
  'the end of sessions': `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity`,
  'a directory': directory.writeDirectory('tenantry'),
  'a read before a write': 'SELECT 1;\nDROP DATABASE "t_1"',
  'a role': 'CREATE ROLE "t_1"',
  'a role that is taken on': 'SET ROLE "t_1"',
  nothing: '',
}

for (const [title, text] of Object.entries(effects)) {
  test(`has an effect: ${title}`, (t) => {
    t.false(onlyReads(text))
  })
}
