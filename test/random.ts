/**
 * fast-check as every test uses it: other cases with each commit, the same again with `TENANTRY_TEST_SEED=7` before the
 * command. A failure prints the seed.
 */
import fc from 'fast-check'
import { testSeed } from './harness/seed.ts'

export const seed = testSeed()

fc.configureGlobal({ seed, includeErrorInReport: true })

export { fc }
