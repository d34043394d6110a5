/** A world of one's own in which the operator runs, for faults of what it works with. */
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World, WorldOptions } from '../harness/world.ts'

export interface RunningWorld extends World {
  readonly operator: OperatorProcess
}

export interface RunningWorldOptions extends WorldOptions {
  /** Settings (operator/config/config.ts) of the operator. */
  readonly env?: Readonly<Record<string, string>>
}

/** Ended by its disposal, the operator first. */
export async function startRunningWorld({ env = {}, ...options }: RunningWorldOptions = {}): Promise<RunningWorld> {
  const stack = new AsyncDisposableStack()
  try {
    const world = stack.use(await startWorld(options))
    const operator = stack.use(await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env }))
    return { ...world, operator, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** The server is looked at once more, or the next look in its turn would find the last databases, and tell of them. */
export async function lookedAt({ api, installation }: World): Promise<void> {
  const path = `/apis/tenantry.dev/v1alpha1/databaseservers/${installation.server}`
  const { metadata } = await api.send('PATCH', path, { spec: { capacity: { maxTenants: 1000 } } })
  const seen = async () => (await api.get(path))?.status?.['observedGeneration'] === metadata.generation
  await eventually(seen, { timeout: 60_000, describe: 'the DatabaseServer to be looked at' })
}
