/** Lives of which each is cut at a point of its own, several at a time with one operator. */

/** How one that was cut went on. */
export interface Cut {
  /** False: the life came to its end without that effect. */
  readonly reached: boolean
  /** Milliseconds from the start after the crash to the same state as without it. */
  readonly recovery: number | undefined
  /** Milliseconds of these until the process was ready: what a busy machine makes longer, and no wait of the operator's. */
  readonly start: number | undefined
  /** Why it is not the same, or came too late; undefined when all is well. */
  readonly problem: string | undefined
  /** It is the same, and came too late: that may be a pause of the machine. */
  readonly late: boolean
}

export interface Side<Result extends Cut> {
  /** How many at a time. Default 1. */
  readonly atOnce?: number
  /** How many die together, held at their points for each other: fewer restarts, and less exact. Default 1. */
  readonly together?: number
  readonly tell?: (result: Result, done: number, total: number) => void
}

/** What a sweep found. */
export interface Swept<Result extends Cut> {
  readonly results: readonly Result[]
  /** What all processes have logged, those that died too. */
  readonly logs: string
}

/**
 * The end of another life's process may come between, and the work of others; so those that missed their effect or came to
 * their end too late have another turn, alone.
 */
export async function sideBySide<Point, Result extends Cut>(
  points: readonly Point[],
  live: (point: Point, group: string | undefined) => Promise<Result>,
  { atOnce = 1, together = 1, tell = () => undefined }: Side<Result>,
): Promise<readonly Result[]> {
  const again: Point[] = []
  const results: Result[] = []
  const one = async (point: Point, group?: string): Promise<void> => {
    const result = await live(point, group)
    if (group !== undefined && (result.late || (!result.reached && result.problem === undefined))) {
      again.push(point)
      return
    }
    results.push(result)
    tell(result, results.length, points.length)
  }
  const groups = Array.from({ length: Math.ceil(points.length / together) }, (_, index) => ({
    name: String(index),
    points: points.slice(index * together, (index + 1) * together),
  }))
  const work = async (): Promise<void> => {
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
      const { name } = group
      await Promise.all(group.points.map((point) => one(point, name)))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  for (const point of again) await one(point)
  return results
}
