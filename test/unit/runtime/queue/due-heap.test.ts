import test from 'ava'
import { fc } from '../../../random.ts'
import { DueHeap } from '../../../../operator/runtime/queue/due-heap.ts'

const commands = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('set' as const), key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), at: fc.nat(50) }),
    fc.record({ type: fc.constant('delete' as const), key: fc.constantFrom('a', 'b', 'c', 'd', 'e') }),
    fc.record({ type: fc.constant('take' as const), now: fc.nat(50) }),
  ),
)

test('it gives what a plain map with a search would give', (t) => {
  fc.assert(
    fc.property(commands, (list) => {
      const heap = new DueHeap()
      const model = new Map<string, number>()
      for (const command of list) {
        if (command.type === 'set') {
          heap.set(command.key, command.at)
          model.set(command.key, command.at)
        } else if (command.type === 'delete') {
          heap.delete(command.key)
          model.delete(command.key)
        } else {
          const earliest = Math.min(...model.values())
          const key = heap.take(command.now)
          if (earliest > command.now) t.is(key, undefined)
          else {
            t.is(model.get(key ?? ''), earliest)
            model.delete(key ?? '')
          }
        }
        t.is(heap.size, model.size)
        t.is(heap.next(), model.size === 0 ? undefined : Math.min(...model.values()))
      }
    }),
  )
})
