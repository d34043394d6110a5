/** Two operators: one is frozen while it works, the other takes over, the first wakes up. And an orderly change. Measures time. */
import { readFile } from 'node:fs/promises'
import test from 'ava'
import type { AuditEvent, AuditMark } from '../harness/audit-log.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { onlyReads, statementsIn } from '../harness/postgres-log.ts'
import type { LoggedStatement } from '../harness/postgres-log.ts'
import { eventually, throughout } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import { lease, leads, readLease } from './lease.ts'
import { available, declareTenant, newName } from './life.ts'

let world: World
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld({ postgres: { settings: { log_statement: 'all' } } })
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const start = () => startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env: lease.env })

/** Milliseconds in which a socket's buffers are empty after its process woke up, on a busy machine too. */
const onTheWire = 1000

/** Answers when a process that was frozen is known to have gone on, or to be gone, and the apiserver to have read what it had sent before. */
async function awake(operator: OperatorProcess): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) await operator.probe('/healthz').catch(() => undefined)
  for (let turn = 0; turn < 3; turn += 1) await readLease(world)
  return Date.now()
}

/** The writes of one of the two, but for the lease. */
async function effectsOf({ credential }: OperatorProcess, since: AuditMark | undefined): Promise<AuditEvent[]> {
  const writes = (await world.cluster.auditLog?.writes(since)) ?? []
  return writes.filter((event) => event.credential === credential && event.resource !== 'leases')
}

const statements = async (): Promise<LoggedStatement[]> => statementsIn(await readFile(world.postgres.logPath, 'utf8'))

test.serial('a leader that is frozen past its lease does nothing once the other has begun', async (t) => {
  t.timeout(300_000)
  await using first = await start()
  await eventually(() => leads(world, first), { timeout: 60_000 })
  await using second = await start()
  const mark = await world.cluster.auditLog?.mark()
  const names = Array.from({ length: 12 }, newName)
  await Promise.all(names.map((name) => declareTenant(world, name)))
  const underWay = async () =>
    (await effectsOf(first, mark)).length >= 12 &&
    (await statements()).some(({ text }) => text.startsWith('CREATE DATABASE'))
  await eventually(underWay, { timeout: 60_000, interval: 5, describe: 'the first to be in the midst of its work' })
  first.pause()
  const before = new Set((await statements()).map(({ application }) => application))
  const { renewTime = '' } = await readLease(world)
  // So that something is left to do, however far the first has come.
  const last = newName()
  await declareTenant(world, last)
  names.push(last)
  await eventually(() => leads(world, second), { timeout: 60_000, interval: 10, describe: 'the second to lead' })
  const { acquireTime = '' } = await readLease(world)
  const begun = await eventually(async () => (await effectsOf(second, mark))[0], {
    timeout: 60_000,
    interval: 10,
    describe: 'the second to write',
  })
  first.resume()
  const resumed = await awake(first)
  for (const name of names) await available(world, name)
  // Awake for as long as its lease would have lasted: all that it had in its hands has been tried by now.
  await throughout(lease.seconds * 1000, () => second.process.assertAlive())
  const since = (await effectsOf(first, mark)).filter((event) => Date.parse(event.receivedAt) > Date.parse(begun.at))
  // What was handed to the socket before the freeze is on the wire, which no lease can stop; its preconditions make it
  // harmless. It comes at once after waking up. Nothing is begun then.
  const late = since.filter(({ receivedAt }) => Date.parse(receivedAt) > resumed + onTheWire)
  t.deepEqual(
    late.map(({ verb, resource, name, receivedAt }) => `${receivedAt} ${verb} ${resource} ${name}`),
    [],
  )
  t.log(`${since.length} requests were on the wire when it was frozen`)
  const all = await statements()
  // A read needs no lease.
  const effects = all.filter(({ text }) => !onlyReads(text))
  const firstOfSecond = effects.find(({ application }) => !before.has(application))?.at ?? Number.POSITIVE_INFINITY
  const lateStatements = effects.filter(({ application, at }) => before.has(application) && at > firstOfSecond)
  t.true(before.size > 0 && Number.isFinite(firstOfSecond))
  t.deepEqual(
    lateStatements.map(({ text }) => text.slice(0, 80)),
    [],
  )
  // As both of them say, whenever it is seen.
  const takeover = Date.parse(acquireTime) - Date.parse(renewTime)
  t.log(`taken over ${Math.round(takeover)} ms after the last renewal; the lease is ${lease.seconds} s`)
  // Before a second lease would be over.
  t.true(takeover < 2 * lease.seconds * 1000, `the takeover took ${Math.round(takeover)} ms`)
  t.deepEqual(await violations(world, { logs: `${await first.logs()}${await second.logs()}` }), [])
})

test.serial('a leader that is told to go hands over at once, and one that leads again has lost nothing', async (t) => {
  t.timeout(300_000)
  await using first = await start()
  await eventually(() => leads(world, first), { timeout: 60_000 })
  await using second = await start()
  const names = Array.from({ length: 6 }, newName)
  await Promise.all(names.map((name) => declareTenant(world, name)))
  const going = first.stop({ timeout: 60_000 })
  for (const name of names) await available(world, name)
  await going
  t.is(await first.process.exited, 0)
  await eventually(() => leads(world, second), { timeout: 60_000, describe: 'the second to lead' })
  t.deepEqual(await violations(world, { logs: `${await first.logs()}${await second.logs()}` }), [])
})
