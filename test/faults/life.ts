/** A tenant as its people drive it: declared, invited, accepted, deleted; and what is seen of it. */
import { ApiError } from '../harness/api.ts'
import type { Stored } from '../harness/api.ts'
import { uniqueName } from '../harness/context.ts'
import type { Cluster } from '../harness/cluster.ts'
import { acceptInvite } from '../harness/invitee.ts'
import { eventually } from '../harness/wait.ts'
import type { World } from '../harness/world.ts'
import type { Subject } from './end-state.ts'

const group = '/apis/tenantry.dev/v1alpha1'

const apiVersion = 'tenantry.dev/v1alpha1'

/** A Tenant without an admin, provisioned at once unless `spec` says otherwise. */
export function declareTenant(
  world: World,
  name: string,
  spec: object = {},
  annotations: Readonly<Record<string, string>> = {},
): Promise<Stored> {
  return world.api.send('POST', pathOf(world, 'tenants'), {
    apiVersion,
    kind: 'Tenant',
    metadata: { name, namespace: world.installation.home, annotations },
    spec: { displayName: 'Fault & Sons', subdomain: name, provisioning: 'Immediate', ...spec },
  })
}

/** The admin of that Tenant: Ada; `spec` says what else of her. */
export function declareAdmin(world: World, tenant: string, spec: object = {}): Promise<Stored> {
  return world.api.send('POST', pathOf(world, 'tenantadmins'), {
    apiVersion,
    kind: 'TenantAdmin',
    metadata: { name: `${tenant}-ada`, namespace: world.installation.home },
    spec: { tenantRef: { name: tenant }, username: 'ada', email: addressOf(tenant), firstName: 'Ada', ...spec },
  })
}

/** A Tenant that is made when Ada accepts, unless `spec` says otherwise. */
export async function declare(world: World, name: string, spec: object = {}): Promise<Subject> {
  const tenant = await declareTenant(world, name, { provisioning: 'OnAccept', ...spec })
  const admin = await declareAdmin(world, name)
  return { name, uid: tenant.metadata.uid, adminUid: admin.metadata.uid }
}

/** Lower-case letters and digits, at most ten: it is the subdomain too. */
export function newName(): string {
  return uniqueName('c').replace('-', '')
}

export function tenantOf(world: World, name: string): Promise<Stored | undefined> {
  return world.api.get(pathOf(world, `tenants/${name}`))
}

export function adminOf(world: World, tenant: string): Promise<Stored | undefined> {
  return world.api.get(pathOf(world, `tenantadmins/${tenant}-ada`))
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

export function conditionOf(object: Stored | undefined, type: string): Condition | undefined {
  const conditions = (object?.status?.['conditions'] ?? []) as readonly Condition[] // metav1.Condition
  return conditions.find((condition) => condition.type === type)
}

/** Waits until the Tenant can be used; the error says what its conditions are. */
export async function available(world: World, name: string, timeout = 60_000): Promise<Stored> {
  return eventually(
    async () => {
      const tenant = await tenantOf(world, name)
      if (tenant !== undefined && conditionOf(tenant, 'Available')?.status === 'True') return tenant
      throw new Error(JSON.stringify(tenant?.status?.['conditions'] ?? 'no conditions'))
    },
    { timeout, interval: 50, describe: `the Tenant ${name} to be available` },
  )
}

export function addressOf(name: string): string {
  return `ada@${name}.example.com`
}

/** As a person does who finds the page out of order: again, until it answers. Of several invites, the one of this number. */
export async function accept({ mail }: World, name: string, sequence = 1): Promise<void> {
  const timeout = 90_000
  const isIt = ({ to, messageId }: { readonly to: readonly string[]; readonly messageId: string }) =>
    to.includes(addressOf(name)) && messageId.includes(`.${sequence}@`)
  const invite = await mail.waitFor(isIt, { timeout, describe: 'the invite' })
  const link = invite.links[0] ?? ''
  await eventually(
    async () => {
      const answer = await acceptInvite(link)
      if (answer === 'refused') throw new Error('the form was refused')
      // A first try whose answer was lost has used the link up.
      return answer
    },
    { timeout, interval: 50, describe: 'the invite to be accepted' },
  )
}

/** Changes the Tenant as a person does. */
export async function edit(world: World, name: string, patch: object): Promise<void> {
  await world.api.send('PATCH', pathOf(world, `tenants/${name}`), patch)
}

/** Milliseconds from an edit until the operator has reconciled it. */
export async function reconciledIn(world: World, name: string): Promise<number> {
  const began = performance.now()
  await edit(world, name, { spec: { displayName: `Edited at ${began}` } })
  const isReconciled = async () => {
    const { metadata, status } = (await tenantOf(world, name)) ?? {}
    return status?.['observedGeneration'] === (metadata as { readonly generation?: number }).generation // metav1.ObjectMeta
  }
  await eventually(isReconciled, {
    timeout: 60_000,
    interval: 10,
    describe: `the edit of ${name} to be reconciled`,
  })
  return performance.now() - began
}

/** The Tenant first; its admin when it is gone, so that every life has the same effects. */
export async function remove(world: World, name: string): Promise<void> {
  await removeTenant(world, name)
  await removeOne(world, `tenantadmins/${name}-ada`)
}

/** And waits until it is gone. */
export async function removeTenant(world: World, name: string): Promise<void> {
  await removeOne(world, `tenants/${name}`)
  const gone = async () => (await tenantOf(world, name)) === undefined
  await eventually(gone, { timeout: 90_000, interval: 100, describe: `the Tenant ${name} to be gone` })
}

/** As a controller of Kubernetes does, whom the policies let pass; waits for nothing. */
export async function removePastPolicy(
  { cluster, installation }: World,
  name: string,
  namespace = installation.home,
): Promise<void> {
  await deletePastPolicy(cluster, 'tenant', name, '-n', namespace)
}

/** `what`: as kubectl is told it. */
export async function deletePastPolicy(
  { kubectl }: Pick<Cluster, 'kubectl'>,
  ...what: readonly string[]
): Promise<void> {
  const who = ['--as=system:kube-controller-manager', '--as-group=system:masters']
  await kubectl(['delete', ...what, '--wait=false', ...who])
}

/** Deletes the object without its finalizer, before the operator puts that back: as people do with one that is stuck. */
export async function tearOut(api: World['api'], path: string): Promise<void> {
  const isTorn = async (): Promise<boolean> => {
    const { metadata } = await api.send('PATCH', path, { metadata: { finalizers: [] } })
    const preconditions = { resourceVersion: metadata.resourceVersion }
    try {
      await api.send('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', preconditions })
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return false
      throw error
    }
  }
  await eventually(isTorn, { timeout: 30_000, describe: `${path} to be torn out` })
}

