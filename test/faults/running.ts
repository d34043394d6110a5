/** A world of one's own in which the operator runs, for faults of what it works with. */
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { startWorld } from '../harness/world.ts'
import type { World, WorldOptions } from '../harness/world.ts'

export interface RunningWorld extends World {
  readonly operator: OperatorProcess
}

/** Ended by its disposal, the operator first. */
export async function startRunningWorld(options?: WorldOptions): Promise<RunningWorld> {
  const stack = new AsyncDisposableStack()
  try {
    const world = stack.use(await startWorld(options))
    const operator = stack.use(await startOperator({ cluster: world.cluster, mail: world.mail }))
    return { ...world, operator, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}
