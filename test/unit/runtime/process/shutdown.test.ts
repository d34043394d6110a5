import test from 'ava'
import { silent } from '../../../../operator/runtime/logging/log.ts'
import { createShutdown } from '../../../../operator/runtime/process/shutdown.ts'
import { FakeClock } from '../fake-clock.ts'

test('steps run in order and once, whatever the signals', async (t) => {
  const clock = new FakeClock()
  const ran: string[] = []
  const step = (name: string) => ({ name, run: () => void ran.push(name), deadline: 1_000 })
  const shutdown = createShutdown([step('readiness'), step('drain'), step('release')], clock, silent)
  t.deepEqual(await Promise.all([shutdown('SIGTERM'), shutdown('SIGINT')]), [true, true])
  t.deepEqual(ran, ['readiness', 'drain', 'release'])
})

test('a step that hangs or throws does not keep the lease from being released', async (t) => {
  const clock = new FakeClock()
  let released = false
  const shutdown = createShutdown(
    [
      { name: 'hangs', run: () => new Promise<void>(() => {}), deadline: 5_000 },
      { name: 'throws', run: () => Promise.reject(new Error('no')), deadline: 5_000 },
      {
        name: 'throws at once',
        run: () => {
          throw new Error('no')
        },
        deadline: 5_000,
      },
      { name: 'release', run: () => void (released = true), deadline: 5_000 },
    ],
    clock,
    silent,
  )
  const ending = shutdown('SIGTERM')
  await clock.advance(4_999)
  t.false(released)
  await clock.advance(1)
  t.false(await ending)
  t.true(released)
})