/** Keeps the tenant's namespace, and so the last of a deletion, until the answer is called: what is said until then can be read. */
export async function holdNamespace({ api }: World, name: string): Promise<() => Promise<void>> {
  const path = `/api/v1/namespaces/tenant-${name}/configmaps`
  const metadata = { name: 'held', finalizers: ['example.com/held'] }
  await api.send('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata })
  return async () => void (await api.send('PATCH', `${path}/held`, { metadata: { finalizers: null } }))
}

/** The entries of the tenant's Secret, decoded. */
export async function credentialsOf(world: World, name: string): Promise<Readonly<Record<string, string>>> {
  const secret = await world.api.get(`/api/v1/namespaces/tenant-${name}/secrets/tenantry-database`)
  const entries = Object.entries(secret?.data ?? {})
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}

export async function removeOne(world: World, path: string): Promise<void> {
  await world.api.remove(pathOf(world, path))
}

export function pathOf({ installation }: World, path: string): string {
  return `${group}/namespaces/${installation.home}/${path}`
}

export function isReady(object: Stored | undefined): boolean {
  return conditionOf(object, 'Ready')?.status === 'True'
}

/** Waits until the Tenant says that all is well. */
export async function ready(world: World, name: string): Promise<Stored> {
  return eventually(
    async () => {
      const tenant = await tenantOf(world, name)
      return isReady(tenant) ? tenant : undefined
    },
    { timeout: 60_000, describe: `the Tenant ${name} to be Ready` },
  )
}

/** Waits until the Tenant is off, and all that this asks for is done. */
export async function off(
  world: World,
  name: string,
  phase: 'Deactivated' | 'Archived',
  timeout = 60_000,
): Promise<void> {
  const isOff = async () => {
    const tenant = await tenantOf(world, name)
    return tenant?.status?.['phase'] === phase && isReady(tenant)
  }
  await eventually(isOff, { timeout, describe: `the Tenant ${name} to be ${phase}` })
}

export function inviteOf(admin: Stored | undefined): Readonly<Record<string, unknown>> {
  return (admin?.status?.['invite'] ?? {}) as Readonly<Record<string, unknown>> // of our own schema
}

/** What a Tenant says of its database. */
export interface DatabaseStatus {
  readonly name?: string
  /** With isolation Schema. */
  readonly schema?: string
  readonly lastHandledRotation?: string
}

export function databaseOf(tenant: Stored | undefined): DatabaseStatus {
  return tenant?.status?.['database'] ?? {}
}
