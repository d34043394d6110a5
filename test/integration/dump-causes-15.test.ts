/** The tests of dump-causes.test.ts on PostgreSQL 15: see postgresForTests. */
// oxlint-disable-next-line import/no-unassigned-import -- its tests are all that is wanted of it
import './dump-causes.test.ts'
