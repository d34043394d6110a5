/** The kinds of life that are cut: what somebody does, one thing after the other, and where each leads when nothing is in its way. */
import type { Stored } from '../harness/api.ts'
import { eventually } from '../harness/wait.ts'
import type { World } from '../harness/world.ts'
import { endState } from './end-state.ts'
import type { EndState, Subject, Where } from './end-state.ts'
import { furnish } from './keepsake.ts'
import {
  accept,
  conditionOf,
  declareTenant,
  edit,
  inviteOf,
  isReady,
  pathOf,
  remove,
  removeOne,
  removePastPolicy,
  removeTenant,
  tenantOf,
} from './life.ts'
import { whenAtRest } from './at-rest.ts'

/** Where a life stands still until somebody acts. */
export type Stage =
  | 'invited'
  | 'active'
  | 'rotated'
  | 'archived'
  | 'revived'
  | 'purged'
  | 'retained'
  | 'adopted'
  | 'missing'
  | 'begunEmpty'
  | 'undone'
  | 'restored'
  | 'replaced'
  | 'reaccepted'
  | 'gone'

/** What somebody does, and where the life stands when all that follows from it is done. */
interface Step {
  readonly stage: Stage
  /** Resolves to who it is about from then on. */
  readonly act: (world: World, subject: Subject) => Promise<Subject>
}

/** One kind of life. What it has in common with another kind is cut there, not here. */
interface Life {
  /** Of the Tenant, when it is declared. */
  readonly spec: object
  readonly steps: readonly Step[]
  /** Where the effects on the way are cut at. What comes after the last is not looked at. */
  readonly cut: readonly Stage[]
  /** Of the effects there, those whose label has this. */
  readonly only?: RegExp
}

type Act = (world: World, subject: Subject) => Promise<unknown>

/** After which it is about the same Tenant. */
function step(stage: Stage, act: Act): Step {
  return { stage, act: async (world, subject) => act(world, subject).then(() => subject) }
}

const invited = step('invited', async () => undefined)
const active = step('active', (world, { name }) => accept(world, name))
const rotated = step('rotated', (world, { name }) => rotate(world, name))
const removed = step('gone', (world, { name }) => remove(world, name))
const revived = step('revived', (world, { name }) => edit(world, name, { spec: { state: 'Active' } }))
const archived: Step = {
  stage: 'archived',
  act: async (world, subject) => {
    const keepsake = await furnish(world, subject, { workload: true })
    await edit(world, subject.name, { spec: { state: 'Archived' } })
    return { ...subject, keepsake }
  },
}
const purged: Step = {
  stage: 'purged',
  act: async (world, subject) => {
    await furnish(world, subject)
    // Time enough to have stopped all before the data goes, where nothing is in the way.
    await edit(world, subject.name, { spec: { state: 'Archived', archive: { retention: '2s' } } })
    return subject
  },
}
const retained: Step = {
  stage: 'retained',
  act: async (world, subject) => {
    const keepsake = await furnish(world, subject)
    await edit(world, subject.name, { spec: { deletion: { policy: 'Retain' } } })
    await removeOne(world, `tenants/${subject.name}`)
    return { ...subject, keepsake }
  },
}
const adopted: Step = {
  stage: 'adopted',
  act: async (world, { name, uid, ...rest }) => {
    const { metadata } = await declareTenant(world, name, { provisioning: 'OnAccept' }, { 'tenantry.dev/adopt': uid })
    return { ...rest, name, uid: metadata.uid, formerUid: uid }
  },
}

/** Somebody drops the tenant's database. */
const missing = step('missing', async (world, { name }) => {
  const database = await databaseOf(world, name)
  await world.postgres.query(`DROP DATABASE ${database} WITH (FORCE)`)
})
const begunEmpty = step('begunEmpty', async (world, { name }) => {
  const annotations = { 'tenantry.dev/begin-empty': await databaseOf(world, name) }
  await edit(world, name, { metadata: { annotations } })
})

