/** The states and events of the table of transitions: how a tenant comes into each, and how each happens. */
import { databaseNames } from '../../../operator/api/names.ts'
import { DumpError } from '../../../operator/dump/port.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { tenant, tenantAdmin, tenantPlan, tenantSettings } from '../../gen.ts'
import { issuer } from '../../licenses.ts'
import { dumpRecord } from '../dump/gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

const day = 86_400_000
const licenses = issuer()

export type Change = (world: World) => unknown
export type Named = readonly [name: string, change: Change]

/** Of whom a table tells. */
export interface Subject {
  readonly key: string
  /** The owner of its database on the server. */
  readonly owner: string
  /** Whether a write is to what it is or has. */
  readonly concerns: (write: string) => boolean
  readonly states: readonly Named[]
  readonly events: readonly Named[]
}

const ownerOf = (uid: string) => databaseNames(tenantSettings.installation, uid, 'Database').owner
const past = '2029-12-31T00:00:00Z'
const msp = 'home/northwind'
const acme = 'tenant-northwind/acme'

const edit =
  (spec: Readonly<Record<string, unknown>>, key = acme): Change =>
  (world) =>
    world.cluster.find('Tenant', key) === undefined ? undefined : world.edit(spec, key)

const annotate =
  (name: string, value: string): Change =>
  (world) => {
    if (world.cluster.find('Tenant', acme) === undefined) return
    const before = world.tenant(acme)
    const annotations = { ...before.metadata.annotations, [name]: value }
    world.cluster.put({ ...before, metadata: { ...before.metadata, annotations } })
  }

const remove =
  (kind: string, key: string): Change =>
  (world) =>
    world.cluster.remove(kind, key)

/** One after the other; all come to rest in between. */
const all =
  (...changes: readonly Change[]): Change =>
  async (world) => {
    for (const change of changes) {
      await change(world)
      await world.settleAll()
    }
  }

const month: Change = (world) => world.clock.advance(31 * day)
const dumps =
  (work: boolean): Change =>
  (world) => {
    world.dumps = {
      take: () => {
        if (!work) throw new DumpError('TargetUnavailable', 'no answer')
        return dumpRecord
      },
      isThere: async () => true,
    }
  }
const protect = (isProtected: boolean) => edit({ deletion: { protected: isProtected, policy: 'Delete' } })
const retain = edit({ deletion: { protected: false, policy: 'Retain' } })

/** A license that ended a day ago, or will end in a day. */
const licensed =
  (key: string, over: { readonly days: 1 | -1; readonly customers?: number }): Change =>
  async (world) => {
    const expiresAt = world.clock.now() + over.days * day
    const cloudId = key.slice(key.indexOf('/') + 1)
    const text = await licenses.issue({ cloudId, issuedAt: expiresAt - 30 * day, expiresAt, customers: over.customers })
    edit({ license: { key: text } }, key)(world)
  }

/** Each begins with a tenant that is Active, but for the first two. */
const states: readonly Named[] = [
  ['Pending', () => {}],
  ['Provisioning', () => {}],
  ['Active', () => {}],
  ['Deactivated', edit({ state: 'Deactivated' })],
  ['Deactivated, because its MSP is deactivated', edit({ state: 'Deactivated' }, msp)],
  ['Deactivated, because its MSP is archived', edit({ state: 'Archived' }, msp)],
  ['Archived', edit({ state: 'Archived' })],
  ['Archived, its last dump failed', all(edit({ state: 'Archived' }), dumps(false), month)],
  ['Archived, its data kept by `policy: Retain`', all(edit({ state: 'Archived' }), retain, month)],
  ['Expired', edit({ expiresAt: past })],
  ['Purged', all(edit({ state: 'Archived' }), month)],
  ['Deleting, blocked by `deletion.protected`', all(protect(true), remove('Tenant', acme))],
  ['Deleting, held by the brake', (world) => hold(world)],
  ['Deleting, in its grace period', all(grace, remove('Tenant', acme))],
  ['gone, its data retained', all(retain, remove('Tenant', acme))],
]

function grace(world: World): void {
  world.cluster.put(tenantPlan({ spec: { deletion: { grace: '29d' } } }))
}

/** As the brake leaves one in the status that it does not let through. */
async function hold(world: World): Promise<void> {
  const found = world.tenant(acme)
  const deletion = { heldAt: past, because: '5 deletions within 10m' }
  world.cluster.put({ ...found, status: { observedGeneration: 1, ...found.status, deletion } })
  world.cluster.remove('Tenant', acme)
  await world.settleAll()
}

