/**
 * A replica takes over and finds something to mend in every tenant. What a person changes after the failover comes first.
 * Each answer of the API server takes a moment, so that the replay of a hundred tenants takes as long as that of thousands. Measures time.
 */
import test from 'ava'
import { startOperator } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import { lease, leads } from './lease.ts'
import { available, declareTenant, newName, reconciledIn } from './life.ts'

const tenants = 100

let world: World
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld({ proxies: true })
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const start = (apiPort?: number) =>
  startOperator({
    cluster: world.cluster,
    mail: world.mail,
    web: world.web,
    env: lease.env,
    ...(apiPort === undefined ? {} : { apiPort }),
  })

const policies = (name: string) => `/apis/networking.k8s.io/v1/namespaces/tenant-${name}/networkpolicies`

async function whole(names: readonly string[]): Promise<number> {
  const lists = await Promise.all(
    names.map((name) => world.api.get<{ readonly items: readonly unknown[] }>(policies(name))),
  )
  return lists.filter((list) => list !== undefined && list.items.length > 0).length
}

test('an edit in the second after a failover comes before the replay of all tenants, though it takes every worker it may', async (t) => {
  t.timeout(420_000)
  const first = await start()
  await eventually(() => leads(world, first), { timeout: 60_000, describe: 'the first to lead' })
  const names = Array.from({ length: tenants }, newName).toSorted()
  for (const name of names) await declareTenant(world, name)
  for (const name of names) await available(world, name, 180_000)
  await using second = await start(world.proxies?.api.port)
  await world.proxies?.api.toxic('latency', { latency: 100 })
  await first.kill()
  // A list is sorted by name, so the replay comes to this one last.
  const last = names.at(-1) ?? ''
  for (const name of names) if (name !== last) await world.api.send('DELETE', policies(name))
  await eventually(() => leads(world, second), { timeout: 60_000, interval: 10, describe: 'the second to lead' })
  const took = await reconciledIn(world, last)
  const before = await whole(names)
  await eventually(async () => (await whole(names)) === tenants, { timeout: 120_000, describe: 'the replay to end' })
  const quiet = await reconciledIn(world, last)
  t.log(
    `reconciled in ${Math.round(took)} ms, as number ${before} of ${tenants}; afterwards in ${Math.round(quiet)} ms`,
  )
  // Sixteen workers begin with the replay at once.
  t.true(before < 16, `${before} of ${tenants} came before it`)
  t.true(took < quiet + 5_000, `${took} ms, and ${quiet} ms on a quiet day`)
  t.deepEqual(await violations(world, { logs: `${await first.logs()}${await second.logs()}` }), [])
})
