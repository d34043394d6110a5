/** Parses the bytes of a watch into its events: one JSON document per line. */
import { failure, watchError } from './errors.ts'
import type { KubeObject, Resource } from './port.ts'
import type { WatchEvent } from './watcher.ts'

/** KEP-3157: the annotation of the bookmark that ends the initial events. */
const initialEventsEnd = 'k8s.io/initial-events-end'

interface RawEvent<T> {
  readonly type: string
  readonly object: T
}

/**
 * Yields the events of a watch. Ends when the server ends it. Throws KubeError when the connection is cut or the server
 * sends an ERROR; returns quietly when `signal` aborts.
 */
export async function* watchEvents<T extends KubeObject>(
  chunks: AsyncIterable<Uint8Array>,
  resource: Resource<T>,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const what = `watch ${resource.plural}`
  try {
    for await (const line of lines(chunks)) {
      if (signal.aborted) return
      const event: unknown = JSON.parse(line)
      if (isEvent<T>(event)) yield translate(event, what)
    }
  } catch (error) {
    if (!signal.aborted) throw failure(error, what)
  }
}

function translate<T extends KubeObject>(event: RawEvent<T>, what: string): WatchEvent<T> {
  const { type, object } = event
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object }
    case 'BOOKMARK':
      return {
        type,
        resourceVersion: object.metadata.resourceVersion ?? '',
        initialEventsEnd: object.metadata.annotations?.[initialEventsEnd] === 'true',
      }
    default:
      throw watchError(object, what)
  }
}

function isEvent<T>(event: unknown): event is RawEvent<T> {
  return typeof event === 'object' && event !== null && 'type' in event && 'object' in event
}

/** Lines of UTF-8, whatever the chunks; an unfinished last line was cut off and is dropped. */
async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let pending: string[] = []
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n')
    const [first = '', ...rest] = parts
    pending.push(first)
    for (const part of rest) {
      const line = pending.join('')
      pending = [part]
      if (line !== '') yield line
    }
  }
}
