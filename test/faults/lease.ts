/** The lease of the leader, and who holds it, for tests with two operators. */
import type { OperatorProcess } from '../harness/operator.ts'
import type { World } from '../harness/world.ts'

/** Long enough that nobody loses the lead because the machine stands still for a moment. */
export const lease = {
  seconds: 8,
  env: { TENANTRY_LEASE_DURATION: '8s', TENANTRY_RENEW_DEADLINE: '6s', TENANTRY_RETRY_PERIOD: '1s' },
}

interface Lease {
  readonly holderIdentity?: string
  readonly acquireTime?: string
  readonly renewTime?: string
}

export async function readLease({ api, installation }: World): Promise<Lease> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${installation.namespace}/leases/tenantry-leader`
  return (await api.get<{ readonly spec?: Lease }>(path))?.spec ?? {}
}

export async function leads(world: World, operator: OperatorProcess): Promise<boolean> {
  return (await readLease(world)).holderIdentity === operator.pod.uid
}
