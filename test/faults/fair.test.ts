/**
 * People do not wait for long work: sixteen purges are due together, and the edit of another tenant is reconciled as on a
 * quiet day. Measures time.
 */
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { temporaryFolder } from '../harness/folder.ts'
import type { TemporaryFolder } from '../harness/folder.ts'
import { postgresClients } from '../harness/postgres-clients.ts'
import { eventually } from '../harness/wait.ts'
import { available, conditionOf, declareTenant, edit, newName, reconciledIn, tenantOf } from './life.ts'
import { startRunningWorld } from './running.ts'
import type { RunningWorld } from './running.ts'

const purges = 16

let world: RunningWorld
let folder: TemporaryFolder

test.before(async (t) => {
  t.timeout(300_000)
  folder = await temporaryFolder('fair')
  const clients = await postgresClients((sentence) => t.log(sentence))
  const slow = await Promise.all([clients[16], clients[18]].map((path) => waitingClient(path)))
  world = await startRunningWorld({
    env: {
      TENANTRY_DUMP_TARGET: 'volume',
      TENANTRY_DUMP_DIRECTORY: join(folder.path, 'dumps'),
      TENANTRY_POSTGRES_BIN: slow.join(','),
    },
  })
})

test.after.always(async () => {
  await world?.[Symbol.asyncDispose]()
  await folder?.remove()
})

const gate = () => join(folder.path, 'open')
const begunPath = () => join(folder.path, 'begun')

/** The programs of this folder, of which pg_dump says that it has begun, and waits for the gate. */
async function waitingClient(path: string): Promise<string> {
  const made = join(folder.path, `client${path.replaceAll('/', '-')}`)
  await mkdir(made)
  await mkdir(begunPath(), { recursive: true })
  const dump = `#!/bin/sh
if [ "$1" != --version ]; then
  touch "${begunPath()}/$$"
  until [ -e "${gate()}" ]; do sleep 0.1; done
fi
exec "${path}/pg_dump" "$@"
`
  const restore = `#!/bin/sh\nexec "${path}/pg_restore" "$@"\n`
  for (const [name, text] of Object.entries({ pg_dump: dump, pg_restore: restore })) {
    await writeFile(join(made, name), text)
    await chmod(join(made, name), 0o755)
  }
  return made
}

async function slowestOf(name: string, count: number): Promise<number> {
  let slowest = 0
  for (let each = 0; each < count; each += 1) slowest = Math.max(slowest, await reconciledIn(world, name))
  return slowest
}

test('sixteen purges are due together and no dump ends: an edit of another tenant does not wait, and all are purged in the end', async (t) => {
  t.timeout(600_000)
  const names = Array.from({ length: purges }, () => newName())
  const other = newName()
  for (const name of [other, ...names]) await declareTenant(world, name)
  for (const name of [other, ...names]) await available(world, name, 120_000)
  const quiet = await slowestOf(other, 3)
  for (const name of names) await edit(world, name, { spec: { state: 'Archived', archive: { retention: '1s' } } })
  // All the time, from the moment at which the first dump begins.
  await eventually(async () => (await readdir(begunPath())).length > 0, {
    timeout: 120_000,
    describe: 'the first dump to begin',
  })
  const asFirstBegan = await slowestOf(other, 3)
  for (const name of names)
    await eventually(
      async () => /takes a last dump/.test(conditionOf(await tenantOf(world, name), 'Reconciling')?.message ?? ''),
      { timeout: 120_000, describe: `${name} to say that its last dump is taken` },
    )
  const whileAllWait = await slowestOf(other, 3)
  t.log(`Slowest of three edits: ${[quiet, asFirstBegan, whileAllWait].map(Math.round).join(', ')} ms`)
  const limit = quiet + 5_000
  t.true(asFirstBegan < limit, `${asFirstBegan} ms as the first dumps began, ${quiet} ms on a quiet day`)
  t.true(whileAllWait < limit, `${whileAllWait} ms while all dumps waited, ${quiet} ms on a quiet day`)
  await writeFile(gate(), '')
  for (const name of names)
    await eventually(
      async () => {
        const { purge } = ((await tenantOf(world, name))?.status ?? {}) as { readonly purge?: { finishedAt?: string } } // our own status
        return purge?.finishedAt
      },
      { timeout: 300_000, describe: `the purge of ${name}` },
    )
})
