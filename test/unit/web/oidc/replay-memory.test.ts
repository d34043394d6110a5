/** An id is used once, and the memory of it has bounds. */
import test from 'ava'
import { ReplayMemory } from '../../../../operator/web/oidc/replay-memory.ts'

test('an id is used once within the lifetime', (t) => {
  const memory = new ReplayMemory(1000)
  t.true(memory.use('a', 0))
  t.false(memory.use('a', 1000))
  t.true(memory.use('b', 1000))
  t.true(memory.use('a', 1001))
})

test('the oldest ids are forgotten first', (t) => {
  const memory = new ReplayMemory(1_000_000)
  for (let index = 0; index < 10_000; index += 1) memory.use(String(index), index)
  t.false(memory.use('9999', 10_000))
  t.true(memory.use('more', 10_000))
  t.true(memory.use('0', 10_001))
})
