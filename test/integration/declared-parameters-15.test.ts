/** The tests of declared-parameters.test.ts on PostgreSQL 15: see postgresForTests. */
// oxlint-disable-next-line import/no-unassigned-import -- its tests are all that is wanted of it
import './declared-parameters.test.ts'
