/** Rehearsals of last dumps, of which one runs at a time. */
import test from 'ava'
import { DumpError } from '../../../operator/dump/port.ts'
import type { DumpOrder } from '../../../operator/dump/port.ts'
import { DumpRehearsals } from '../../../operator/dump/rehearsals.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { dumpOrder } from './gen.ts'

const orderOf = (uid: string): DumpOrder => {
  const order = dumpOrder()
  return { ...order, target: { ...order.target, mark: { ...order.target.mark, uid } } }
}

/** Lets what was set off run. */
const soon = () => new Promise(setImmediate)

function world() {
  const clearing = Promise.withResolvers<void>()
  const begun: { readonly uid: string; readonly end: PromiseWithResolvers<void> }[] = []
  const dumper = {
    rehearse: ({ target }: DumpOrder, signal: AbortSignal) => {
      const end = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => end.reject(signal.reason))
      begun.push({ uid: target.mark.uid, end })
      return end.promise
    },
  }
  const ports = { dumper, cleared: () => clearing.promise, clock: new FakeClock(), log: silent }
  return { clearing, begun, rehearsals: new DumpRehearsals(ports) }
}

test('one after another, and none before what a leader before left is removed', async (t) => {
  const { clearing, begun, rehearsals } = world()
  for (const uid of ['one', 'two']) rehearsals.begin(orderOf(uid), 'asked')
  await soon()
  t.deepEqual(begun, [])
  clearing.resolve()
  await soon()
  t.deepEqual(
    begun.map(({ uid }) => uid),
    ['one'],
  )
  t.deepEqual(rehearsals.of('two', 'asked'), { kind: 'UnderWay' }, 'or it is on its way')
  begun[0]?.end.resolve()
  await soon()
  t.deepEqual(
    begun.map(({ uid }) => uid),
    ['one', 'two'],
  )
  t.deepEqual(rehearsals.of('one', 'asked'), { kind: 'Ended', failure: undefined })
  t.is(rehearsals.of('one', 'asked again'), undefined, 'the answer to one request is none to another')
  rehearsals.forget('one')
  t.is(rehearsals.of('one', 'asked'), undefined)
})

test('a stop ends what is under way, and is no answer', async (t) => {
  const { clearing, begun, rehearsals } = world()
  clearing.resolve()
  rehearsals.begin(orderOf('one'), 'asked')
  await soon()
  await rehearsals.stop()
  t.is(rehearsals.of('one', 'asked'), undefined)
  rehearsals.begin(orderOf('one'), 'asked')
  await soon()
  t.is(begun.length, 2)
  begun[1]?.end.reject(new DumpError('RestoreRefused', '', undefined, 'why'))
  await soon()
  t.deepEqual(rehearsals.of('one', 'asked'), {
    kind: 'Ended',
    failure: { reason: 'RestoreRefused', told: 'why' },
  })
})
