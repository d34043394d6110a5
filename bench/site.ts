/** Where the bench works: customers in the namespace of one MSP, whose admin has accepted and so may act in each. */
import { randomBytes } from 'node:crypto'
import type { Stored } from '../test/harness/api.ts'
import { acceptInvite } from '../test/harness/invitee.ts'
import type { OperatorProcess } from '../test/harness/operator.ts'
import { eventually } from '../test/harness/wait.ts'
import type { World } from '../test/harness/world.ts'
import { gate } from './gate.ts'

export interface Site {
  readonly world: World
  /** The namespace of the MSP. */
  readonly namespace: string
  /** The collection of its customers. */
  readonly tenants: string
  /** The Kubernetes user of its admin. */
  readonly user: string
  readonly email: string
}

export const installation = 'bench'

const group = '/apis/tenantry.dev/v1alpha1'
const apiVersion = 'tenantry.dev/v1alpha1'
const name = 'bmsp'

/** Needs a running operator. */
export async function openSite(world: World): Promise<Site> {
  const { api, mail } = world
  const { home } = world.installation
  const metadata = (suffix = '') => ({ name: `${name}${suffix}`, namespace: home })
  const email = 'ada@bmsp.example.com'
  await api.send('POST', `${group}/namespaces/${home}/tenants`, {
    apiVersion,
    kind: 'Tenant',
    metadata: metadata(),
    spec: { displayName: 'Bench MSP', type: 'MSP', provisioning: 'Immediate' },
  })
  await api.send('POST', `${group}/namespaces/${home}/tenantadmins`, {
    apiVersion,
    kind: 'TenantAdmin',
    metadata: metadata('-ada'),
    spec: { tenantRef: { name }, username: 'ada', email },
  })
  const invite = await mail.waitFor(({ to }) => to.includes(email), { timeout: 60_000 })
  const link = invite.links[0] ?? ''
  if ((await acceptInvite(link)) !== 'accepted') throw new Error('The invite of the MSP could not be accepted.')
  const path = `${group}/namespaces/${home}/tenants/${name}`
  const accepted = async () => {
    const msp = await api.get(path)
    return msp !== undefined && isAvailable(msp) && msp.status?.['invite'] === 'Accepted'
  }
  await eventually(accepted, { timeout: 60_000, describe: 'the MSP to be there' })
  const namespace = `tenant-${name}`
  return { world, namespace, tenants: `${group}/namespaces/${namespace}/tenants`, user: email, email }
}

export function isAvailable({ status }: Stored): boolean {
  const conditions = (status?.['conditions'] ?? []) as readonly { type: string; status: string }[] // metav1.Condition
  return conditions.some(({ type, status: value }) => type === 'Available' && value === 'True')
}

/** A Cloud ID that fits as a subdomain: a letter and nine more. */
export function newName(): string {
  return `b${randomBytes(5).toString('hex').slice(0, 9)}`
}

export async function declare({ world, namespace, tenants }: Site, tenant: string): Promise<Stored> {
  return world.api.send('POST', tenants, {
    apiVersion,
    kind: 'Tenant',
    metadata: { name: tenant, namespace },
    spec: { displayName: `Bench ${tenant}`, provisioning: 'Immediate' },
  })
}

/** Deletes all customers but those named, and waits until they are gone. Needs a running operator. Milliseconds. */
export async function clear(
  { world, tenants }: Site,
  operator: OperatorProcess,
  keep: readonly string[],
): Promise<number> {
  const start = performance.now()
  const left = async () => {
    operator.process.assertAlive()
    return (await world.api.list(tenants)).map(({ metadata }) => metadata).filter((each) => !keep.includes(each.name))
  }
  const places = gate(16)
  const all = await left()
  await Promise.all(all.map((each) => places(() => world.api.send('DELETE', `${tenants}/${each.name}`))))
  const gone = async () => (await left()).length === 0
  await eventually(gone, { timeout: 300_000, interval: 250, describe: 'the customers to be gone' })
  return performance.now() - start
}
