/** The operator as a process takes the last dump of an archived tenant, and only then lets the data go. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseRecord } from '../../operator/dump/record.ts'
import { temporaryFolder } from '../harness/folder.ts'
import type { TemporaryFolder } from '../harness/folder.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { postgresClients } from '../harness/postgres-clients.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { available, declareTenant, newName, tenantOf } from './life.ts'

let world: World
let operator: OperatorProcess
let folder: TemporaryFolder

test.before(async (t) => {
  t.timeout(180_000)
  const clients = await postgresClients((sentence) => t.log(sentence))
  folder = await temporaryFolder('purge')
  world = await startWorld()
  const env = {
    TENANTRY_DUMP_TARGET: 'volume',
    TENANTRY_DUMP_DIRECTORY: join(folder.path, 'dumps'),
    TENANTRY_POSTGRES_BIN: Object.values(clients).join(','),
  }
  operator = await startOperator({ cluster: world.cluster, mail: world.mail, env })
})
test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
  await folder?.remove()
})

interface Life {
  readonly phase?: string
  readonly purge?: { readonly dump?: string; readonly finishedAt?: string }
  readonly conditions?: readonly { readonly type: string; readonly reason: string; readonly message: string }[]
}

async function lifeOf(name: string): Promise<Life> {
  return (await tenantOf(world, name))?.status ?? {}
}

async function archive(name: string): Promise<void> {
  const spec = JSON.stringify({ spec: { state: 'Archived', archive: { retention: '1s' } } })
  await world.cluster.kubectl(['patch', 'tenant', name, '-n', world.installation.home, '--type=merge', '-p', spec])
}

test.serial(
  'an archive whose time is over is dumped, verified, kept and purged; nothing is left on the server',
  async (t) => {
    t.timeout(120_000)
    const name = newName()
    await declareTenant(world, name)
    await available(world, name)
    await archive(name)
    const life = await eventually(
      async () => {
        const now = await lifeOf(name)
        return now.purge?.finishedAt === undefined ? undefined : now
      },
      { timeout: 60_000, describe: 'the purge' },
    )
    t.is(life.phase, 'Purged')
    const manifest = await readFile(join(folder.path, 'dumps', `${life.purge?.dump}.json`), 'utf8')
    t.is(parseRecord(manifest)?.tenant, `${world.installation.home}/${name}`)
    const left = await world.postgres.query(`SELECT rolname AS name FROM pg_roles WHERE starts_with(rolname, 't_')
    UNION ALL SELECT datname FROM pg_database WHERE starts_with(datname, 't_')`)
    t.deepEqual(left, [])
  },
)

test.serial('a target that cannot be written keeps the data, says so, and the annotation lets it go', async (t) => {
  t.timeout(120_000)
  const dumps = join(folder.path, 'dumps')
  await rm(dumps, { recursive: true, force: true })
  await writeFile(dumps, 'no folder')
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  await archive(name)
  const stalled = await eventually(
    async () =>
      (await lifeOf(name)).conditions?.find(({ type, reason }) => type === 'Stalled' && reason === 'DumpFailed'),
    { timeout: 60_000, describe: 'the refusal' },
  )
  t.true(stalled.message.startsWith('The target for dumps refuses to be written. The data is kept.'))
  t.true(stalled.message.includes('tenantry.dev/skip-final-dump'))
  const { kubectl } = world.cluster
  await kubectl(['annotate', 'tenant', name, '-n', world.installation.home, `tenantry.dev/skip-final-dump=${name}`])
  await eventually(async () => (await lifeOf(name)).purge?.finishedAt, { timeout: 60_000, describe: 'the purge' })
  t.is((await lifeOf(name)).purge?.dump, undefined)
})
