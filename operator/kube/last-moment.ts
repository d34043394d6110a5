/**
 * A check that runs when a request goes out, which may be long after the call: credentials are read first, a connection
 * is made, and the process may have been frozen in between.
 */
import type { Dispatcher } from 'undici'

/** An error from `check` becomes the request's error, and nothing has gone out. */
export function asking(check: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => dispatch(options, guarded(handler, check))
}

function guarded(handler: Dispatcher.DispatchHandler, check: () => void): Dispatcher.DispatchHandler {
  return new Proxy(handler, {
    get(target, property) {
      if (property === 'onRequestStart') return starting(target, check)
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => Reflect.apply(member, target, args)
    },
  })
}

/** undici calls it right before it writes the request. */
function starting(
  handler: Dispatcher.DispatchHandler,
  check: () => void,
): Dispatcher.DispatchHandler['onRequestStart'] {
  return (controller, context) => {
    try {
      check()
    } catch (error) {
      controller.abort(error instanceof Error ? error : new Error('The request must not go out.', { cause: error }))
      return
    }
    handler.onRequestStart?.(controller, context)
  }
}
