/**
 * A DatabaseServer that is down, frozen, full or read-only: the tenant says so, others go on, and all go on once it
 * answers.
 */
import test from 'ava'
import { eventually } from '../harness/wait.ts'
import { violations } from './judged.ts'
import { addressOf, available, conditionOf, declareAdmin, declareTenant, edit, newName, off, tenantOf } from './life.ts'
import { startRunningWorld } from './running.ts'
import type { RunningWorld } from './running.ts'

let world: RunningWorld
test.before(async (t) => {
  t.timeout(300_000)
  world = await startRunningWorld({ postgres: { maxConnections: 30 } })
})
test.after.always(() => world?.[Symbol.asyncDispose]())

interface Trouble {
  readonly what: string
  /** What the Tenant or the DatabaseServer says of it. */
  readonly says: RegExp
  readonly begin: () => Promise<() => Promise<void>>
}

const troubles: readonly Trouble[] = [
  {
    what: 'is down',
    says: /does not answer/,
    begin: async () => {
      await world.postgres.down()
      return () => world.postgres.up()
    },
  },
  {
    what: 'crashes',
    says: /does not answer/,
    begin: async () => {
      await world.postgres.down('immediate')
      return () => world.postgres.up()
    },
  },
  {
    what: 'is frozen',
    says: /did not answer in time/,
    begin: async () => {
      world.postgres.pause()
      return async () => world.postgres.resume()
    },
  },
  {
    what: 'is read-only',
    says: /is read-only/,
    begin: async () => {
      await world.postgres.readOnly(true)
      return () => world.postgres.readOnly(false)
    },
  },
  { what: 'is out of connections', says: /has no free connections/, begin: useUpConnections },
]

/** SQLSTATE 53300, for the operator's account alone, so that the test can still look. */
async function useUpConnections(): Promise<() => Promise<void>> {
  await world.postgres.query(`ALTER ROLE tenantry CONNECTION LIMIT 0`)
  await world.postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry'`)
  return async () => void (await world.postgres.query(`ALTER ROLE tenantry CONNECTION LIMIT -1`))
}

/** What may be told before the trouble. */
const passing: ReadonlySet<string> = new Set(['Provisioning', 'Retrying'])

for (const { what, says, begin } of troubles) {
  test.serial(
    `PostgreSQL ${what}: the tenant waits and says why, others are invited, and it heals by itself`,
    async (t) => {
      t.timeout(300_000)
      const going = newName()
      await declareTenant(world, going)
      await available(world, going)
      const heal = await begin()
      const name = newName()
      await declareTenant(world, name)
      await edit(world, going, { spec: { state: 'Deactivated' } })
      const reason = await eventually(
        async () => {
          const condition = conditionOf(await tenantOf(world, name), 'DatabaseReady')
          return condition?.status === 'False' && !passing.has(condition.reason) ? condition : undefined
        },
        { timeout: 60_000, describe: 'the condition to tell of the trouble' },
      )
      t.regex(reason.reason, /^(DatabaseUnavailable|NoDatabaseServer|DatabaseServerNotReady)/)
      t.is(conditionOf(await tenantOf(world, name), 'Stalled'), undefined, 'nobody has to act in the tenant')
      const told = async () => {
        const sentences = (await messagesOf(name)).join('\n')
        if (!says.test(sentences)) throw new Error(sentences)
        return true
      }
      await eventually(told, { timeout: 60_000, describe: `the trouble to be called by its name, ${String(says)}` })
      const other = newName()
      await declareTenant(world, other, { provisioning: 'OnAccept' })
      await declareAdmin(world, other)
      await world.mail.waitFor(({ to }) => to.includes(addressOf(other)), { timeout: 60_000 })
      t.is((await world.operator.probe('/readyz')).status, 200)
      await heal()
      await available(world, name, 60_000)
      await off(world, going, 'Deactivated')
      await edit(world, going, { spec: { state: 'Active' } })
      await available(world, going)
      t.log(`${reason.reason}: ${reason.message}`)
      t.deepEqual(await violations(world, { logs: await world.operator.logs() }), [])
    },
  )
}

/** Of the Tenant's database, and of the server that it lies on. */
async function messagesOf(name: string): Promise<readonly string[]> {
  const server = await world.api.get(`/apis/tenantry.dev/v1alpha1/databaseservers/${world.installation.server}`)
  return [conditionOf(await tenantOf(world, name), 'DatabaseReady'), conditionOf(server, 'Ready')].map(
    (condition) => `${condition?.reason ?? ''}: ${condition?.message ?? ''}`,
  )
}

test.serial('PostgreSQL goes down while tenants are being made: each comes to its end when it is back', async (t) => {
  t.timeout(300_000)
  const names = Array.from({ length: 8 }, newName)
  await Promise.all(names.map((name) => declareTenant(world, name)))
  const some = async () => {
    const rows = await world.postgres.query(`SELECT 1 FROM pg_database WHERE datname LIKE 't\\_%'`)
    return rows.length > 2 * troubles.length + 1
  }
  await eventually(some, { timeout: 60_000, interval: 5, describe: 'the first databases' })
  await world.postgres.down('immediate')
  await world.postgres.up()
  for (const name of names) await available(world, name, 90_000)
  t.deepEqual(await violations(world, { logs: await world.operator.logs() }), [])
})
