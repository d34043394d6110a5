/**
 * The operator, except that it hears of everything ten seconds late; or else of what HEARS_LATE names and of nothing else:
 * `tenantadmins=2000`, a resource as in a URL and milliseconds.
 */
import { setTimeout } from 'node:timers/promises'
import type { KubeClient } from '../../operator/kube/client.ts'
import { runDecorated } from './decorated-operator.ts'

const [named, time] = process.env['HEARS_LATE']?.split('=') ?? []

/** Milliseconds from an event's arrival to when it is told. */
function delayOf(plural: string): number {
  if (named === undefined) return 10_000
  return named === plural ? Number(time) : 0
}

function late(kube: KubeClient): KubeClient {
  return {
    ...kube,
    watch: async (resource, options, signal) =>
      told(await kube.watch(resource, options, signal), delayOf(resource.plural)),
  }
}

/** Each event `delay` after it came, in the order in which they came. */
async function* told<T>(events: AsyncIterable<T>, delay: number): AsyncIterable<T> {
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
