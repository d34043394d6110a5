/** AVA loads this in the process of each test file (ava.config.js): it tells the runner how long the file took. */
import { appendFileSync } from 'node:fs'
import test from 'ava'

const path = process.env['TENANTRY_TEST_FILE_TIMES']

if (path !== undefined) {
  process.once('exit', () => {
    const time = { file: test.meta.file, seconds: performance.now() / 1000 }
    appendFileSync(path, `${JSON.stringify(time)}\n`)
  })
}
