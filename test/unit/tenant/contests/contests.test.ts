/** What the memory of contests asks for, at the moments that no whole pass shows. */
import test from 'ava'
import { Contests } from '../../../../operator/tenant/contests/contests.ts'
import type { Thing } from '../../../../operator/tenant/contests/contested-thing.ts'
import { Postponed } from '../../../../operator/tenant/model/errors.ts'

const thing: Thing = {
  id: 'NetworkPolicy tenantry-isolation',
  namespace: 'acme',
  target: 'Content',
  wanted: () => 'so',
}
const opened = { path: ['spec', 'ingress'], wanted: [], seen: [{}] }

/** Put back so often, at once. */
function fought(times: number) {
  const clock = { now: 0, monotonic: () => clock.now }
  const contests = new Contests(clock)
  for (let round = 0; round < times; round += 1) {
    const attempt = contests.begin('uid', thing)
    attempt.found([opened])
    contests.end('uid', attempt, true)
  }
  return { clock, contests }
}

test('what becomes due while a pass goes on is looked at within a second', (t) => {
  const { clock, contests } = fought(3)
  clock.now = 499
  t.throws(() => contests.begin('uid', thing), { instanceOf: Postponed })
  contests.resolve('uid', new Set([thing.id]))
  clock.now = 501
  t.true((contests.dueIn('uid') ?? Infinity) < 1000)
})

test('what something else keeps from being done is not asked for all the time', (t) => {
  const { clock, contests } = fought(3)
  clock.now = 499
  t.throws(() => contests.begin('uid', thing), { instanceOf: Postponed })
  clock.now = 20_000
  t.true((contests.dueIn('uid') ?? 0) > 10_000)
})

test('while it waits it is told, whatever a cache that lags shows of the last write, and no longer where it stays right', (t) => {
  const { clock, contests } = fought(3)
  const [right, wrong] = [new Set<string>(), new Set([thing.id])]
  for (const now of [100, 200, 300]) {
    clock.now = now
    t.throws(() => contests.begin('uid', thing), { instanceOf: Postponed })
    contests.resolve('uid', wrong)
    t.is(contests.told('uid').length, 1, `${now}: as it is`)
    contests.resolve('uid', right)
    t.is(contests.told('uid').length, 1, `${now}: as it was`)
  }
  t.is(contests.dueIn('uid'), 200)
  clock.now = 500
  contests.resolve('uid', right)
  t.deepEqual(contests.told('uid'), [])
})

test('nothing is remembered of an object that was made once, and nothing is due', (t) => {
  const { contests } = fought(0)
  const attempt = contests.begin('uid', thing)
  attempt.answered([])
  t.false(contests.end('uid', attempt, false))
  t.is(contests.dueIn('uid'), undefined)
  t.deepEqual(contests.told('uid'), [])
})

test('an object that is to be otherwise begins anew', (t) => {
  const { contests } = fought(3)
  t.notThrows(() => contests.begin('uid', { ...thing, wanted: () => 'otherwise' }).found([opened]))
})

/** Each of so many writes was changed on its way, and nobody else wrote. */
function changedOnItsWay(times: number) {
  const { clock, contests } = fought(0)
  const mutated = { ...opened, seen: [{ ports: [{ port: 1 }] }] }
  for (let round = 0; round < times; round += 1) {
    clock.now += 40_000
    const attempt = contests.begin('uid', thing)
    attempt.found([mutated])
    attempt.answered([mutated])
    contests.end('uid', attempt, true)
  }
  return { clock, contests, mutated }
}

test('where each write is changed on its way, what another writer opens meanwhile is closed within two seconds', (t) => {
  const { clock, contests, mutated } = changedOnItsWay(8)
  clock.now += 1_500
  t.throws(() => contests.begin('uid', thing).found([mutated]), { instanceOf: Postponed })
  t.true((contests.dueIn('uid') ?? 0) > 20_000)
  clock.now += 1_500
  t.notThrows(() => contests.begin('uid', thing).found([opened]))
})

test('what another writer opens at once after such a write is looked at again after two seconds', (t) => {
  const { clock, contests } = changedOnItsWay(8)
  clock.now += 1_000
  t.throws(() => contests.begin('uid', thing).found([opened]), { instanceOf: Postponed })
  t.is(contests.dueIn('uid'), 1_000)
  clock.now += 1_000
  t.notThrows(() => contests.begin('uid', thing).found([opened]))
})

test('where each write is changed on its way, who opens and closes it by turns is not answered each time', (t) => {
  const { clock, contests, mutated } = changedOnItsWay(1)
  let writes = 0
  for (let round = 0; round < 100; round += 1) {
    clock.now += 100
    try {
      const attempt = contests.begin('uid', thing)
      attempt.found([opened])
      attempt.answered([mutated])
      contests.end('uid', attempt, true)
      writes += 1
    } catch (error) {
      if (!(error instanceof Postponed)) throw error
    }
    contests.resolve('uid', new Set([thing.id]))
    clock.now += 100
    contests.resolve('uid', new Set())
    t.is(contests.told('uid').length, 1)
  }
  t.true(writes > 5 && writes <= 11, String(writes))
  clock.now += 60_000
  contests.resolve('uid', new Set())
  t.deepEqual(contests.told('uid'), [])
  t.is(contests.dueIn('uid'), undefined)
})

test('what people are told stays the same where the policy and another writer write another value each time', (t) => {
  const { clock, contests } = changedOnItsWay(1)
  const before = contests.told('uid')
  for (let port = 2; port < 8; port += 1) {
    clock.now += 2_001
    const attempt = contests.begin('uid', thing)
    attempt.found([{ ...opened, seen: [{ ports: [{ port: 100 * port }] }] }])
    attempt.answered([{ ...opened, seen: [{ ports: [{ port }] }] }])
    contests.end('uid', attempt, true)
    t.deepEqual(contests.told('uid'), before)
  }
})

test('of several keys that a policy adds none is taken for another writer, and a contest is told to the log once', (t) => {
  const secret: Thing = { ...thing, id: 'Secret tenantry-database' }
  const added = ['one', 'two'].map((key) => ({ path: ['data', key], wanted: undefined, seen: key }))
  const { clock, contests } = fought(0)
  for (let round = 0; round < 8; round += 1) {
    clock.now += 40_000
    const attempt = contests.begin('uid', secret)
    attempt.found(added)
    attempt.answered(added)
    contests.end('uid', attempt, true)
  }
  t.is(contests.untold('uid').length, 1)
  clock.now += 5_000
  t.throws(() => contests.begin('uid', secret).found(added), { instanceOf: Postponed })

  const other = { path: ['data', 'two'], wanted: undefined, seen: 'three' }
  clock.now += 1_000
  const attempt = contests.begin('uid', secret)
  t.notThrows(() => attempt.found(added.with(1, other)))
  attempt.answered(added)
  contests.end('uid', attempt, true)
  t.deepEqual(contests.untold('uid'), [])
})

test('what guards nothing has time, whoever wrote it', (t) => {
  const quota: Thing = { ...thing, id: 'ResourceQuota tenantry-quota' }
  const pods = (seen: string) => ({ path: ['spec', 'hard', 'pods'], wanted: '50', seen })
  const { clock, contests } = fought(0)
  const attempt = contests.begin('uid', quota)
  attempt.found([pods('77')])
  attempt.answered([pods('77')])
  contests.end('uid', attempt, true)
  clock.now += 1_001
  t.notThrows(() => contests.begin('uid', quota).found([pods('9999')]), 'as early as after the first refusal')
})
