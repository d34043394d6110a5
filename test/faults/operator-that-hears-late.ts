/** The operator, except that it hears of everything ten seconds late. */
import { setTimeout } from 'node:timers/promises'
import type { KubeClient } from '../../operator/kube/client.ts'
import { runDecorated } from './decorated-operator.ts'

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

await runDecorated((adapters) => ({ ...adapters, kube: late(adapters.kube) }))
