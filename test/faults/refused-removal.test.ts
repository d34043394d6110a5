/**
 * A deletion or a purge that PostgreSQL refuses: it is told with what is in the way and the statement that takes it away,
 * is tried ever more seldom, costs no write, and goes on by itself once that is done.
 */
import test from 'ava'
import { annotations } from '../../operator/api/names.ts'
import { quiet, settle } from '../../bench/quiet.ts'
import { reconciles } from './reconciles.ts'
import { eventually } from '../harness/wait.ts'
import { conditionOf, databaseOf, declareTenant, available, edit, newName, removeOne, tenantOf } from './life.ts'
import { lookedAt, startRunningWorld } from './running.ts'
import type { RunningWorld } from './running.ts'
import { endSessions, refusals, statementIn } from './stuck-removals.ts'
import type { Refusal } from './stuck-removals.ts'
import { toldAs } from '../integration/told-as.ts'

interface Refused {
  readonly what: string
  readonly how: 'deleted' | 'purged'
  readonly refusal: Refusal
  readonly name: string
  readonly database: string
}

let world: RunningWorld
const refused: Refused[] = []

test.before(async (t) => {
  t.timeout(300_000)
  const settings = { wal_level: 'logical', max_prepared_transactions: '20' }
  world = await startRunningWorld({ postgres: { settings } })
})
test.after.always(async () => {
  await endSessions()
  await world?.[Symbol.asyncDispose]()
})

const saying = async ({ name }: Refused) => conditionOf(await tenantOf(world, name), 'Stalled')

async function refuse(what: string, refusal: Refusal, how: Refused['how']): Promise<Refused> {
  const name = newName()
  await declareTenant(world, name)
  const database = databaseOf(await available(world, name)).name ?? ''
  await refusal.put(world, database)
  if (how === 'deleted') await removeOne(world, `tenants/${name}`)
  else {
    const metadata = { annotations: { [annotations.skipFinalDump]: name } }
    await edit(world, name, { metadata, spec: { state: 'Archived', archive: { retention: '1s' } } })
  }
  return { what, how, refusal, name, database }
}

for (const [what, refusal] of Object.entries(refusals))
  for (const how of ['deleted', 'purged'] as const)
    test.serial(`a tenant that is ${how}, and ${what}: it is Stalled and names what is in the way`, async (t) => {
      t.timeout(300_000)
      const it = await refuse(what, refusal, how)
      refused.push(it)
      const named = async () => {
        const said = await saying(it)
        return said?.reason === 'DatabaseInUse' && said.message
      }
      const message = await eventually(named, { timeout: 60_000, describe: `${it.name} to be Stalled` })
      toldAs(t, await tenantOf(world, it.name), 'InUse')
      t.true(message.includes(refusal.named(it.database)), message)
    })

test.serial('and for a minute nothing is written, and each is tried a few times at most', async (t) => {
  t.timeout(450_000)
  await lookedAt(world)
  await settle(world, world.operator)
  const before = await reconciles(world.operator, 'tenant')
  const { writes } = await quiet(world, world.operator, 60)
  const tries = (await reconciles(world.operator, 'tenant')) - before
  t.deepEqual(writes.kinds, {})
  t.log(`${tries} tries of ${refused.length} tenants in a minute`)
  t.true(tries > 0 && tries <= 6 * refused.length, `${tries} tries of ${refused.length} tenants`)
})

test.serial('what the messages say takes it out of the way, and the removals end by themselves', async (t) => {
  t.timeout(600_000)
  const messages = await Promise.all(refused.map(async (it) => (await saying(it))?.message ?? ''))
  for (const [index, { refusal, database }] of refused.entries()) {
    const { statement } = refusal
    if (statement !== undefined)
      await world.postgres.query(statementIn(messages[index] ?? '', statement.begins), [], statement.in(database))
  }
  // The reader of the slot.
  await endSessions()
  const isOver = async ({ name, how }: Refused) => {
    const tenant = await tenantOf(world, name)
    return how === 'deleted' ? tenant === undefined : conditionOf(tenant, 'Ready')?.reason === 'Purged'
  }
  const left = async () => {
    const over = await Promise.all(refused.map(isOver))
    const stuck = refused.filter((_, index) => over[index] === false)
    if (stuck.length === 0) return true
    throw new Error(stuck.map(({ what, how }) => `${how}, ${what}`).join('; '))
  }
  await eventually(left, { timeout: 360_000, interval: 1000, describe: 'the removals to end' })
  t.deepEqual(await world.postgres.query(`SELECT rolname FROM pg_roles WHERE starts_with(rolname, 't_')`), [])
})
