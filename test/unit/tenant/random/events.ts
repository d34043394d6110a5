/** What happens in a random life on the pure core: steps of people, of other controllers and of fate. */
import { fc } from '../../../random.ts'

import { labels } from '../../../../operator/api/names.ts'
import type { State } from '../../../../operator/api/phases.ts'
import type { TenantAdmin } from '../../../../operator/api/tenantadmin.ts'
import type { KubeObject } from '../../../../operator/kube/port.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { keys, nameOf, namespaceOf } from './life.ts'
import type { Life, TenantKey } from './life.ts'

/** `rest` is no step of its own: the world comes to rest, and is judged. */
export type Event = readonly [what: string, act: 'rest' | ((life: Life) => unknown)]

const day = 86_400_000
const children = ['Secret/tenantry-database', 'NetworkPolicy/tenantry-isolation', 'ResourceQuota/tenantry-quota']

const ofTenant = (key: TenantKey): readonly Event[] => {
  const name = nameOf(key)
  return [
    [`declare ${key}`, (life) => declare(life, key, {})],
    [`declare ${key} on accept`, (life) => declare(life, key, { provisioning: 'OnAccept' })],
    [`declare ${key} archived`, (life) => declare(life, key, { state: 'Archived' })],
    [`pass ${key}`, (life) => pass(life, key)],
    [`pass ${key}`, (life) => pass(life, key)],
    [`delete ${key}`, ({ world }) => world.cluster.remove('Tenant', key)],
    [`keep ${key}`, (life) => keep(life, key)],
    [`adopt ${key}`, (life) => adopt(life, key)],
    [`keep and adopt ${key}`, (life) => keep(life, key).then(() => adopt(life, key))],
    [`protect ${key}`, (life) => life.edit(key, { deletion: { policy: 'Delete', protected: true } })],
    [`unprotect ${key}`, (life) => life.edit(key, { deletion: { policy: 'Delete', protected: false } })],
    [`limit ${key}`, (life) => life.edit(key, { database: { connectionLimit: 3 } })],
    [`deactivate ${key}`, (life) => life.edit(key, { state: 'Deactivated' })],
    [`activate ${key}`, (life) => life.edit(key, { state: 'Active' })],
    [`activate ${key}`, (life) => life.edit(key, { state: 'Active' })],
    [`archive ${key}`, (life) => life.edit(key, { state: 'Archived' })],
    [`a day's retention for ${key}`, (life) => life.edit(key, { archive: { retention: '1d' } })],
    [`two months' retention for ${key}`, (life) => life.edit(key, { archive: { retention: '60d' } })],
    [`expire ${key}`, (life) => life.edit(key, { expiresAt: '2029-12-31T00:00:00Z' })],
    [`expire ${key} in ten days`, (life) => life.edit(key, { expiresAt: later(life, 10 * day) })],
    [`prolong ${key}`, (life) => life.edit(key, { expiresAt: '2099-12-31T00:00:00Z' })],
    [
      `rotate ${key}`,
      (life) => annotate(life, key, 'tenantry.dev/rotate-requested-at', `${life.world.effects.length}`),
    ],
    [`rename ${key}`, (life) => life.edit(key, { cloudId: `${name}2`, subdomain: `${name}2` })],
    [`rename ${key} to acme`, (life) => life.edit(key, { cloudId: 'acme' })],
    [`delete the namespace of ${key}`, (life) => removeNamespace(life, `tenant-${name}`)],
    [`invite jane to ${key}`, (life) => admit(life, key, 'Pending')],
    [`jane accepts at ${key}`, (life) => admit(life, key, 'Accepted')],
    [`deactivate jane of ${key}`, (life) => turn(life, key, 'Deactivated')],
    [`archive jane of ${key}`, (life) => turn(life, key, 'Archived')],
    [`activate jane of ${key}`, (life) => turn(life, key, 'Active')],
    [`delete jane of ${key}`, ({ world }) => world.cluster.remove('TenantAdmin', janeOf(key))],
  ]
}

const ofAll: readonly Event[] = [
  ['rest', 'rest'],
  ['restart', ({ world }) => world.restart()],
  ['poll', ({ world }) => world.poll().catch(() => undefined)],
  ['server down', ({ world }) => void (world.postgres.down = new PostgresError('Unavailable', 'down'))],
  ['server up', ({ world }) => void (world.postgres.down = undefined)],
  ['caches lag', ({ world }) => void (world.cluster.lagging = true)],
  ['the cache of Tenants lags', ({ world }) => world.cluster.lag('Tenant')],
  ['the cache of claims lags', ({ world }) => world.cluster.lag('ConfigMap')],
  ['the cache of Secrets lags', ({ world }) => world.cluster.lag('Secret')],
  ['the cache of admins lags', ({ world }) => world.cluster.lag('TenantAdmin')],
  ['caches catch up', ({ world }) => world.cluster.catchUp()],
  ['dumps fail', (life) => void (life.dumpsFail = true)],
  ['dumps succeed', (life) => void (life.dumpsFail = false)],
  ['plan changes', ({ world }) => world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))],
  ['time passes', ({ world }) => world.clock.advance(world.settings.probeInterval)],
  ['a day passes', ({ world }) => world.clock.advance(day)],
  ['a month passes', ({ world }) => world.clock.advance(31 * day)],
  ['the clock is set back a day', ({ world: { clock } }) => clock.setWall(clock.now() - day)],
  ['the clock is set back a month', ({ world: { clock } }) => clock.setWall(clock.now() - 31 * day)],
  ['a stranger’s Secret', ({ world }) => world.cluster.put(stranger('Secret', 'theirs'))],
  ['a stranger’s quota', ({ world }) => world.cluster.put(stranger('ResourceQuota', 'theirs'))],
]

