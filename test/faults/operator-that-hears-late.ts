/** The operator as main.ts starts it, except that it hears of everything ten seconds late. */
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { createAdapters } from '../../operator/adapters.ts'
import { parseConfig } from '../../operator/config.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { run } from '../../operator/run.ts'
import { createLogger } from '../../operator/runtime/log.ts'

/** Milliseconds from an event's arrival to when it is told. */
const delay = 10_000

function late(kube: KubeClient): KubeClient {
  return { ...kube, watch: async (resource, options, signal) => told(await kube.watch(resource, options, signal)) }
}

/** Each event `delay` after it came, in the order in which they came. */
async function* told<T>(events: AsyncIterable<T>): AsyncIterable<T> {
  const arrivals = ReadableStream.from(stamped(events)).pipeThrough(
    new TransformStream<Arrival<T>, Arrival<T>>({}, undefined, new CountQueuingStrategy({ highWaterMark: Infinity })),
  )
  for await (const { event, at } of arrivals) {
    await setTimeout(Math.max(0, at + delay - performance.now()))
    yield event
  }
}

interface Arrival<T> {
  readonly event: T
  readonly at: number
}

async function* stamped<T>(events: AsyncIterable<T>): AsyncIterable<Arrival<T>> {
  for await (const event of events) yield { event, at: performance.now() }
}

const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'))
const adapters = createAdapters(config, createLogger({ level: config.logLevel }))
const { started, stop } = run(config, { ...adapters, kube: late(adapters.kube) })
process.on('SIGTERM', () => void stop('SIGTERM').then((well) => process.exit(well ? 0 : 1)))
await started
