import test from 'ava'
import type { ExecutionContext } from 'ava'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ava } from '../../harness/ava.ts'
import { temporaryFolder } from '../../harness/folder.ts'
import type { Tally } from '../../harness/tally.ts'
import { held } from '../../harness/time-limit.ts'

const root = join(import.meta.dirname, '..', '..', '..')

const hangs = `
  import test from 'ava'
  test('what is tested', (t) => t.pass())
  test.after.always(() => new Promise((resolve) => setTimeout(resolve, 100_000)))
`
const ends = `
  import test from 'ava'
  test('another', (t) => t.pass())
`

const configuration = `
  import config from ${JSON.stringify(join(root, 'ava.config.js'))}
  const require = config.require.map((path) => ${JSON.stringify(`${root}/`)} + path)
  export default { ...config, require, files: ['*.ts'] }
`

async function runOf(
  t: ExecutionContext,
  tests: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
) {
  const folder = await temporaryFolder('unit')
  t.teardown(() => folder.remove())
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  const files = { 'package.json': '{ "type": "module" }', 'ava.config.js': configuration, ...tests }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  const { signal } = new AbortController()
  return ava({ root: folder.path, files: Object.keys(tests), flags: [], env, signal, quiet: true })
}

const marksOf = ({ marks }: Tally) => marks.map((mark) => mark.trim())

test('a file whose end hangs is ended and named, and the others run', async (t) => {
  // It is the others' limit too: time enough for them on a busy machine.
  const tally = await runOf(t, { 'hangs.ts': hangs, 'ends.ts': ends }, { TENANTRY_TEST_FILE_LIMIT: '12000' })
  t.is(tally.passed, 2)
  t.deepEqual(marksOf(tally), ['✘ hangs.ts exited due to SIGKILL'])
})

const leaves = `
  import test from 'ava'
  test('what is tested', (t) => t.pass())
  test.after.always(() => void setInterval(() => undefined, 1000))
`

test('a file that leaves something open is ended and named', async (t) => {
  const tally = await runOf(t, { 'leaves.ts': leaves, 'ends.ts': ends }, { TENANTRY_TEST_FILE_GRACE: '8000' })
  t.is(tally.passed, 2)
  t.deepEqual(marksOf(tally), ['✘ leaves.ts exited due to SIGKILL'])
})

test('what holds a process is told: servers, connections, children', async (t) => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const child = spawn('sleep', ['100'])
  t.true(
    held().some((line) => line.endsWith(`tcp 127.0.0.1:${port}`)),
    held().join(),
  )
  t.true(
    held().some((line) => line.endsWith(`process ${child.pid}`)),
    held().join(),
  )
  child.kill()
  server.close()
})
