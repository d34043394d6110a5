import test from 'ava'
import { KubeError } from '../../../../operator/kube/port.ts'
import { Controller, type ControllerSpec } from '../../../../operator/runtime/controller/controller.ts'
import { createLogger } from '../../../../operator/runtime/logging/log.ts'
import { createMetrics } from '../../../../operator/runtime/metrics/metrics.ts'
import { done, ReportedFailure, type Reconcile } from '../../../../operator/runtime/queue/reconcile.ts'
import { FakeClock, seededRandom, settle } from '../fake-clock.ts'
import { LostLeadership } from '../../../../operator/runtime/base/effect-check.ts'

function controllerWith(reconcile: Reconcile, more: Partial<ControllerSpec> = {}) {
  const clock = new FakeClock()
  const lines: Record<string, unknown>[] = []
  const log = createLogger({
    level: 'info',
    destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  })
  const metrics = createMetrics(clock.monotonic)
  const controller = new Controller(
    { name: 'tenant', reconcile, ...more },
    { clock, random: seededRandom(), log, metrics },
  )
  const metric = async (line: string) => {
    const text = await metrics.registry.metrics()
    const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `))
    return found === undefined ? undefined : Number(found.slice(line.length + 1))
  }
  return { clock, controller, lines, metric }
}

test('a reconcile that is done is not repeated', async (t) => {
  let passes = 0
  const { clock, controller, metric, lines } = controllerWith(async () => {
    passes += 1
    return done
  })
  controller.start()
  controller.queue.add('ns/a')
  await clock.advance(100_000)
  t.is(passes, 1)
  t.is(await metric('controller_runtime_reconcile_total{controller="tenant",result="success"}'), 1)
  t.is(await metric('controller_runtime_active_workers{controller="tenant"}'), 0)
  t.deepEqual(lines, [])
})

test('requeueAfter brings the key up again at its time, once', async (t) => {
  const at: number[] = []
  const { clock, controller, metric } = controllerWith(async () => {
    at.push(clock.monotonic())
    return at.length === 1 ? { requeueAfter: 7_000 } : done
  })
  controller.start()
  controller.queue.add('ns/a')
  await clock.advance(6_999)
  t.deepEqual(at, [0])
  await clock.advance(100_000)
  t.deepEqual(at, [0, 7_000])
  t.is(await metric('controller_runtime_reconcile_total{controller="tenant",result="requeue_after"}'), 1)
})

test('a failure is logged once, counted, and tried again with growing pauses until it succeeds', async (t) => {
  let passes = 0
  const { clock, controller, metric, lines } = controllerWith(async () => {
    passes += 1
    if (passes <= 3) throw new Error('the database is away')
    return done
  })
  controller.start()
  controller.queue.add('ns/a')
  await clock.advance(1_000)
  t.is(passes, 4)
  t.is(await metric('controller_runtime_reconcile_errors_total{controller="tenant"}'), 3)
  t.is(await metric('workqueue_retries_total{name="tenant",controller="tenant"}'), 3)
  t.is(lines.length, 3)
  t.like(lines[2], {
    level: 'error',
    controller: 'tenant',
    key: 'ns/a',
    failures: 3,
    error: { message: 'the database is away' },
  })
  t.false(JSON.stringify(lines).includes('at '), 'no stack traces')
  t.is(controller.queue.failures('ns/a'), 0)
})

test('what else is due of a key whose failures back off is due at its time', async (t) => {
  const at: number[] = []
  const { clock, controller, lines } = controllerWith(async () => {
    at.push(clock.monotonic())
    if (at.length <= 12) throw new Error('down')
    if (at.length === 13) throw new ReportedFailure(new Error('down'), 2_000)
    return done
  })
  controller.start()
  controller.queue.add('ns/a')
  await clock.advance(4_000_000)
  t.is(at.length, 14)
  t.is((at[13] ?? 0) - (at[12] ?? 0), 2_000)
  t.is(lines.at(-1)?.['failures'], 13, 'it counts as a failure all the same')
})

test('a conflict is tried again without a word in the log', async (t) => {
  let passes = 0
  const { clock, controller, lines } = controllerWith(async () => {
    passes += 1
    if (passes === 1) throw new KubeError('Conflict', 'changed meanwhile', 409)
    return done
  })
  controller.start()
  controller.queue.add('ns/a')
  await clock.advance(10)
  t.is(passes, 2)
  t.deepEqual(lines, [])
})

test('what a busy server asks for is waited for', async (t) => {
  const at: number[] = []
  const { clock, controller } = controllerWith(async () => {
    at.push(clock.monotonic())
    if (at.length === 1) throw new KubeError('TooManyRequests', 'slow down', 429, { retryAfter: 4_000 })
    return done
  })
  controller.start()
  controller.queue.add('ns/a')
  await clock.advance(60_000)
  t.deepEqual(at, [0, 4_000])
})

test('a process that lost the leadership gives the key up: no retry, no error', async (t) => {
  let passes = 0
  const { clock, controller, lines } = controllerWith(async () => {
    passes += 1
    throw new LostLeadership()
  })
  controller.start()
  controller.queue.add('ns/a')
  await clock.advance(10_000_000)
  t.is(passes, 1)
  t.is(lines.filter(({ level }) => level === 'error').length, 0)
})

test('the signal of a reconcile aborts at its timeout', async (t) => {
  const aborted: number[] = []
  const { clock, controller } = controllerWith(
    (_key, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(clock.monotonic())
          reject(signal.reason as Error)
        })
      }),
    { timeout: 5_000 },
  )
  controller.start()
  controller.queue.add('ns/hangs')
  await clock.advance(5_000)
  t.deepEqual(aborted, [5_000])
})

/** Passes that take as long as their key says, in seconds; those of `failing` fail then. */
function passesThatTake(concurrency: number, failing: ReadonlySet<string> = new Set()) {
  const begun: string[] = []
  const made = controllerWith(
    async (key) => {
      begun.push(key)
      await new Promise<void>((resolve) => made.clock.after(Number(key.split('/')[0]) * 1000, resolve))
      if (failing.has(key)) throw new Error('no')
      return done
    },
    { concurrency },
  )
  made.controller.start()
  return { ...made, begun }
}

test('a pass that takes long goes on without its worker: others wait for it two seconds at most, and its key comes up once at a time', async (t) => {
  const { clock, controller, begun } = passesThatTake(2)
  for (const key of ['60/a', '60/b', '0.1/c', '0.1/d']) controller.queue.add(key)
  await clock.advance(1_999)
  t.deepEqual(begun, ['60/a', '60/b'])
  controller.queue.add('60/a')
  await clock.advance(1)
  t.deepEqual(begun, ['60/a', '60/b', '0.1/c', '0.1/d'])
  await clock.advance(57_999)
  t.is(begun.length, 4)
  await clock.advance(1)
  t.deepEqual(begun.slice(4), ['60/a'])
})

test('passes that take long have an end to their number, after which they hold their workers', async (t) => {
  const { clock, controller, begun } = passesThatTake(1)
  for (let index = 0; index < 10; index += 1) controller.queue.add(`60/${index}`)
  await clock.advance(50_000)
  t.is(begun.length, 4)
  await clock.advance(11_000)
  t.is(begun.length, 5)
})

test('tries that fail after a long time hold no places of others that have failed', async (t) => {
  const failing = new Set(['30/a', '30/b', '0/c'])
  const { clock, controller, begun } = passesThatTake(2, failing)
  for (const key of failing) controller.queue.add(key)
  await clock.advance(34_500)
  const before = begun.length
  t.true(begun.slice(3).includes('30/a') && begun.slice(3).includes('30/b'), 'both are tried again')
  controller.queue.add('0/c')
  await clock.advance(2_500)
  t.true(begun.slice(before).includes('0/c'))
})

test('stopping waits for passes that take long', async (t) => {
  const { clock, controller } = passesThatTake(1)
  controller.queue.add('10/a')
  await clock.advance(5_000)
  let stopped = false
  void controller.stop(20_000).then(() => (stopped = true))
  await clock.advance(4_999)
  t.false(stopped)
  await clock.advance(1)
  t.true(stopped)
})

test('no more keys are in hands than the concurrency allows', async (t) => {
  let now = 0
  let most = 0
  const { clock, controller, metric } = controllerWith(
    async () => {
      now += 1
      most = Math.max(most, now)
      await new Promise<void>((resolve) => clock.after(10, resolve))
      now -= 1
      return done
    },
    { concurrency: 3 },
  )
  for (let index = 0; index < 20; index += 1) controller.queue.add(`ns/${index}`)
  t.is(await metric('workqueue_depth{name="tenant",controller="tenant"}'), 20)
  controller.start()
  await clock.advance(1_000)
  t.is(most, 3)
  t.is(await metric('controller_runtime_max_concurrent_reconciles{controller="tenant"}'), 3)
  t.is(await metric('workqueue_adds_total{name="tenant",controller="tenant"}'), 20)
})

test('stopping waits for what is in hands, takes nothing new, and aborts what takes longer than the grace period', async (t) => {
  const finished: string[] = []
  const { clock, controller } = controllerWith(
    (key, signal) =>
      new Promise((resolve, reject) => {
        clock.after(key === 'ns/slow' ? 60_000 : 500, () => {
          finished.push(key)
          resolve(done)
        })
        signal.addEventListener('abort', () => {
          finished.push(`${key} aborted`)
          reject(signal.reason as Error)
        })
      }),
    { concurrency: 2 },
  )
  controller.start()
  for (const key of ['ns/quick', 'ns/slow', 'ns/later']) controller.queue.add(key)
  await settle()
  let stopped = false
  void controller.stop(1_000).then(() => (stopped = true))
  await clock.advance(999)
  t.deepEqual(finished, ['ns/quick'])
  t.false(stopped)
  await clock.advance(1)
  t.deepEqual(finished, ['ns/quick', 'ns/slow aborted'])
  t.true(stopped)
})