/** A deletion that is held up, as that of a protected Tenant is, and is taken back. */
const undone: Step = {
  stage: 'undone',
  act: async (world, subject) => {
    const keepsake = await furnish(world, subject)
    await edit(world, subject.name, { spec: { deletion: { protected: true } } })
    await removePastPolicy(world, subject.name)
    await edit(world, subject.name, { metadata: { annotations: { 'tenantry.dev/undo-deletion': subject.name } } })
    return { ...subject, keepsake }
  },
}
const restored: Step = { stage: 'restored', act: (world, subject) => declareAnew(world, subject) }

/** The Tenant goes and its admin stays; then there is another of its name. */
const replaced: Step = {
  stage: 'replaced',
  act: async (world, subject) => {
    await removeTenant(world, subject.name)
    const { name, uid, adminUid, formerUid } = await declareAnew(world, subject)
    return { name, uid, adminUid, ...(formerUid === undefined ? {} : { replacedUid: formerUid }) }
  },
}
const reaccepted = step('reaccepted', (world, { name }) => accept(world, name, 2))

/** The same manifest once more. */
async function declareAnew(world: World, { name, uid, ...rest }: Subject): Promise<Subject> {
  const { metadata } = await declareTenant(world, name, { provisioning: 'OnAccept' })
  return { ...rest, name, uid: metadata.uid, formerUid: uid }
}

async function databaseOf(world: World, name: string): Promise<string> {
  return String(databaseStatus(await tenantOf(world, name))['name'])
}

export const lives = {
  OnAccept: { spec: {}, steps: [invited, active, removed], cut: ['invited', 'active', 'gone'] },
  Immediate: {
    spec: { provisioning: 'Immediate' },
    steps: [invited, active, removed],
    cut: ['invited', 'active', 'gone'],
  },
  Schema: {
    spec: { provisioning: 'Immediate', database: { isolation: 'Schema' } },
    steps: [invited, active, removed],
    cut: ['invited', 'gone'],
    // All else is as it is with a database of one's own.
    only: /^sql /,
  },
  Rotate: { spec: { plan: 'brief-grace' }, steps: [invited, active, rotated], cut: ['rotated'] },
  Revive: { spec: {}, steps: [invited, active, archived, revived], cut: ['archived', 'revived'] },
  DumpedAtEnd: {
    spec: { plan: 'last-dump' },
    steps: [invited, active, removed],
    cut: ['gone'],
    // How a dump is taken is as it is before a purge.
    only: / status$|^(rename|end) |^sql .* on <database>$/,
  },
  Purge: { spec: {}, steps: [invited, active, purged], cut: ['purged'] },
  Adopt: { spec: {}, steps: [invited, active, retained, adopted], cut: ['retained', 'adopted'] },
  Undo: { spec: {}, steps: [invited, active, undone, restored], cut: ['undone', 'restored'] },
  Replace: { spec: {}, steps: [invited, active, replaced, reaccepted], cut: ['replaced', 'reaccepted'] },
  Lost: { spec: {}, steps: [invited, active, missing, begunEmpty], cut: ['missing', 'begunEmpty'] },
} as const satisfies Record<string, Life>
export type LifeName = keyof typeof lives
export const lifeNames = Object.keys(lives) as readonly LifeName[] // its own keys

export function lifeOf(name: LifeName): Life {
  return lives[name]
}

const group = '/apis/tenantry.dev/v1alpha1'

/** A plan with a parameter, whose grace after a rotation is so short that it ends within a life; one with a last dump; and a server that offers both isolations. */
export async function prepareWorld({ api, installation }: World): Promise<void> {
  await api.send('POST', `${group}/tenantplans`, {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'TenantPlan',
    metadata: { name: 'brief-grace' },
    spec: { database: { rotation: { grace: '1s' }, parameters: { jit: 'off' } } },
  })
  await api.send('POST', `${group}/tenantplans`, {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'TenantPlan',
    metadata: { name: 'last-dump' },
    spec: { deletion: { finalDump: true } },
  })
  await api.send('PATCH', `${group}/databaseservers/${installation.server}`, {
    spec: { isolation: ['Database', 'Schema'] },
  })
}

const requestedRotation = 'sweep'

/** After the tenant has set something for its login. */
async function rotate(world: World, name: string): Promise<void> {
  const tenant = await world.api.get(`${group}/namespaces/${world.installation.home}/tenants/${name}`)
  const roles = databaseStatus(tenant)['roles'] as { readonly owner: string } // of our own schema
  await world.postgres.query(`ALTER ROLE ${roles.owner}_a SET work_mem = '8MB'`)
  const annotations = { 'tenantry.dev/rotate-requested-at': requestedRotation }
  await edit(world, name, { metadata: { annotations } })
}

