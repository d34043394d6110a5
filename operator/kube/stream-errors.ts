/**
 * undici 8.12.4 removes its error listener from an HTTP/2 stream when the request on it ended or was aborted, although
 * Node may still report on that stream that its session broke; an unhandled error event ends the process
 * (https://github.com/nodejs/undici/issues/5936 is the same at another moment). So each client stream gets a listener
 * that stays. The request itself learns of the failure through undici in any case.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'

/** Node 24: published with `{ stream }` when a client creates an HTTP/2 stream. */
const created = 'http2.client.stream.created'

const ignore = () => {}

/** One listener per stream, however many connections there are. */
function guard(message: unknown): void {
  if (typeof message !== 'object' || message === null || !('stream' in message)) return
  const { stream } = message
  if (stream instanceof EventEmitter && !stream.listeners('error').includes(ignore)) stream.on('error', ignore)
}

/** Guards all HTTP/2 client streams of the process until it is disposed. */
export function guardStreams(): Disposable {
  // unsubscribe() removes the first subscriber that is the same function: each connection needs one of its own.
  const own = (message: unknown): void => guard(message)
  subscribe(created, own)
  return { [Symbol.dispose]: () => void unsubscribe(created, own) }
}
