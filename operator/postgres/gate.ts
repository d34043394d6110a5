/** How many may pass at once: first come, first served. */

export interface Gate {
  /** Waits for a place, holds it while `work` runs. Rejects with the signal's reason when aborted while it waits. */
  readonly pass: <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>
}

export function gate(places: number): Gate {
  let free = places
  const waiting = new Set<() => void>()

  function leave(): void {
    const [next] = waiting
    if (next === undefined) free += 1
    else {
      waiting.delete(next)
      next()
    }
  }

  function enter(signal: AbortSignal): Promise<void> {
    if (free > 0) {
      free -= 1
      return Promise.resolve()
    }
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

  return {
    pass: async (signal, work) => {
      signal.throwIfAborted()
      await enter(signal)
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
