import test from 'ava'
import { Malformed } from '../../../../operator/web/ldap/ber.ts'
import { Framing } from '../../../../operator/web/ldap/framing.ts'
import { fc } from '../../../random.ts'
import { entry, message, result } from './answers.ts'

const limits = { message: 10_000, connection: 100_000 }
const messages = [
  message(1, result('bind', 0)),
  message(2, entry('uid=ben', { mail: ['x'.repeat(300)] })),
  message(2, result('search', 0)),
]
const all = Buffer.concat(messages)

test('the same messages come out, whatever the pieces', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(all.length)), (cuts) => {
      const framing = new Framing(limits)
      const ends = [...cuts, all.length].toSorted((a, b) => a - b)
      const out = ends.flatMap((end, index) => framing.add(all.subarray(ends[index - 1] ?? 0, end)))
      t.deepEqual(out, messages)
      t.false(framing.isPartial)
    }),
  )
})

test('a part of a message is told', (t) => {
  const framing = new Framing(limits)
  t.deepEqual(framing.add(all.subarray(0, -1)), messages.slice(0, -1))
  t.true(framing.isPartial)
})

test('a message that exceeds the limit is refused by its length alone', (t) => {
  t.throws(() => new Framing(limits).add(Buffer.from('308400ffffff', 'hex')), {
    instanceOf: Malformed,
    message: /10000/,
  })
})

test('all messages together have a limit', (t) => {
  const framing = new Framing({ ...limits, connection: all.length * 2 })
  framing.add(all)
  framing.add(all)
  t.throws(() => framing.add(Buffer.of(0x30)), { instanceOf: Malformed })
})

test('what is no message is refused at its first bytes', (t) => {
  t.throws(() => new Framing(limits).add(Buffer.from('HTTP/1.1 400')), { instanceOf: Malformed })
})

test('twenty thousand messages in one piece are no harm', (t) => {
  const many = Buffer.concat(Array.from({ length: 20_000 }, () => message(1, result('bind', 0))))
  t.is(new Framing({ ...limits, connection: many.length }).add(many).length, 20_000)
})
