/** What is stuck is as quiet as what is well: in each of the states, all at once, a minute has no write and no statement. */
import test from 'ava'
import { quiet, settle } from '../../bench/quiet.ts'
import { startOperator } from '../harness/operator.ts'
import { startPostgres } from '../harness/postgres.ts'
import { startWorld } from '../harness/world.ts'
import type { RunningWorld } from './running.ts'
import { states } from './stuck.ts'
import { says } from './stuck-stage.ts'
import type { Stage, Stuck } from './stuck-stage.ts'

const stack = new AsyncDisposableStack()
let stage: Stage
test.before(async (t) => {
  t.timeout(180_000)
  const started = stack.use(await startWorld())
  const servers = await Promise.all([startPostgres(), startPostgres()])
  for (const server of servers) stack.defer(() => server.stop())
  const operator = stack.use(
    await startOperator({
      cluster: started.cluster,
      mail: started.mail,
      // The looks at servers come often, and must change nothing.
      env: { TENANTRY_CATALOGUE_INTERVAL: '2s', TENANTRY_DELETION_BRAKE_INSTALLATION: '2' },
    }),
  )
  const world: RunningWorld = { ...started, operator }
  stage = { world, spare: [servers[0], servers[1]] }
})
test.after.always(() => stack.disposeAsync())

const reached: Stuck[] = []
for (const { title, reach } of states)
  test.serial(`is reached: ${title}`, async (t) => {
    t.timeout(240_000)
    reached.push(...(await reach(stage)))
    t.pass()
  })

test.serial('and for a minute there is no write and no statement beside the looks', async (t) => {
  t.timeout(300_000)
  const { world } = stage
  await settle(world, world.operator)
  const { checks, statements, writes } = await quiet(world, world.operator, 60)
  t.deepEqual(writes.kinds, {})
  t.deepEqual(statements, {})
  t.true(checks > 0, 'the servers were looked at')
  for (const each of reached) t.true(await says(world, each), `${each.path} is ${each.reason} still`)
})
