/** What is stuck is as quiet as what is well: in each of the states, all at once, a minute has no write and no statement. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { restingReasons } from '../../operator/api/reasons.ts'
import { quiet, settle } from '../../bench/quiet.ts'
import { temporaryFolder } from '../harness/folder.ts'
import { startOperator } from '../harness/operator.ts'
import { startPostgres } from '../harness/postgres.ts'
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
  t.timeout(180_000)
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
    t.timeout(240_000)
    reached.push(...(await reach(stage)))
    t.pass()
  })

/** Tried first after ten seconds, then ever more seldom: at most three times in a minute. */
const isMailTrouble = (reason: string) => /^Mail(Transient|Configuration)Error$/.test(reason)

test.serial('every reason that can last is reached here, or it says where it is shown', (t) => {
  const shown = new Set([...reached.map(({ reason }) => reason), ...Object.keys(elsewhere)])
  t.deepEqual(
    restingReasons.filter((reason) => !shown.has(reason)),
    [],
  )
})

test.serial('and for a minute there is no write and no statement beside the looks', async (t) => {
  t.timeout(300_000)
  const { world } = stage
  await settle(world, world.operator)
  const { checks, statements, writes } = await quiet(world, world.operator, 60)
  const told = new Map(reached.map(({ path, reason }) => [path.split('/').slice(-3).join('/'), reason]))
  const wrote = writes.paths.map((path) => `${path} ${told.get(path) ?? ''}`)
  // Of each try to send a mail there is a record before it, which keeps another leader from sending it too, and one after it.
  const tries = wrote.filter((path) => isMailTrouble(path.split(' ').at(-1) ?? ''))
  t.deepEqual(
    wrote.filter((path) => !tries.includes(path)),
    [],
  )
  const mails = reached.filter(({ reason }) => isMailTrouble(reason))
  t.true(tries.length <= 6 * mails.length, tries.join(', '))
  t.deepEqual(statements, {})
  t.true(checks > 0, 'the servers were looked at')
  const changed = await Promise.all(reached.map((each) => insteadOf(world, each)))
  t.deepEqual(
    changed.filter((each) => each !== undefined),
    [],
    'all are as they were',
  )
})
