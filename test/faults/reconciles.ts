/** How often the operator has reconciled, from its metrics. */
import type { OperatorProcess } from '../harness/operator.ts'

/** By a controller, whatever came of it. */
export async function reconciles(operator: OperatorProcess, controller: string): Promise<number> {
  const { body } = await operator.probe('/metrics')
  const series = body.matchAll(/^controller_runtime_reconcile_total\{controller="([^"]*)",result="[^"]*"\} (\d+)$/gm)
  return [...series].reduce((sum, [, name, count]) => sum + (name === controller ? Number(count) : 0), 0)
}
