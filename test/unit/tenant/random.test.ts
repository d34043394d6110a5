/** Random lives: whatever happens in whatever order, some things are always so. */
import test from 'ava'
import fc from 'fast-check'

import { labels } from '../../../operator/api/names.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import type { KubeObject } from '../../../operator/kube/port.ts'
import type { Secret } from '../../../operator/kube/resources.ts'
import { PostgresError } from '../../../operator/postgres/port.ts'
import { databaseServer, tenant, tenantAdmin, tenantPlan } from '../../gen.ts'
import { dumpRecord } from '../dump/gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

const keys = ['home/acme', 'home/globex', 'tenant-acme/initech'] as const
type TenantKey = (typeof keys)[number]

/** Something that people, other controllers or fate do. */
type Event = readonly [what: string, act: (world: World) => void | Promise<void>]

const nameOf = (key: TenantKey) => key.slice(key.indexOf('/') + 1)
const declare = (key: TenantKey, spec: object) => (world: World) => {
  if (world.cluster.find('Tenant', key) !== undefined) return
  const type = key === 'home/acme' ? 'MSP' : 'Customer'
  const [namespace = ''] = key.split('/')
  if (namespace !== 'home' && world.cluster.find('Namespace', namespace) === undefined) return
  // A name that comes again is another tenant.
  const uid = `uid-${nameOf(key)}-${world.effects.length}`
  world.cluster.put(tenant({ name: nameOf(key), namespace, uid, spec: { type, ...spec } }))
}
const children = ['Secret/tenantry-database', 'NetworkPolicy/tenantry-isolation', 'ResourceQuota/tenantry-quota']
const passOnce = (key: TenantKey) => (world: World) => world.pass(key).catch(() => {})

const events: fc.Arbitrary<Event> = fc.oneof(
  fc
    .constantFrom(...keys)
    .chain((key) =>
      fc.constantFrom<Event>(
        [`declare ${key}`, declare(key, {})],
        [`declare ${key} on accept`, declare(key, { provisioning: 'OnAccept' })],
        [`pass ${key}`, passOnce(key)],
        [`pass ${key}`, passOnce(key)],
        [`delete ${key}`, (world) => world.cluster.remove('Tenant', key)],
        [`keep ${key}`, (world) => keep(world, key)],
        [`adopt ${key}`, (world) => adopt(world, key)],
        [`keep and adopt ${key}`, (world) => keep(world, key).then(() => adopt(world, key))],
        [`limit ${key}`, (world) => edit(world, key, { database: { connectionLimit: 3 } })],
        [`deactivate ${key}`, (world) => edit(world, key, { state: 'Deactivated' })],
        [`activate ${key}`, (world) => edit(world, key, { state: 'Active' })],
        [`archive ${key}`, (world) => edit(world, key, { state: 'Archived' })],
        [`expire ${key}`, (world) => edit(world, key, { expiresAt: '2029-12-31T00:00:00Z' })],
        [`prolong ${key}`, (world) => edit(world, key, { expiresAt: '2099-12-31T00:00:00Z' })],
        [
          `rotate ${key}`,
          (world) => annotate(world, key, 'tenantry.dev/rotate-requested-at', `${world.effects.length}`),
        ],
        [`rename ${key}`, (world) => edit(world, key, { cloudId: `${nameOf(key)}2`, subdomain: `${nameOf(key)}2` })],
        [`rename ${key} to acme`, (world) => edit(world, key, { cloudId: 'acme' })],
        [`delete the namespace of ${key}`, (world) => removeNamespace(world, `tenant-${nameOf(key)}`)],
      ),
    ),
  fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...children)).map(([key, child]): Event => {
    const [kind = '', name = ''] = child.split('/')
    return [`delete ${child} of ${key}`, (world) => world.cluster.remove(kind, `tenant-${nameOf(key)}/${name}`)]
  }),
  fc.constantFrom<Event>(
    ['restart', (world) => world.restart()],
    [
      'poll',
      (world) =>
        world.poll().then(
          () => {},
          () => {},
        ),
    ],
    ['server down', (world) => void (world.postgres.down = new PostgresError('Unavailable', 'down'))],
    ['server up', (world) => void (world.postgres.down = undefined)],
    ['caches lag', (world) => void (world.cluster.lagging = true)],
    ['caches catch up', (world) => world.cluster.catchUp()],
    ['invite', (world) => void world.cluster.put(tenantAdmin({ invite: 'Pending' }))],
    ['accept', (world) => void world.cluster.put(tenantAdmin())],
    ['plan changes', (world) => void world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))],
    ['time passes', (world) => world.clock.advance(world.settings.probeInterval)],
    ['a month passes', (world) => world.clock.advance(31 * 86_400_000)],
    ['a stranger’s Secret', (world) => void world.cluster.put(stranger('Secret', 'theirs'))],
    ['a stranger’s quota', (world) => void world.cluster.put(stranger('ResourceQuota', 'theirs'))],
  ),
)

