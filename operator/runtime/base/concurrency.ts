/**
 * Runs `work` for each item, at most `width` at a time. The first failure is thrown once the running ones have ended.
 */
export async function mapConcurrently<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const rest = items.values()
  const failures: unknown[] = []
  const run = async () => {
    for (const item of rest) {
      if (failures.length > 0) return
      try {
        signal.throwIfAborted()
        await work(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, run))
  if (failures.length > 0) throw failures[0]
}
