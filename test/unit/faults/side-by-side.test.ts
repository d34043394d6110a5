import test from 'ava'
import { sideBySide } from '../../faults/side-by-side.ts'

const met = { reached: true, recovery: 1, start: 1, problem: undefined, late: false }
const missed = { reached: false, recovery: undefined, start: undefined, problem: undefined, late: false }

test('those that die together are of one group, and a group begins when the one before has ended', async (t) => {
  const running = new Set<number>()
  const groups: string[] = []
  await sideBySide(
    [1, 2, 3, 4, 5],
    async (point, group) => {
      running.add(point)
      await Promise.resolve()
      groups.push(`${group ?? 'none'}: ${[...running].join(' ')}`)
      await Promise.resolve()
      running.delete(point)
      return met
    },
    { together: 2 },
  )
  t.deepEqual(groups, ['0: 1 2', '0: 1 2', '1: 3 4', '1: 3 4', '2: 5'])
})

test('whoever missed its effect has another turn, alone and last', async (t) => {
  const told: string[] = []
  const results = await sideBySide(
    ['a', 'b', 'c'],
    async (point, group) => {
      told.push(`${point}${group === undefined ? ' alone' : ''}`)
      return point === 'b' ? missed : met
    },
    { atOnce: 2 },
  )
  t.deepEqual(told, ['a', 'b', 'c', 'b alone'])
  t.deepEqual(results, [met, met, missed])
})

test('one that came too late has another turn, alone, and is told of when it is too late there too', async (t) => {
  const late = { ...met, problem: 'too late', late: true }
  const turns = (second: typeof late | typeof met) =>
    sideBySide(['a'], async (_point, group) => (group === undefined ? second : late), {})
  t.deepEqual(await turns(met), [met])
  t.deepEqual(await turns(late), [late])
})

test('one that came to another end is told of at once', async (t) => {
  const bad = { ...missed, problem: 'another end' }
  t.deepEqual(await sideBySide(['a'], async () => bad, {}), [bad])
})
