/** How often the operator has reconciled, from its metrics. */
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'

/** By a controller, whatever came of it. */
export async function reconciles(operator: OperatorProcess, controller: string): Promise<number> {
  const { body } = await operator.probe('/metrics')
  const series = body.matchAll(/^controller_runtime_reconcile_total\{controller="([^"]*)",result="[^"]*"\} (\d+)$/gm)
  return [...series].reduce((sum, [, name, count]) => sum + (name === controller ? Number(count) : 0), 0)
}

/** Waits for a second in which the controller reconciles nothing. */
export async function atRest(operator: OperatorProcess, controller: string): Promise<void> {
  let before = -1
  const isAtRest = async () => {
    const last = before
    before = await reconciles(operator, controller)
    return before === last
  }
  await eventually(isAtRest, {
    timeout: 90_000,
    interval: 1_000,
    describe: `the controller ${controller} to be at rest`,
  })
}
