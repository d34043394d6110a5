import { readFile } from 'node:fs/promises'
import { connect as connectTcp, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import test from 'ava'
import { connectPostgres } from '../../operator/postgres/adapter.ts'
import { dumpNames } from '../../operator/postgres/model/dump-names.ts'
import { tenantDigest } from '../../operator/postgres/model/mark.ts'
import { PostgresError } from '../../operator/postgres/model/port.ts'
import type { PostgresErrorReason, PostgresServer } from '../../operator/postgres/model/port.ts'
import { insideStatements, freshInside } from '../../operator/postgres/statements/inside-sql.ts'
import { roleStatements } from '../../operator/postgres/statements/roles-sql.ts'
import type { Session } from '../harness/postgres-access.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { LostLeadership } from '../../operator/runtime/base/effect-check.ts'
import { systemClock } from '../../operator/runtime/base/system-clock.ts'
import { quickest } from '../harness/quickest.ts'
import { eventually } from '../harness/wait.ts'
import {
  action,
  addressOf,
  applyAll,
  crashing,
  left,
  loginAs,
  observed,
  operatorOn,
  provisioned,
  provisioning,
  removal,
  sharedCatalogue,
  soon,
  sqlstate,
  tenant,
} from './postgres-tenant.ts'
import type { TestTenant } from './postgres-tenant.ts'

const postgres = await postgresForTests({ maxConnections: 40 })

async function reason(work: Promise<unknown>): Promise<PostgresErrorReason | 'it worked'> {
  try {
    await work
    return 'it worked'
  } catch (error) {
    if (error instanceof PostgresError) return error.reason
    throw error
  }
}

/** The tenant's state without its own names, so that tenants can be compared. */
async function normalised(one: TestTenant): Promise<string> {
  const { names, mark } = one.target
  const text = JSON.stringify(await sharedCatalogue(postgres, one))
  return text.replaceAll(names.owner, '$').replaceAll(mark.uid, '#').replaceAll(tenantDigest(mark), '@')
}

test.serial('a crash before or after any write of provisioning leaves what the next pass completes', async (t) => {
  const count = crashing(0)
  const expected = await provisioned(operatorOn(t, postgres, count))
  t.is(count.writes(), 4)
  for (let before = 1; before <= count.writes(); before += 1) {
    const one = await tenant()
    await t.throwsAsync(applyAll(operatorOn(t, postgres, crashing(before)), one), { message: 'crashed' })
    const server = operatorOn(t, postgres)
    t.not((await left(server, one)).length, 0)
    await applyAll(server, one)
    t.is(await normalised(one), await normalised(expected), `crash before write ${before}`)
    await (await loginAs(postgres, one)).end()
  }
})

test.serial('a crash before or after any write of a removal leaves what the next pass removes', async (t) => {
  const count = crashing(0)
  const server = operatorOn(t, postgres)
  await applyAll(operatorOn(t, postgres, count), await provisioned(server), removal)
  for (let before = 1; before <= count.writes(); before += 1) {
    const one = await provisioned(server)
    const crash = applyAll(operatorOn(t, postgres, crashing(before)), one, removal)
    await t.throwsAsync(crash, { message: 'crashed' })
    await applyAll(server, one, removal)
    t.deepEqual(await sharedCatalogue(postgres, one), [], `crash before write ${before}`)
  }
})

test.serial('the statements of one act are one transaction: a failure after any of them leaves nothing', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await tenant()
  await using session = await postgres.connect(postgres.operator)
  const roles = roleStatements(one.target, await observed(server, one), { a: one.verifier })
  for (let done = 1; done <= roles.length; done += 1) {
    t.is(await sqlstate(session.query([...roles.slice(0, done), 'SELECT 1/0'].join(';\n'))), '22012')
    t.deepEqual(await sharedCatalogue(postgres, one), [])
  }
  await applyAll(server, one, ['EnsureRoles', 'EnsureDatabase'])
  const before = await sharedCatalogue(postgres, one)
  const inside = insideStatements(one.target, await observed(server, one), freshInside)
  await using there = await postgres.connect({ ...postgres.operator, database: one.target.names.database })
  for (let done = 1; done <= inside.length; done += 1) {
    t.is(await sqlstate(there.query([...inside.slice(0, done), 'SELECT 1/0'].join(';\n'))), '22012')
    t.deepEqual(await sharedCatalogue(postgres, one), before)
  }
  await applyAll(server, one)
  t.deepEqual(await left(server, one), [])
})

