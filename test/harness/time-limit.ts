/**
 * AVA loads this in the process of each test file (ava.config.js): one that hangs is ended, and AVA names it. AVA's own
 * limit is for the quiet of all files together, and counts no more once it fell into the longer time of one test.
 */

/** Milliseconds: long enough for the crash sample on a machine that does much else. */
const limit = Number(process.env['TENANTRY_TEST_FILE_LIMIT'] ?? 20 * 60_000)

setTimeout(() => {
  const held = [...new Set(process.getActiveResourcesInfo())].toSorted().join(', ')
  console.error(`This test file has not ended within ${limit / 1000} s. What holds its process: ${held}.`)
  process.kill(process.pid, 'SIGKILL')
}, limit).unref()