function edit(world: World, key: TenantKey, spec: object): void {
  if (world.cluster.find('Tenant', key) !== undefined) world.edit({ ...spec }, key)
}

function annotate(world: World, key: TenantKey, name: string, value: string): void {
  if (world.cluster.find('Tenant', key) === undefined) return
  const before = world.tenant(key)
  const annotations = { ...before.metadata.annotations, [name]: value }
  world.cluster.put({ ...before, metadata: { ...before.metadata, annotations } })
}

/**
 * Whose data stays on purpose, as `uid` → `namespace/name`: a Tenant that goes only because the namespace it lies in goes
 * was not meant, and one with policy Retain is to be kept.
 */
const outliving = new WeakMap<World, Map<string, string>>()

function outlives(world: World, { metadata }: Tenant): void {
  const kept = outliving.get(world) ?? new Map<string, string>()
  outliving.set(world, kept.set(metadata.uid ?? '', `${metadata.namespace ?? ''}/${metadata.name}`))
}

function removeNamespace(world: World, name: string): void {
  const inside = world.cluster.all<Tenant>('Tenant').filter(({ metadata }) => metadata.namespace === name)
  for (const each of inside) outlives(world, each)
  world.cluster.remove('Namespace', name)
}

/** Seen to be gone at once, or hardly any life would come to take over what is left. */
async function keep(world: World, key: TenantKey): Promise<void> {
  if (world.cluster.find('Tenant', key) === undefined) return
  edit(world, key, { deletion: { policy: 'Retain', protected: false } })
  outlives(world, world.tenant(key))
  world.cluster.remove('Tenant', key)
  for (let pass = 0; pass < 3; pass += 1) await passOnce(key)(world)
}

/** A new Tenant takes over what the last one of this name has left. */
function adopt(world: World, key: TenantKey): void {
  const holders = new Set(world.cluster.all('ConfigMap').map(({ metadata }) => metadata.labels?.[labels.tenantUid]))
  const left = [...(outliving.get(world) ?? [])].findLast(([uid, kept]) => kept === key && holders.has(uid))
  if (left === undefined || world.cluster.find('Tenant', key) !== undefined) return
  declare(key, {})(world)
  annotate(world, key, 'tenantry.dev/adopt', left[0])
}

/** A world in which last dumps succeed. */
function fresh(): World {
  const world = ground()
  world.dumps = { join: async () => dumpRecord }
  return world
}

function stranger(kind: string, name: string): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'tenant-acme' } }
}

/** Every write to an object that is no kind of ours has to be to one that bears our mark, or that is being made. */
function watchForeignWrites(world: World): string[] {
  const trespasses: string[] = []
  world.cluster.before = (write) => {
    const [verb = '', what = '', key = ''] = write.split(' ')
    const kind = what.replace('/status', '')
    const object = world.cluster.find(kind, key)
    if (verb === 'create' || kind === 'Tenant' || object === undefined) return
    if (object.metadata.labels?.[labels.installation] !== 'main') trespasses.push(write)
  }
  return trespasses
}

/** All is well again and heard of; what was declared is finished. */
async function calm(world: World): Promise<void> {
  world.postgres.down = undefined
  world.cluster.catchUp()
  world.cluster.put(databaseServer())
  for (let round = 0; round < 6; round += 1) {
    await world.poll()
    for (const key of keys) if (world.cluster.find('Tenant', key) !== undefined) await world.settle(key)
  }
}

