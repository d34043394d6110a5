/** A few connections, made when needed, kept while they are in use again within the idle time. */
import type { Clock } from '../runtime/clock.ts'
import type { Connection } from './connection.ts'
import { gate } from './gate.ts'

const idleMilliseconds = 30_000

export interface Pool {
  /** Waits for a place as long as the signal lets it; `work` has the connection for itself. */
  readonly use: <T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>) => Promise<T>
  /** Closes what is idle, and what is in use as soon as it comes back. */
  readonly close: () => Promise<void>
}

export function pool(
  size: number,
  clock: Pick<Clock, 'after'>,
  open: (signal: AbortSignal) => Promise<Connection>,
): Pool {
  const places = gate(size)
  const idle = new Map<Connection, () => void>()
  let closed = false

  function take(): Connection | undefined {
    // The one used last is the likeliest to live.
    for (const [connection, stay] of [...idle].toReversed()) {
      idle.delete(connection)
      stay()
      if (connection.usable()) return connection
    }
    return undefined
  }

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
      places.pass(signal, async () => {
        const connection = take() ?? (await open(signal))
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
      await Promise.all(connections.map(([connection, stay]) => (stay(), connection.close())))
    },
  }
}
