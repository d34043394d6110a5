/** A tenant's whole life as its people drive it: declared, invited, accepted, provisioned, deleted. */
import { isDeepStrictEqual } from 'node:util'
import { ApiError } from '../harness/api.ts'
import type { Stored } from '../harness/api.ts'
import { uniqueName } from '../harness/context.ts'
import { acceptInvite } from '../harness/invitee.ts'
import { eventually } from '../harness/wait.ts'
import type { World } from '../harness/world.ts'
import { endState } from './end-state.ts'
import type { EndState, Subject, Where } from './end-state.ts'

/** Where a life stands still until somebody acts. */
export type Stage = 'invited' | 'active' | 'rotated' | 'gone'

/** What somebody does, and where the life stands when all that follows from it is done. */
interface Step {
  readonly stage: Stage
  readonly act: (world: World, name: string) => Promise<void>
}

/** One kind of life. What it has in common with another kind is cut there, not here. */
interface Life {
  /** Of the Tenant, when it is declared. */
  readonly spec: object
  readonly steps: readonly Step[]
  readonly cut: readonly Stage[]
}

const invited: Step = { stage: 'invited', act: async () => undefined }
const active: Step = { stage: 'active', act: (world, name) => accept(world, name) }
const rotated: Step = { stage: 'rotated', act: (world, name) => rotate(world, name) }
const removed: Step = { stage: 'gone', act: (world, name) => remove(world, name) }

export const lives = {
  OnAccept: { spec: {}, steps: [invited, active, removed], cut: ['invited', 'active', 'gone'] },
  Immediate: {
    spec: { provisioning: 'Immediate' },
    steps: [invited, active, removed],
    cut: ['invited', 'active', 'gone'],
  },
  Rotate: { spec: { plan: 'brief-grace' }, steps: [invited, active, rotated, removed], cut: ['rotated'] },
} as const satisfies Record<string, Life>
export type LifeName = keyof typeof lives

/** A plan whose grace after a rotation is so short that it ends within a life. */
export async function preparePlans({ api }: World): Promise<void> {
  await api.send('POST', `${group}/tenantplans`, {
    apiVersion,
    kind: 'TenantPlan',
    metadata: { name: 'brief-grace' },
    spec: { database: { rotation: { grace: '1s' } } },
  })
}

const group = '/apis/tenantry.dev/v1alpha1'

export function whereOf(world: World, installation: string): Where {
  const { api, postgres } = world
  return { api, postgres, home: world.installation.home, namespace: world.installation.namespace, installation }
}

const apiVersion = 'tenantry.dev/v1alpha1'

/** A Tenant without an admin, provisioned at once unless `spec` says otherwise. */
export function declareTenant(world: World, name: string, spec: object = {}): Promise<Stored> {
  return world.api.send('POST', pathOf(world, 'tenants'), {
    apiVersion,
    kind: 'Tenant',
    metadata: { name, namespace: world.installation.home },
    spec: { displayName: 'Fault & Sons', subdomain: name, provisioning: 'Immediate', ...spec },
  })
}

/** The admin of that Tenant: Ada. */
export function declareAdmin(world: World, tenant: string): Promise<Stored> {
  return world.api.send('POST', pathOf(world, 'tenantadmins'), {
    apiVersion,
    kind: 'TenantAdmin',
    metadata: { name: `${tenant}-ada`, namespace: world.installation.home },
    spec: { tenantRef: { name: tenant }, username: 'ada', email: addressOf(tenant), firstName: 'Ada' },
  })
}

export async function declare(world: World, name: string, life: LifeName): Promise<Subject> {
  const tenant = await declareTenant(world, name, { provisioning: 'OnAccept', ...lives[life].spec })
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

/** As a person does who finds the page out of order: again, until it answers. */
export async function accept({ mail }: World, name: string, timeout = 90_000): Promise<void> {
  const invite = await mail.waitFor(({ to }) => to.includes(addressOf(name)), { timeout, describe: 'the invite' })
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

const requestedRotation = 'sweep'

async function rotate(world: World, name: string): Promise<void> {
  const annotations = { 'tenantry.dev/rotate-requested-at': requestedRotation }
  await world.api.send('PATCH', pathOf(world, `tenants/${name}`), { metadata: { annotations } })
}

/** The request is answered, and the grace of the former login is over. */
function isRotated(tenant: Stored | undefined): boolean {
  const database = (tenant?.status?.['database'] ?? {}) as Readonly<Record<string, unknown>> // of our own schema
  return database['lastHandledRotation'] === requestedRotation && database['formerLoginUntil'] === undefined
}

/** The Tenant first; its admin when it is gone, so that every life has the same effects. */
export async function remove(world: World, name: string): Promise<void> {
  await removeOne(world, `tenants/${name}`)
  const gone = async () => (await world.api.get(pathOf(world, `tenants/${name}`))) === undefined
  await eventually(gone, { timeout: 90_000, interval: 100, describe: `the Tenant ${name} to be gone` })
  await removeOne(world, `tenantadmins/${name}-ada`)
}

async function removeOne(world: World, path: string): Promise<void> {
  await world.api.send('DELETE', pathOf(world, path)).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error
  })
}

export function pathOf({ installation }: World, path: string): string {
  return `${group}/namespaces/${installation.home}/${path}`
}

/** What is there now, when it stands still: what the conditions say is that nothing is left to do. */
export async function restingState(subject: Subject, stage: Stage, where: Where): Promise<EndState | undefined> {
  const path = (kind: string, name: string) => `${group}/namespaces/${where.home}/${kind}/${name}`
  const tenant = await where.api.get(path('tenants', subject.name))
  const admin = await where.api.get(path('tenantadmins', `${subject.name}-ada`))
  const isAt: Readonly<Record<Stage, boolean>> = {
    invited: isReady(tenant) && inviteOf(admin)['sentAt'] !== undefined,
    active: isReady(tenant) && tenant?.status?.['invite'] === 'Accepted' && tenant.status['phase'] === 'Active',
    rotated: isReady(tenant) && isRotated(tenant),
    gone: tenant === undefined && admin === undefined,
  }
  return isAt[stage] ? endState(subject, where) : undefined
}

function isReady(object: Stored | undefined): boolean {
  return conditionOf(object, 'Ready')?.status === 'True'
}

export function inviteOf(admin: Stored | undefined): Readonly<Record<string, unknown>> {
  return (admin?.status?.['invite'] ?? {}) as Readonly<Record<string, unknown>> // of our own schema
}

/** Waits until two looks, a moment apart, see the same. */
export async function settled(subject: Subject, stage: Stage, where: Where, timeout = 60_000): Promise<EndState> {
  let before: EndState | undefined
  return eventually(
    async () => {
      const now = await restingState(subject, stage, where)
      const same = now !== undefined && isDeepStrictEqual(now, before)
      before = now
      return same ? now : undefined
    },
    { timeout, interval: 1000, describe: `${subject.name} to be ${stage}` },
  )
}
