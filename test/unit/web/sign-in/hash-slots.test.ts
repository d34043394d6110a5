import test from 'ava'
import { HashingBusy, HashSlots } from '../../../../operator/web/sign-in/hash-slots.ts'
import { settle } from '../../runtime/fake-clock.ts'

test('Two at once, the others in turn, and too many are turned away', async (t) => {
  const slots = new HashSlots(2)
  const ends: (() => void)[] = []
  let running = 0
  let most = 0
  const work = () => {
    running += 1
    most = Math.max(most, running)
    return new Promise<void>((resolve) => {
      ends.push(() => {
        running -= 1
        resolve()
      })
    })
  }
  const all = Array.from({ length: 66 }, () => slots.run(work))
  await t.throwsAsync(slots.run(work), { instanceOf: HashingBusy })
  for (let i = 0; i < 66; i += 1) {
    ends[i]?.()
    await settle()
  }
  await Promise.all(all)
  t.is(most, 2)
})

test('A failure gives its place to the next', async (t) => {
  const slots = new HashSlots(1)
  await t.throwsAsync(
    slots.run(() => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  t.is(await slots.run(() => Promise.resolve(1)), 1)
})
