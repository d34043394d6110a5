/** How long the next write waits, and how long people are told. */
import test from 'ava'
import {
  afterPutBack,
  afterRefusedWrite,
  isOver,
  mayWrite,
  pauseOf,
  toldUntil,
} from '../../../../operator/tenant/contests/contest-history.ts'
import type { FieldHistory } from '../../../../operator/tenant/contests/contest-history.ts'

function putBack(times: number, guards: boolean, every: number): FieldHistory {
  const first = afterPutBack(undefined, { isRepeat: true, guards, now: 0 })
  return Array.from({ length: times - 1 }, (_, at) => (at + 1) * every).reduce(
    (history, now) => afterPutBack(history, { isRepeat: true, guards, now }),
    first,
  )
}

function refusedWrites(times: number, guards: boolean): FieldHistory {
  const first = afterRefusedWrite(undefined, guards, 0)
  return Array.from({ length: times - 1 }).reduce<FieldHistory>(
    (history) => afterRefusedWrite(history, guards, 0),
    first,
  )
}

const pauses = (of: (times: number) => FieldHistory) => [1, 2, 3, 4, 5, 6, 20].map((times) => pauseOf(of(times)))

test('what is put back waits from the third time on, longer and longer', (t) => {
  t.deepEqual(
    pauses((times) => putBack(times, false, 0)),
    [0, 0, 500, 1000, 2000, 4000, 300_000],
  )
})

test('isolation, roles and access never wait for long', (t) => {
  t.deepEqual(
    pauses((times) => putBack(times, true, 0)),
    [0, 0, 500, 1000, 2000, 2000, 2000],
  )
})

test('what is changed on its way waits from the first time on', (t) => {
  t.deepEqual(
    pauses((times) => refusedWrites(times, false)),
    [1000, 2000, 4000, 8000, 16_000, 32_000, 300_000],
  )
  t.deepEqual(
    pauses((times) => refusedWrites(times, true)),
    [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
  )
})

test('people are told from the fourth time on, for twice as long as it took to come back', (t) => {
  t.is(toldUntil(putBack(3, false, 60_000)), undefined)
  t.is(toldUntil(putBack(4, false, 60_000)), 3 * 60_000 + 120_000)
  t.is(toldUntil(putBack(4, false, 10)), 30 + 10_000)
  t.is(toldUntil(putBack(4, false, 3_600_000)), 3 * 3_600_000 + 600_000)
})

test('while it waits, and while each write is changed, people are told', (t) => {
  t.is(toldUntil({ ...putBack(3, false, 0), postponed: true }), 500 + 10_000)
  t.is(toldUntil(refusedWrites(1, false)), 1000 + 10_000)
})

test('a pause is over when it is over, and what was quiet for ten minutes is forgotten', (t) => {
  const history = putBack(5, false, 0)
  t.false(mayWrite(history, 1999))
  t.true(mayWrite(history, 2000))
  t.false(isOver(history, 599_999))
  t.true(isOver(history, 600_000))
})
