/**
 * fast-check as every test uses it: the same cases each time, so that a change is judged by them and not by chance.
 * `TENANTRY_TEST_SEED=7` before the command tries others.
 */
import fc from 'fast-check'

export const seed = Number(process.env['TENANTRY_TEST_SEED'] ?? 1)

fc.configureGlobal({ seed, includeErrorInReport: true })

export { fc }