/** The request is answered, and the grace period of the former login is over. */
function isRotated(tenant: Stored | undefined): boolean {
  const database = databaseStatus(tenant)
  return database['lastHandledRotation'] === requestedRotation && database['formerLoginUntil'] === undefined
}

function databaseStatus(tenant: Stored | undefined): Readonly<Record<string, unknown>> {
  return (tenant?.status?.['database'] ?? {}) as Readonly<Record<string, unknown>> // of our own schema
}

/** By another invite than the one that was for an earlier Tenant. */
function isAskedAgain(admin: Stored | undefined): boolean {
  const { sequence, sentAt } = inviteOf(admin)
  return sequence === 2 && sentAt !== undefined && conditionOf(admin, 'Ready')?.reason === 'TenantReplaced'
}

function isPurged(tenant: Stored | undefined): boolean {
  const purge = (tenant?.status?.['purge'] ?? {}) as Readonly<Record<string, unknown>> // of our own schema
  return purge['finishedAt'] !== undefined
}

/** What is there now, when it stands still: what the conditions say is that nothing is left to do. */
export async function restingState(subject: Subject, stage: Stage, where: Where): Promise<EndState | undefined> {
  const path = (kind: string, name: string) => `${group}/namespaces/${where.home}/${kind}/${name}`
  const tenant = await where.api.get(path('tenants', subject.name))
  const admin = await where.api.get(path('tenantadmins', `${subject.name}-ada`))
  return isAt(stage, tenant, admin) ? endState(subject, where) : undefined
}

function isAt(stage: Stage, tenant: Stored | undefined, admin: Stored | undefined): boolean {
  const phase = tenant?.status?.['phase']
  const isUsed = isReady(tenant) && tenant?.status?.['invite'] === 'Accepted' && phase === 'Active'
  const rests: Readonly<Record<Stage, () => boolean>> = {
    invited: () => isReady(tenant) && inviteOf(admin)['sentAt'] !== undefined,
    active: () => isUsed,
    rotated: () => isReady(tenant) && isRotated(tenant),
    archived: () => isReady(tenant) && phase === 'Archived',
    revived: () => isUsed,
    purged: () => isReady(tenant) && isPurged(tenant),
    retained: () => tenant === undefined,
    adopted: () => isUsed,
    missing: () => conditionOf(tenant, 'Stalled')?.reason === 'DatabaseMissing',
    begunEmpty: () => isUsed && databaseStatus(tenant)['begunEmpty'] !== undefined,
    undone: () => tenant === undefined,
    restored: () => isUsed,
    replaced: () => isReady(tenant) && isAskedAgain(admin),
    reaccepted: () => isUsed && inviteOf(admin)['status'] === 'Accepted',
    gone: () => tenant === undefined && admin === undefined,
  }
  return rests[stage]()
}

/** Waits until it is at rest, and all looks for a while have seen the same. */
export async function settled(subject: Subject, stage: Stage, where: Where): Promise<EndState> {
  const restingAt = whenAtRest<EndState>()
  return eventually(async () => restingAt(await restingState(subject, stage, where)), {
    timeout: 90_000,
    interval: 1000,
    describe: `${subject.name} to be ${stage}`,
  })
}

/** Asks for the end of what a life has left behind, and waits for nothing. */
export async function leave(world: World, { name }: Subject): Promise<void> {
  await removeOne(world, `tenants/${name}`)
  await removeOne(world, `tenantadmins/${name}-ada`)
}

/** Until no Tenant and no TenantAdmin is left in the home namespace. */
export async function allGone(world: World): Promise<void> {
  const none = async () => {
    const kinds = await Promise.all(['tenants', 'tenantadmins'].map((kind) => world.api.list(pathOf(world, kind))))
    const left = kinds.flat().map(({ metadata }) => metadata.name)
    if (left.length > 0) throw new Error(left.join(', '))
    return true
  }
  await eventually(none, { timeout: 120_000, interval: 250, describe: 'all Tenants and TenantAdmins to be gone' })
}
