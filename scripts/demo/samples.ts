/** The tenants of the demo: those of manifests/samples. */
import { readFile } from 'node:fs/promises'
import type { KubeObject } from '../../operator/kube/port.ts'
import { parsed } from '../../test/harness/chart.ts'
import type { Cluster } from '../../test/harness/cluster.ts'
import { eventually } from '../../test/harness/wait.ts'

/** The names in msp.yaml and customer.yaml, for the lines to try. */
export const samples = {
  msp: { name: 'acme', home: 'customers', namespace: 'tenant-acme', admin: 'acme-ada' },
  customer: { name: 'bakery', home: 'tenant-acme', namespace: 'tenant-bakery', admin: 'bakery-ben' },
} as const

/** Declares the MSP, and its customer as soon as there is a namespace for it; resolves when both invites are out. */
export async function declareSamples(cluster: Cluster, detail: (text: string) => void): Promise<void> {
  const { kubectl } = cluster
  const { msp, customer } = samples
  await apply(cluster, (await sample('msp')).map(immediately))
  detail(`waiting for the namespace ${msp.namespace}`)
  const wait = ['wait', 'tenant', msp.name, '-n', msp.home, '--for=condition=Available', '--timeout=60s']
  await kubectl(wait, { timeout: 70_000 })
  await apply(cluster, await sample('customer'))
  for (const { name, home, admin } of [msp, customer]) {
    detail(`waiting for the invite to ${name}`)
    await eventually(async () => (await inviteOf(cluster, home, admin)) === 'Pending', {
      timeout: 30_000,
      interval: 100,
      describe: `the invite of the TenantAdmin ${admin} to be sent`,
    })
  }
}

async function sample(name: 'msp' | 'customer'): Promise<readonly KubeObject[]> {
  return parsed(await readFile(new URL(`../../manifests/samples/${name}.yaml`, import.meta.url), 'utf8'))
}

/** The MSP is there at once, so that its customer can be declared too; the customer waits for its admin. */
function immediately(object: KubeObject): KubeObject {
  if (object.kind !== 'Tenant' || !('spec' in object)) return object
  const changed: KubeObject & { readonly spec: object } = {
    ...object,
    spec: { ...(object.spec as object), provisioning: 'Immediate' },
  }
  return changed
}

async function apply({ kubectl }: Cluster, items: readonly KubeObject[]): Promise<void> {
  await kubectl(['apply', '-f', '-'], { input: { apiVersion: 'v1', kind: 'List', items } })
}

async function inviteOf({ kubectl }: Cluster, namespace: string, name: string): Promise<string> {
  return kubectl(['get', 'tenantadmin', name, '-n', namespace, '-o', 'jsonpath={.status.invite.status}'])
}