/** Makes PostgreSQL's autovacuum work in this database for longer than any test; resolves once it does. */
async function keepAutovacuumBusy(database: string): Promise<void> {
  await using inside = await postgres.connect({ database })
  const slow = 'autovacuum_vacuum_threshold = 1, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1'
  await inside.query(`CREATE TABLE busy WITH (${slow}) AS SELECT generate_series(1, 100000) AS n`)
  await inside.query('DELETE FROM busy')
  const workers = `SELECT FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND datname = '${database}'`
  await eventually(async () => (await postgres.query(workers)).length > 0, {
    timeout: 120_000,
    describe: 'autovacuum to begin',
  })
}

test.serial(
  'a database in which autovacuum is at work is dropped all the same, and so is one to restore into',
  async (t) => {
    t.timeout(300_000)
    const server = operatorOn(t, postgres)
    const [removed, dumped] = [await provisioned(server), await provisioned(server)]
    const login = { verifier: dumped.verifier, validUntil: new Date(Date.now() + 3_600_000).toISOString() }
    await server.apply({ kind: 'OpenDump', target: dumped.target, login }, soon())
    await server.apply({ kind: 'OpenScratch', target: dumped.target, login }, soon())
    await postgres.show({ settings: { autovacuum_naptime: '1s' } })
    try {
      await keepAutovacuumBusy(removed.target.names.database)
      await applyAll(server, removed, removal)
      await keepAutovacuumBusy(dumpNames(dumped.target.names).scratch)
      await server.apply({ kind: 'EndDump', target: dumped.target }, soon())
    } finally {
      await postgres.show({})
    }
    t.deepEqual(await sharedCatalogue(postgres, removed), [])
    t.deepEqual(await left(server, dumped), [])
    await applyAll(server, dumped, removal)
    t.deepEqual(await sharedCatalogue(postgres, dumped), [])
  },
)

interface LossyProxy {
  readonly port: number
  /** The next answer of the server is swallowed, then the connections are cut. */
  loseNextAnswer(): void
}

/** Between operator and server; it reads nothing (TLS), so it is told when an answer is to be lost. */
async function lossyProxy(t: { teardown(clean: () => void): void }): Promise<LossyProxy> {
  let lose = false
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const upstream = connectTcp(postgres.port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => (sockets.delete(socket), client.destroy(), upstream.destroy()))
    }
    client.pipe(upstream)
    upstream.on('data', (data) => {
      if (!lose) client.write(data)
      else for (const socket of sockets) socket.destroy()
      lose = false
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => void proxy.close())
  return { port: (proxy.address() as AddressInfo).port, loseNextAnswer: () => (lose = true) }
}

for (const [kinds, writes] of [
  [provisioning, 4],
  [removal, 5],
] as const)
  test.serial(`an answer lost after the commit is no loss: ${kinds.join(', ')}`, async (t) => {
    const direct = operatorOn(t, postgres)
    const expected = await provisioned(direct)
    if (kinds === removal) await applyAll(direct, expected, removal)
    const proxy = await lossyProxy(t)
    for (let lost = 1; lost <= writes; lost += 1) {
      const one = kinds === removal ? await provisioned(direct) : await tenant()
      let count = 0
      const mayWrite = () => {
        count += 1
        if (count === lost) proxy.loseNextAnswer()
      }
      const server = operatorOn(t, postgres, { mayWrite, address: { port: proxy.port } })
      t.is(await reason(applyAll(server, one, kinds)), 'Unavailable', `answer ${lost}`)
      // The pool may not know yet that its other connections were cut too.
      await eventually(async () => (await reason(applyAll(server, one, kinds))) === 'it worked')
      t.is(await normalised(one), await normalised(expected), `answer ${lost}`)
    }
  })

test.serial('a server that is down is Unavailable, and is used again when it is back', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await tenant()
  await server.apply(action('EnsureRoles', one), soon())
  await postgres.down('immediate')
  t.is(await reason(server.apply(action('EnsureDatabase', one), soon())), 'Unavailable')
  t.is(await reason(server.health(soon())), 'Unavailable')
  await postgres.up()
  await applyAll(server, one)
  t.deepEqual(await left(server, one), [])
})