const events: readonly Named[] = [
  ['the first admin accepts', (world) => world.cluster.put(tenantAdmin({ namespace: 'tenant-northwind' }))],
  ['the server answers again', (world) => void (world.postgres.down = undefined)],
  ['`state: Active`', edit({ state: 'Active' })],
  ['`state: Deactivated`', edit({ state: 'Deactivated' })],
  ['`state: Archived`', edit({ state: 'Archived' })],
  ['its MSP is deactivated', edit({ state: 'Deactivated' }, msp)],
  ['its MSP is archived', edit({ state: 'Archived' }, msp)],
  ['its MSP expires', edit({ expiresAt: past }, msp)],
  ['its MSP is activated', edit({ state: 'Active' }, msp)],
  ['its MSP has more customers than its license allows', licensed(msp, { days: 1, customers: 0 })],
  ['its license expires', licensed(acme, { days: -1 })],
  ['`expiresAt` passes', edit({ expiresAt: past })],
  ['`expiresAt` is moved to a later date', edit({ expiresAt: '2039-12-31T00:00:00Z' })],
  ['31 days pass', month],
  ['dumps succeed again', dumps(true)],
  ['`tenantry.dev/skip-final-dump` is set', annotate('tenantry.dev/skip-final-dump', 'acme')],
  ['`deletion.protected` is set to `false`', protect(false)],
  ['`tenantry.dev/release-deletion` is set', annotate('tenantry.dev/release-deletion', 'acme')],
  ['`tenantry.dev/undo-deletion` is set', annotate('tenantry.dev/undo-deletion', 'acme')],
  ['`cloudId` changes', edit({ cloudId: 'initech', subdomain: 'initech' })],
  ['`cloudId` changes to one that is taken', edit({ cloudId: 'taken' })],
  ['the plan is edited', (world) => world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))],
  ['`tenantry.dev/rotate-requested-at` is set', annotate('tenantry.dev/rotate-requested-at', '2030-01-01T00:00:00Z')],
  ['the Secret is deleted', remove('Secret', 'tenant-acme/tenantry-database')],
  ['the namespace is deleted by hand', remove('Namespace', 'tenant-acme')],
  ['the Tenant is deleted', remove('Tenant', acme)],
  [
    'the Tenant is deleted with `policy: Retain`',
    (world) => {
      retain(world)
      world.cluster.remove('Tenant', acme)
    },
  ],
  ['a new Tenant adopts the data', (world) => adopt(world)],
]

function adopt(world: World): void {
  if (world.cluster.find('Tenant', acme) !== undefined) return
  const annotations = { 'tenantry.dev/adopt': 'uid-acme' }
  world.cluster.put(tenant({ namespace: 'tenant-northwind', uid: 'uid-heir', annotations }))
}

/** A customer of an MSP. */
export const customer: Subject = {
  key: acme,
  owner: ownerOf('uid-acme'),
  concerns: (write) => !/northwind|taken/.test(write) || write.includes(acme),
  states,
  events,
}

/** The MSP above it. */
export const provider: Subject = {
  key: msp,
  owner: ownerOf('uid-northwind'),
  concerns: (write) => write.includes('northwind') && !write.includes('acme'),
  states: [
    ['Active, with a customer', () => {}],
    ['Archived, with a customer', edit({ state: 'Archived' }, msp)],
    ['Archived, its data kept for its customer', all(edit({ state: 'Archived' }, msp), month)],
    ['Deleting, blocked by its customer', remove('Tenant', msp)],
  ],
  events: [
    ['`state: Active`', edit({ state: 'Active' }, msp)],
    ['`state: Archived`', edit({ state: 'Archived' }, msp)],
    ['31 days pass', month],
    ['the last customer is deleted', remove('Tenant', acme)],
    ['the Tenant is deleted', remove('Tenant', msp)],
  ],
}

/** An MSP with a customer that has one admin, and a tenant `taken` beside them. */
export async function start(state: string, arrange: Change): Promise<World> {
  const world = ground()
  world.publicKeys = licenses.publicKeys
  world.restart()
  dumps(true)(world)
  const spec = { type: 'MSP', cloudId: 'northwind', subdomain: 'northwind' }
  world.cluster.put(tenant({ name: 'northwind', uid: 'uid-northwind', spec }))
  world.cluster.put(tenant({ name: 'taken', uid: 'uid-taken' }))
  await world.settleAll()
  if (state === 'Provisioning') world.postgres.down = new PostgresError('Unavailable', 'down')
  const invite = state === 'Pending' ? ({ invite: 'Pending' } as const) : {}
  world.cluster.put(tenantAdmin({ namespace: 'tenant-northwind', ...invite }))
  world.cluster.put(tenant({ namespace: 'tenant-northwind', spec: { provisioning: 'OnAccept' } }))
  await world.settleAll().catch((error: unknown) => {
    // What cannot be reached is tried again and again.
    if (state !== 'Provisioning') throw error
  })
  await all(arrange)(world)
  return world
}