const childGone = (key: TenantKey, child: string): Event => {
  const [kind = '', name = ''] = child.split('/')
  return [`delete ${child} of ${key}`, ({ world }) => world.cluster.remove(kind, `tenant-${nameOf(key)}/${name}`)]
}

/** What chance would hardly bring together: an archive of which the time passes while nobody looks, and a shorter time. */
const forgotten = (key: TenantKey): readonly Event[] => [
  [`archive ${key}`, (life) => life.edit(key, { state: 'Archived' })],
  ['rest', 'rest'],
  ['a month passes', ({ world }) => world.clock.advance(31 * day)],
]
const shortened = (key: TenantKey): readonly Event[] => [
  [`archive ${key}`, (life) => life.edit(key, { state: 'Archived', archive: {} })],
  ['rest', 'rest'],
  [`a day's retention for ${key}`, (life) => life.edit(key, { archive: { retention: '1d' } })],
  ['a day passes', ({ world }) => world.clock.advance(day)],
]

const ofKeys = fc.constantFrom(...keys)
const some: fc.Arbitrary<readonly Event[]> = fc.oneof(
  { weight: 40, arbitrary: ofKeys.chain((key) => fc.constantFrom(...ofTenant(key))).map((event) => [event]) },
  { weight: 15, arbitrary: fc.tuple(ofKeys, fc.constantFrom(...children)).map((deleted) => [childGone(...deleted)]) },
  { weight: 30, arbitrary: fc.constantFrom(...ofAll).map((event) => [event]) },
  { weight: 2, arbitrary: ofKeys.map(forgotten) },
  { weight: 1, arbitrary: ofKeys.map(shortened) },
)

/** A life of about so many steps. */
export function lifeOf(length: { readonly least: number; readonly most: number }): fc.Arbitrary<readonly Event[]> {
  return fc.array(some, { minLength: length.least, maxLength: length.most, size: 'max' }).map((each) => each.flat())
}

function declare({ world }: Life, key: TenantKey, spec: object): void {
  if (world.cluster.find('Tenant', key) !== undefined) return
  const type = key === 'home/acme' ? 'MSP' : 'Customer'
  const namespace = namespaceOf(key)
  if (namespace !== 'home' && world.cluster.find('Namespace', namespace) === undefined) return
  // A name that comes again is another tenant.
  const uid = `uid-${nameOf(key)}-${world.effects.length}`
  world.cluster.put(tenant({ name: nameOf(key), namespace, uid, spec: { type, ...spec } }))
}

function later({ world }: Life, time: number): string {
  return new Date(world.clock.now() + time).toISOString()
}

export const pass = ({ world }: Life, key: TenantKey): Promise<void> => world.pass(key).catch(() => {})

function annotate(life: Life, key: TenantKey, name: string, value: string): void {
  const before = life.find(key)
  if (before === undefined) return
  const annotations = { ...before.metadata.annotations, [name]: value }
  life.world.cluster.put({ ...before, metadata: { ...before.metadata, annotations } })
}

/** The deletion is seen at once: few lives would take over the data otherwise. */
async function keep(life: Life, key: TenantKey): Promise<void> {
  const before = life.find(key)
  if (before === undefined) return
  life.edit(key, { deletion: { policy: 'Retain', protected: false } })
  life.outlives(before)
  life.world.cluster.remove('Tenant', key)
  for (let passes = 0; passes < 3; passes += 1) await pass(life, key)
}

/** A new Tenant takes over what the last one of this name has left. */
function adopt(life: Life, key: TenantKey): void {
  const { world, outliving } = life
  const holders = new Set(world.cluster.all('ConfigMap').map(({ metadata }) => metadata.labels?.[labels.tenantUid]))
  const left = [...outliving].findLast(([uid, kept]) => kept === key && holders.has(uid))
  if (left === undefined || life.find(key) !== undefined) return
  declare(life, key, {})
  annotate(life, key, 'tenantry.dev/adopt', left[0])
}

/** Takes what is in it along, finalizers or not. */
function removeNamespace(life: Life, name: string): void {
  for (const each of life.tenants()) if (each.metadata.namespace === name) life.outlives(each)
  life.world.cluster.remove('Namespace', name)
}

const janeOf = (key: TenantKey) => `${namespaceOf(key)}/jane-${nameOf(key)}`

/** For the Tenant that is there; nobody is asked by one that is not. */
function admit(life: Life, key: TenantKey, invite: 'Pending' | 'Accepted'): void {
  const { world } = life
  const [name, namespace] = [nameOf(key), namespaceOf(key)]
  const uid = life.find(key)?.metadata.uid
  if (uid === undefined && invite === 'Accepted') return
  if (world.cluster.find('Namespace', namespace) === undefined) return
  const email = `jane@${name}.example.com`
  const admin = tenantAdmin({ name: `jane-${name}`, namespace, invite, spec: { tenantRef: { name }, email } })
  const status = {
    observedGeneration: 1,
    ...admin.status,
    ...(uid === undefined ? {} : { tenant: { namespace, name, uid } }),
  }
  world.cluster.put({ ...admin, status })
}

function turn({ world }: Life, key: TenantKey, state: State): void {
  const jane = world.cluster.find<TenantAdmin>('TenantAdmin', janeOf(key))
  if (jane !== undefined) world.cluster.put({ ...jane, spec: { ...jane.spec, state } })
}

function stranger(kind: string, name: string): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'tenant-acme' } }
}
