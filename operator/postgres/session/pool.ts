/** A few connections, made when needed and kept for the idle time. */
import type { Clock } from '../../runtime/base/clock.ts'
import type { Connection } from './connection.ts'
import { semaphore } from '../../runtime/base/semaphore.ts'

const idleMilliseconds = 30_000

export interface Pool {
  /** Waits for a connection as long as the signal allows; `work` has the connection for itself. */
  readonly use: <T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>) => Promise<T>
  /** Closes idle connections, and busy ones as soon as they come back. */
  readonly close: () => Promise<void>
}

/** Idle connections, each with the function that keeps it from being closed. */
type Idle = Map<Connection, () => void>

export function pool(
  size: number,
  clock: Pick<Clock, 'after'>,
  open: (signal: AbortSignal) => Promise<Connection>,
): Pool {
  const permits = semaphore(size)
  const idle: Idle = new Map()
  let closed = false

  async function giveBack(connection: Connection): Promise<void> {
    if (closed || !connection.usable()) return connection.close()
    const stay = clock.after(idleMilliseconds, () => {
      idle.delete(connection)
      void connection.close()
    })
    idle.set(connection, stay)
  }
  return {
    use: (signal, work) =>
      permits.pass(signal, async () => {
        const connection = take(idle) ?? (await open(signal))
        try {
          return await work(connection)
        } finally {
          await giveBack(connection)
        }
      }),
    close: async () => {
      closed = true
      const connections = [...idle]
      idle.clear()
      for (const [, stay] of connections) stay()
      await Promise.all(connections.map(([connection]) => connection.close()))
    },
  }
}

/** The one used last, as the likeliest to be alive; dead ones are dropped. */
function take(idle: Idle): Connection | undefined {
  for (const [connection, stay] of [...idle].toReversed()) {
    idle.delete(connection)
    stay()
    if (connection.usable()) return connection
  }
  return undefined
}
