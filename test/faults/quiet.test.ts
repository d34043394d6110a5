/**
 * Tenants in each state of rest cost nothing: neither a request that writes nor a statement, for a minute.
 */
import test from 'ava'
import { quiet, settle } from '../../bench/quiet.ts'
import { violations } from './judged.ts'
import { accept, available, declare, declareTenant, edit, newName, off } from './life.ts'
import { lookedAt, startRunningWorld } from './running.ts'
import type { RunningWorld } from './running.ts'

let world: RunningWorld
test.before(async (t) => {
  t.timeout(300_000)
  world = await startRunningWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

async function turnedOff(name: string, state: 'Deactivated' | 'Archived'): Promise<void> {
  await declareTenant(world, name)
  await available(world, name)
  await edit(world, name, { spec: { state } })
  await off(world, name, state)
}

test('twenty tenants, invited, accepted, off or just made: for a minute no write and no statement', async (t) => {
  t.timeout(450_000)
  const made = Array.from({ length: 14 }, newName)
  const accepted = Array.from({ length: 3 }, newName)
  await Promise.all([
    ...made.map((name) => declareTenant(world, name)),
    ...accepted.map((name) => declare(world, name)),
    declare(world, newName()),
    turnedOff(newName(), 'Deactivated'),
    turnedOff(newName(), 'Archived'),
  ])
  await Promise.all(accepted.map((name) => accept(world, name)))
  await Promise.all([...made, ...accepted].map((name) => available(world, name)))
  await lookedAt(world)
  await settle(world, world.operator)
  const { checks, statements, writes } = await quiet(world, world.operator, 60)
  t.deepEqual(writes.kinds, {})
  t.deepEqual(statements, {})
  t.log(`${checks} looks at the catalogue in a minute`)
  t.deepEqual(await violations(world, { logs: await world.operator.logs() }), [])
})
