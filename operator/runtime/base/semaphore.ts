/** A semaphore: first come, first served. */

export interface Semaphore {
  /** Waits for a permit, holds it while `work` runs. Rejects with the signal's reason when aborted while it waits. */
  readonly pass: <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>
}

export function semaphore(permits: number): Semaphore {
  let free = permits
  const waiting = new Set<() => void>()

  const leave = () => {
    const [next] = waiting
    if (next === undefined) free += 1
    else {
      waiting.delete(next)
      next()
    }
  }
  return {
    pass: async (signal, work) => {
      signal.throwIfAborted()
      if (free > 0) free -= 1
      else await turn(waiting, signal)
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}

/** Resolves when another holder hands its permit over. */
function turn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const take = () => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    }
    const giveUp = () => {
      waiting.delete(take)
      reject(signal.reason)
    }
    waiting.add(take)
    signal.addEventListener('abort', giveUp, { once: true })
  })
}
