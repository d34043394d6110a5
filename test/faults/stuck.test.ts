/**
 * What is stuck is as quiet as what is well: in each of the states, all at once, a minute has no statement, and no write but
 * one for each time that a mail is tried.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { restingReasons } from '../../operator/api/reasons.ts'
import { quiet, settle } from '../../bench/quiet.ts'
import { temporaryFolder } from '../harness/folder.ts'
import { startOperator } from '../harness/operator.ts'
import { startPostgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import { issuer } from '../licenses.ts'
import type { RunningWorld } from './running.ts'
import { states } from './stuck.ts'
import { elsewhere } from './stuck-elsewhere.ts'
import { insteadOf } from './stuck-stage.ts'
import type { Stage, Stuck } from './stuck-stage.ts'

const stack = new AsyncDisposableStack()
let stage: Stage
test.before(async (t) => {
  t.timeout(300_000)
  const started = stack.use(await startWorld())
  const start = () => startPostgres()
  const spare = await Promise.all([start(), start(), start(), start(), start()])
  for (const server of spare) stack.defer(() => server.stop())
  const licenses = issuer()
  const folder = await temporaryFolder('stuck')
  stack.defer(() => folder.remove())
  const keys = join(folder.path, 'licenses.pem')
  await writeFile(keys, licenses.pem)
  const operator = stack.use(
    await startOperator({
      cluster: started.cluster,
      mail: started.mail,
      web: started.web,
      // The looks at servers come often, and must change nothing.
      env: {
        TENANTRY_CATALOGUE_INTERVAL: '2s',
        TENANTRY_DELETION_BRAKE_INSTALLATION: '3',
        TENANTRY_LICENSE_PUBLIC_KEYS_FILE: keys,
      },
    }),
  )
  const world: RunningWorld = { ...started, operator }
  stage = { world, spare, licenses }
})
test.after.always(() => stack.disposeAsync())

const reached: Stuck[] = []
for (const { title, reach } of states)
  test.serial(`is reached: ${title}`, async (t) => {
    t.timeout(400_000)
    reached.push(...(await reach(stage)))
    t.pass()
  })

/** Of each TenantAdmin whose mail the relay does not take, `namespace/resource/name`: how often it was tried at the relay. */
async function triesAt({ mail, api }: RunningWorld): Promise<Readonly<Record<string, number>>> {
  const refused = reached.filter(({ reason }) => /^Mail.+Error$/.test(reason))
  const tries = refused.map(async ({ path }) => {
    const { email = '' } = ((await api.get(path))?.spec ?? {}) as { readonly email?: string } // of our own schema
    return [lastOf(path), mail.tries(email)] as const
  })
  return Object.fromEntries(await Promise.all(tries))
}

const lastOf = (path: string) => path.split('/').slice(-3).join('/')

test.serial('every reason that can last is reached here, or it says where it is shown', (t) => {
  const shown = new Set([...reached.map(({ reason }) => reason), ...Object.keys(elsewhere)])
  t.deepEqual(
    restingReasons.filter((reason) => !shown.has(reason)),
    [],
  )
})

test.serial('and for a minute there is no write and no statement beside the looks', async (t) => {
  t.timeout(450_000)
  const { world } = stage
  await settle(world, world.operator)
  const before = await triesAt(world)
  const { checks, statements, writes } = await quiet(world, world.operator, 60)
  const told = new Map(reached.map(({ path, reason }) => [lastOf(path), reason]))
  const written = Map.groupBy(writes.paths, (path) => path)
  // One is the record before a mail goes, which keeps another leader from sending it too; the last may be on its way yet.
  const untried = async () => {
    const after = await triesAt(world)
    const tries = (path: string) => (after[path] ?? 0) - (before[path] ?? 0)
    const more = [...written].filter(([path, { length }]) => length > tries(path))
    if (more.length === 0) return after
    throw new Error(more.map(([path, { length }]) => `${length} × ${path} ${told.get(path) ?? ''}`).join(', '))
  }
  const after = await eventually(untried, { timeout: 10_000, describe: 'each write to be one of a try' })
  // After ten seconds first, then ever more seldom.
  for (const [path, tries] of Object.entries(after)) t.true(tries - (before[path] ?? 0) <= 3, path)
  t.true(Object.keys(after).length >= 4, 'there were such mails')
  t.deepEqual(statements, {})
  t.true(checks > 0, 'the servers were looked at')
  const changed = await Promise.all(reached.map((each) => insteadOf(world, each)))
  t.deepEqual(
    changed.filter((each) => each !== undefined),
    [],
    'all are as they were',
  )
})