test.serial(
  'a server that does not answer is given up at the deadline, and the next attempt is a new one',
  async (t) => {
    const server = operatorOn(t, postgres)
    const one = await provisioned(server)
    // By itself a connection that is opened would be given up after five seconds, and a statement after half a minute.
    const took = await quickest(5_000, async () => {
      postgres.pause()
      try {
        const started = performance.now()
        t.is(await reason(server.apply(action('EnsureRoles', one), soon(300))), 'Timeout')
        t.is(await reason(server.health(soon(300))), 'Timeout')
        return performance.now() - started
      } finally {
        postgres.resume()
        await applyAll(server, one)
        t.deepEqual(await left(server, one), [])
      }
    })
    t.true(took < 5_000, `${took} ms`)
  },
)

/** What the server says of the last statement that was ended in the tenant's database. */
async function endedStatement({ target }: TestTenant): Promise<string | undefined> {
  const lines = (await readFile(postgres.logPath, 'utf8')).split('\n')
  return lines.findLast((line) => line.includes(`@${target.names.database} `) && line.includes('canceling statement'))
}

test.serial('a statement that nobody waits for any more is cancelled on the server', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await using holder = await postgres.connect({ ...postgres.operator, database: one.target.names.database })
  await holder.query('BEGIN; LOCK TABLE tenantry.admins IN ACCESS EXCLUSIVE MODE')
  const stop = new AbortController()
  const writing = reason(server.apply(action('WriteDirectory', one), stop.signal))
  const waiting = async () =>
    (await postgres.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)).length
  await eventually(async () => (await waiting()) > 0, { describe: 'the statement to wait for the lock' })
  stop.abort()
  t.is(await writing, 'Timeout')
  await eventually(async () => (await waiting()) === 0, { describe: 'the statement to wait no more' })
  // It would have given up by itself after five seconds of waiting for the lock; the server's log tells which it was.
  const ended = await eventually(() => endedStatement(one), { describe: 'the log to tell how the statement ended' })
  t.regex(ended, /canceling statement due to user request/)
})

test.serial('a read-only server is ReadOnly, and heals by itself', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await tenant()
  await postgres.readOnly(true)
  try {
    t.is(await reason(server.apply(action('EnsureRoles', one), soon())), 'ReadOnly')
    t.true((await server.health(soon())).readOnly)
  } finally {
    await postgres.readOnly(false)
  }
  await applyAll(server, one)
  t.deepEqual(await left(server, one), [])
})

test.serial('a server without free connections is TooManyConnections', async (t) => {
  const sessions: Session[] = []
  const one = () => postgres.connect(postgres.operator).then((session) => void sessions.push(session))
  // A session of the test before may end late, and leave a place.
  const isFull = async () => {
    while ((await sqlstate(one())) === undefined);
    return (await reason(operatorOn(t, postgres).health(soon()))) === 'TooManyConnections'
  }
  await eventually(isFull, { describe: 'the operator to be told that no place is left' })
  t.true(sessions.length > 20, `${sessions.length} sessions`)
  await Promise.all(sessions.map((session) => session.end()))
})

test.serial('who the server is and who we are is verified', async (t) => {
  const health = (address: Parameters<typeof operatorOn>[2] & object) =>
    reason(operatorOn(t, postgres, address).health(soon()))
  const ca = postgres.ca
  t.is(await health({ address: { password: 'wrong' } }), 'AuthenticationFailed')
  t.is(await health({ address: { tls: { mode: 'verify-full' } } }), 'CertificateUntrusted')
  t.is(await health({ address: { host: '127.0.0.2', tls: { mode: 'verify-full', ca } } }), 'Unavailable')
  t.is(await health({ address: { host: '127.0.0.1', tls: { mode: 'verify-full', ca } } }), 'it worked')
  // A name that no resolver has to be asked for.
  t.is(await health({ address: { host: 'no..such.invalid' } }), 'Unavailable')
  t.is(await health({ address: { tls: { mode: 'require' } } }), 'it worked')
})

