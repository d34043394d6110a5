import test from 'ava'
import { startPostgres } from './postgres.ts'
import type { Postgres, PostgresOptions } from './postgres.ts'

/**
 * The PostgreSQL of one test file, until its tests are done: the newest version, or the oldest that is supported in a
 * file named `*-15.test.ts`, which imports the tests of another file and so runs them all there.
 */
export async function postgresForTests(options: Omit<PostgresOptions, 'major'> = {}): Promise<Postgres> {
  const postgres = await startPostgres({ ...options, major: test.meta.file.endsWith('-15.test.ts') ? 15 : 18 })
  test.after.always(() => postgres.stop())
  return postgres
}
