/** A world of one's own in which the operator's wall clock is what a test says it is. */
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../harness/folder.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorOptions, OperatorProcess } from '../harness/operator.ts'
import { startWeb } from '../harness/web.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

export interface ClockedWorld extends World {
  /** Sets the wall clock of all operators and of the pages, also of those that run, `milliseconds` ahead of the machine's. */
  setClock(milliseconds: number): Promise<void>
  /** An operator by that clock. It is the caller's to end, before the world. */
  start(options?: Partial<OperatorOptions>): Promise<OperatorProcess>
}

/** Begins with the machine's own time. */
export async function startClockedWorld(): Promise<ClockedWorld> {
  const stack = new AsyncDisposableStack()
  try {
    const world = stack.use(await startWorld())
    const folder = await temporaryFolder('clock')
    stack.defer(() => folder.remove())
    const file = join(folder.path, 'ahead')
    const setClock = async (milliseconds: number): Promise<void> => {
      // In one step: an operator that reads half a file would see the clock jump.
      await writeFile(`${file}.next`, String(milliseconds))
      await rename(`${file}.next`, file)
    }
    await setClock(0)
    const byClock = { TEST_CLOCK: file }
    const { cluster, mail } = world
    const web = stack.use(await startWeb({ cluster, entry: 'test/harness/web-with-clock.ts', env: byClock }))
    return {
      ...world,
      web,
      setClock,
      start: ({ env, ...options } = {}) =>
        startOperator({
          cluster,
          mail,
          web,
          entry: 'test/harness/operator-with-clock.ts',
          env: { ...byClock, ...env },
          ...options,
        }),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}