async function violations(world: World): Promise<readonly string[]> {
  const found: string[] = []
  const before = world.effects.length
  for (const key of keys) if (world.cluster.find('Tenant', key) !== undefined) await world.pass(key)
  if (world.effects.length !== before) found.push(`not quiet: ${world.effects.slice(before).join(', ')}`)
  const adopted = new Set(world.cluster.all<Tenant>('Tenant').flatMap(({ status }) => status?.adopted ?? []))
  const living = new Set([
    ...world.cluster.all('Tenant').map(({ metadata }) => metadata.uid),
    ...[...(outliving.get(world)?.keys() ?? [])].filter((uid) => !adopted.has(uid)),
  ])
  const marked = ['Namespace', 'ConfigMap'].flatMap((kind) => world.cluster.all(kind))
  for (const { kind, metadata } of marked) {
    const uid = metadata.labels?.[labels.tenantUid]
    if (uid !== undefined && !living.has(uid)) found.push(`${kind} ${metadata.name} is left behind`)
  }
  for (const [owner, corner] of world.postgres.corners) {
    if (!living.has(corner.owner?.mark?.uid)) found.push(`${owner} is left behind`)
  }
  const tenants = world.cluster.all<Tenant>('Tenant')
  const active = tenants.filter(({ status }) => status?.phase === 'Active')
  // An MSP that is deleted and still has customers keeps what it has, and stays as it was.
  const kept = new Set(tenants.filter(({ status }) => status?.phase === 'Deleting').map(({ metadata }) => metadata.uid))
  for (const secret of world.cluster.all<Secret>('Secret')) {
    const uid = secret.metadata.labels?.[labels.tenantUid]
    const open = active.some(({ metadata }) => metadata.uid === uid)
    if (secret.metadata.name !== 'tenantry-database' || uid === undefined || !living.has(uid) || kept.has(uid)) continue
    // What was kept is as it was, on or off.
    if (!tenants.some(({ metadata }) => metadata.uid === uid)) continue
    if ((await logsIn(world, secret)) !== open)
      found.push(`${secret.metadata.namespace} ${open ? 'cannot' : 'can'} log in`)
  }
  return found
}

function logsIn(world: World, secret: Secret): Promise<boolean> {
  const entry = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString()
  return world.postgres.probe(entry('database'), entry('username'), entry('password'), new AbortController().signal)
}

/** How a database and its namespace go: logins off before the drop, the drop before the namespace, the names last. */
function wrongOrder(trace: readonly string[]): string | undefined {
  const first = (start: string) => trace.findIndex((step) => step.startsWith(start))
  const order = ['DisableLogins', 'DropDatabase', 'DropRoles', 'delete Namespace', 'delete ConfigMap'].map(first)
  const present = order.filter((at) => at >= 0)
  return present.every((at, index) => index === 0 || at > (present[index - 1] ?? -1)) ? undefined : trace.join(', ')
}

/** About eighty steps each: what happens, and the passes of the reconciler. */
const lives = Number(process.env['TENANTRY_TEST_LIVES'] ?? 1_250)
/** The same lives every time, so that a change is judged by them and not by chance; another number lives others. */
const seed = Number(process.env['TENANTRY_TEST_SEED'] ?? 1)

test('after any life: nothing left behind, nothing foreign touched, who may logs in, silence', async (t) => {
  let steps = 0
  let adoptions = 0
  const life = fc.array(events, { minLength: 40, maxLength: 120, size: 'max' })
  const property = fc.asyncProperty(life, async (lived) => {
    const world = fresh()
    const trespasses = watchForeignWrites(world)
    for (const [, act] of lived) await act(world)
    await calm(world)
    const found = [...(await violations(world)), ...trespasses]
    steps += lived.length + world.passes
    adoptions += world.cluster.all<Tenant>('Tenant').filter(({ status }) => status?.adopted !== undefined).length
    if (found.length > 0) throw new Error(`${found.join('; ')} after ${lived.map(([what]) => what).join(', ')}`)
  })
  await fc.assert(property, { numRuns: lives, seed, includeErrorInReport: true })
  t.log(`${steps} steps in ${lives} lives; ${adoptions} tenants took over what another had left`)
  t.true(steps > lives && adoptions > 0)
})

test('whatever happened before, a deletion goes in order', async (t) => {
  const life = fc.array(events, { maxLength: 12 })
  const property = fc.asyncProperty(life, async (lived) => {
    const world = fresh()
    for (const [, act] of lived) await act(world)
    await calm(world)
    if (world.cluster.find('Tenant', 'home/globex') === undefined) return
    const trace: string[] = []
    world.cluster.before = (write) => trace.push(write)
    world.postgres.before = (statement) => trace.push(statement)
    world.cluster.remove('Tenant', 'home/globex')
    await world.settle('home/globex')
    const wrong = wrongOrder(trace)
    if (wrong !== undefined) throw new Error(`${wrong} after ${lived.map(([what]) => what).join(', ')}`)
  })
  await fc.assert(property, { numRuns: Number(process.env['TENANTRY_TEST_LIVES'] ?? 60), seed })
  t.pass()
})
