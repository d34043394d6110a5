/** How long nobody leads: when the leader goes in order, and when it is killed. Both with the usual lease of 15 s. */
import type { Stored } from '../test/harness/api.ts'
import type { OperatorProcess } from '../test/harness/operator.ts'
import { eventually } from '../test/harness/wait.ts'
import type { World } from '../test/harness/world.ts'

export interface Failover {
  /** Milliseconds. */
  readonly graceful: number
  readonly crash: number
}

export const leaseSeconds = 15

/** `start`: another operator, in a pod of its own. `leader` is ended. */
export async function failover(
  world: World,
  leader: OperatorProcess,
  start: () => Promise<OperatorProcess>,
): Promise<{ readonly figures: Failover; readonly operator: OperatorProcess }> {
  const second = await start()
  const gracefulStart = performance.now()
  const going = leader.stop()
  const graceful = (await heldBy(world, second)) - gracefulStart
  await going
  await leader[Symbol.asyncDispose]()
  const third = await start()
  const crashStart = performance.now()
  await second.kill()
  const crash = (await heldBy(world, third)) - crashStart
  await second[Symbol.asyncDispose]()
  return { figures: { graceful, crash }, operator: third }
}

/** performance.now() when the lease names this operator. */
async function heldBy({ api, installation }: World, operator: OperatorProcess): Promise<number> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${installation.namespace}/leases/tenantry-leader`
  const holds = async () => {
    const lease = await api.get<Stored & { readonly spec: { readonly holderIdentity?: string } }>(path)
    return lease?.spec.holderIdentity === operator.pod.uid
  }
  await eventually(holds, { timeout: 60_000, interval: 5, describe: 'the other operator to lead' })
  return performance.now()
}