test.serial('health names what is wrong with account and server, and the SQL that mends it', async (t) => {
  const server = operatorOn(t, postgres)
  const good = await server.health(soon())
  t.deepEqual([good.openToPublic, good.accountProblems, good.readOnly], [[], [], false])
  await postgres.query('CREATE DATABASE "their ""own"""')
  await postgres.query('ALTER ROLE tenantry SUPERUSER NOCREATEDB')
  const bad = await server.health(soon())
  t.deepEqual(bad.openToPublic, ['their "own"'])
  t.is(bad.accountProblems.length, 1)
  t.regex(bad.accountProblems[0] ?? '', /is SUPERUSER/)
  await postgres.query('ALTER ROLE tenantry NOSUPERUSER CREATEDB')
  for (const statement of bad.closingSql) await postgres.query(statement)
  t.deepEqual((await server.health(soon())).openToPublic, [])
  await postgres.query('DROP DATABASE "their ""own"""')
})

test.serial("a new leader ends its predecessor's sessions and nobody else's", async (t) => {
  const pod = (podUid: string, of = 'test'): PostgresServer => operatorOn(t, postgres, { podUid, installation: of })
  const uid = '5b9f2c1e-0000-4000-8000-00000000000'
  const [old, next, foreign] = [pod(`${uid}1`), pod(`${uid}2`), pod(`${uid}1`, 'test2')]
  await Promise.all([old.health(soon()), foreign.health(soon())])
  await using other = await postgres.connect(postgres.operator)
  // Others of this file may be about to end, so at least one.
  t.true((await next.endPredecessors(soon())) >= 1)
  t.is(await next.endPredecessors(soon()), 0)
  await other.query('SELECT 1')
  const names = await postgres.query<{ name: string }>(
    `SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE application_name LIKE 'tenantry/test%'`,
  )
  t.is(names.filter(({ name }) => name.startsWith('tenantry/test/')).length, 1)
  t.is(names.filter(({ name }) => name.startsWith('tenantry/test2/')).length, 1)
  t.true((await old.health(soon())).tenants >= 0)
})

test.serial('a process that leads no more ends no session', async (t) => {
  const mayWrite = () => {
    throw new LostLeadership()
  }
  const next = operatorOn(t, postgres, { podUid: 'next', installation: 'led' })
  const former = operatorOn(t, postgres, { podUid: 'former', installation: 'led', mayWrite })
  await next.health(soon())
  await t.throwsAsync(former.endPredecessors(soon()), { instanceOf: LostLeadership })
  const sessions = await postgres.query(`SELECT FROM pg_stat_activity WHERE application_name = 'tenantry/led/next'`)
  t.is(sessions.length, 1)
})

test.serial(
  'servers at one address have sessions of their own: when one is closed, the other keeps its own',
  async (t) => {
    const connect = connectPostgres({ installation: 'twice', podUid: 'pod', clock: systemClock })
    const [one, other] = [connect(addressOf(postgres)), connect(addressOf(postgres))]
    t.teardown(() => other.close())
    await Promise.all([one.health(soon()), other.health(soon())])
    await one.close()
    const sessions = () =>
      postgres.query<{ pid: number }>(`SELECT pid FROM pg_stat_activity WHERE application_name = 'tenantry/twice/pod'`)
    const kept = await eventually(async () => {
      const open = await sessions()
      return open.length === 1 ? open : undefined
    })
    await other.health(soon())
    t.deepEqual(await sessions(), kept)
  },
)

test.serial('a session of the predecessor that goes by itself at that moment is nothing to wait for', async (t) => {
  const next = operatorOn(t, postgres, { podUid: 'next', installation: 'going' })
  for (let round = 0; round < 20; round += 1) {
    const old = operatorOn(t, postgres, { podUid: `old${round}`, installation: 'going' })
    await Promise.all(Array.from({ length: 4 }, () => old.health(soon())))
    await Promise.all([old.close(), t.notThrowsAsync(next.endPredecessors(soon()))])
  }
})

test.serial('burst: twenty tenants at once, with four connections', async (t) => {
  const server = operatorOn(t, postgres)
  const tenants = await Promise.all(Array.from({ length: 20 }, () => provisioned(server)))
  for (const one of tenants) t.deepEqual(await left(server, one), [])
  await Promise.all(tenants.map((one) => applyAll(server, one, removal)))
})
