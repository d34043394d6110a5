/** What the status answers when somebody asks what a deletion would remove, and whether a deletion then does just that. */
import test from 'ava'
import { annotations } from '../../../../operator/api/names.ts'
import { KubeError } from '../../../../operator/kube/port.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

async function provisioned(spec: object = {}): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec: { ...spec } }))
  await world.settle()
  return world
}

async function ask(world: World, value: string | undefined, key = 'home/acme') {
  const before = world.tenant(key)
  const { [annotations.previewDeletion]: _before, ...others } = before.metadata.annotations ?? {}
  const asked = value === undefined ? others : { ...others, [annotations.previewDeletion]: value }
  world.cluster.put({ ...before, metadata: { ...before.metadata, annotations: asked } })
  await world.settle(key)
  return world.tenant(key).status?.deletionPreview
}

const said = async (world: World, key?: string) => {
  const preview = await ask(world, 'now', key)
  return `${preview?.outcome}: ${preview?.summary}`
}

test('it lists all that would go, and a deletion takes just that', async (t) => {
  const world = await provisioned()
  world.cluster.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs', namespace: 'tenant-acme' } })
  const preview = await ask(world, 'now')
  t.is(preview?.outcome, 'Removed')
  t.is(preview?.database?.server, 'main')
  t.is(preview?.database?.roles?.length, 3)
  t.is(preview?.namespace?.name, 'tenant-acme')
  t.deepEqual(preview?.admins, { count: 1, names: ['home/jane'] })
  t.deepEqual(preview?.releasedNames, ['acme', 'acme.example.com'])
  const counts = Object.fromEntries(preview?.namespace?.objects?.map(({ kind, count }) => [kind, count]) ?? [])
  t.is(counts['ConfigMap'], 2, 'one of the tenant, and the list of who has access')
  const there = world.cluster.all('RoleBinding').filter(({ metadata }) => metadata.namespace === 'tenant-acme')
  t.is(counts['RoleBinding'], there.length, 'the RoleBinding by which it was counted is gone, and not among them')
  t.true(world.events.includes('Normal DeletionPreviewed'))
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.is(world.postgres.databases.size, 0)
  t.is(world.cluster.find('Namespace', 'tenant-acme'), undefined)
})

test('a value is answered once, another one again, and without the annotation the answer goes', async (t) => {
  const world = await provisioned()
  await ask(world, 'one')
  const before = world.effects.length
  world.cluster.reads.length = 0
  await world.settle()
  t.is(world.effects.length, before)
  t.deepEqual(
    world.cluster.reads.filter((read) => read.startsWith('count')),
    [],
  )
  await world.clock.advance(60_000)
  const again = await ask(world, 'two')
  t.is(again?.request, 'two')
  t.is(world.events.filter((event) => event === 'Normal DeletionPreviewed').length, 2)
  t.is(await ask(world, undefined), undefined)
  t.is((await ask(world, 'two'))?.request, 'two')
})

test('a crash between any two of its effects comes to the same end', async (t) => {
  const whole = await provisioned()
  const first = whole.effects.length
  await ask(whole, 'now')
  const effects = whole.effects.length - first
  t.is(effects, 3, 'RoleBinding made, RoleBinding removed, status written')
  for (let crash = 1; crash <= effects; crash += 1) {
    const world = await provisioned()
    let left = crash
    world.cluster.after = () => {
      left -= 1
      if (left !== 0) return
      world.restart()
      throw new Error('killed')
    }
    await ask(world, 'now')
    t.is(world.tenant().status?.deletionPreview?.request, 'now')
    t.false(world.cluster.all('RoleBinding').some(({ metadata }) => metadata.name === 'tenantry-preview'))
  }
})

test('why a deletion would take nothing, or be refused, is said with the way out', async (t) => {
  t.regex(
    await said(await provisioned({ deletion: { protected: true } })),
    /^Refused: A deletion would remove nothing: spec\.deletion\.protected is true; set it to false first\. Then it would remove the database t_/,
  )
  const kept = await provisioned({ deletion: { policy: 'Retain' } })
  t.regex(
    await said(kept),
    /^Kept: A deletion would remove the Tenant alone, as spec\.deletion\.policy is Retain: the database/,
  )
  t.deepEqual(kept.tenant().status?.deletionPreview?.releasedNames, [])
  const down = await provisioned()
  down.postgres.down = new PostgresError('Unavailable', 'connection refused')
  t.regex(await said(down), /^Refused: A deletion would remove nothing: The DatabaseServer main cannot be used now/)
})

test('a grace period is told, but where nothing would be lost or a person has released the deletion', async (t) => {
  const plan = tenantPlan({ spec: { deletion: { grace: '7d' } } })
  const world = await provisioned()
  world.cluster.put(plan)
  const preview = await ask(world, 'now')
  t.is(preview?.grace, '7d')
  t.regex(preview?.summary ?? '', / Nothing of that would go within 7d of the deletion, which can be undone as long\. /)
  const before = world.tenant()
  const released = { ...before.metadata.annotations, [annotations.releaseDeletion]: 'acme' }
  world.cluster.put({ ...before, metadata: { ...before.metadata, annotations: released } })
  t.is((await ask(world, 'again'))?.grace, undefined)
  const guarded = await provisioned({ deletion: { protected: true } })
  guarded.cluster.put(plan)
  t.like(await ask(guarded, 'now'), { outcome: 'Refused', grace: '7d' })
  const unmade = ground()
  unmade.cluster.put(plan)
  unmade.cluster.put(tenant({ spec: { provisioning: 'OnAccept' } }))
  await unmade.settle()
  t.is((await ask(unmade, 'now'))?.grace, undefined)
})

/** `acme`, beside another Tenant whose deletion has taken what the brake allows. */
async function besideDeletion(releaseAfter?: number, spec: object = {}): Promise<World> {
  const limits = { installation: 1, msp: 0, window: 600_000, releaseAfter }
  const world = ground({ settings: { deletionBrake: limits } })
  world.cluster.put(tenant({ spec }))
  world.cluster.put(tenant({ name: 'other', uid: 'uid-other', spec: { subdomain: 'other' } }))
  await world.settleAll()
  world.cluster.remove('Tenant', 'home/other')
  await world.settle('home/other')
  return world
}

test('a deletion that the brake would hold is told as refused, with the ways out; it is held then', async (t) => {
  const world = await besideDeletion()
  t.regex(
    await said(world),
    /^Refused: A deletion would remove nothing: settings\.deletionBrake allows 1 deletion within 10m, and Tenantry would hold a deletion beyond that limit; to have it removed, set the annotation tenantry\.dev\/release-deletion: acme\. Then it would remove the database /,
  )
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.true(world.conditions('home/acme').includes('Stalled=True DeletionHeld'))
  t.regex(
    await said(await besideDeletion(3_600_000)),
    /release-deletion: acme, or wait until 2030-01-01T01:00:\d\dZ, when it would begin automatically\. Then/,
  )
})

test('a deletion is not held in the preview when it is released, kept, or alone in its time', async (t) => {
  const released = await besideDeletion()
  const { metadata, ...rest } = released.tenant()
  released.cluster.put({ ...rest, metadata: { ...metadata, annotations: { [annotations.releaseDeletion]: 'acme' } } })
  t.regex(await said(released), /^Removed: A deletion would remove the database /)
  t.regex(await said(await besideDeletion(undefined, { deletion: { policy: 'Retain' } })), /^Kept: /)
  const later = await besideDeletion()
  await later.clock.advance(700_000)
  t.regex(await said(later), /^Removed: /)
  t.regex(
    await said(await besideDeletion(undefined, { deletion: { protected: true } })),
    /^Refused: A deletion would remove nothing: spec\.deletion\.protected is true; set it to false first\. Then/,
  )
})

test('a last dump is told, and refused where it could not be kept or there is no data', async (t) => {
  const world = await provisioned()
  world.cluster.put(tenantPlan({ spec: { deletion: { finalDump: true } } }))
  const preview = await ask(world, 'now')
  t.is(preview?.outcome, 'Removed')
  t.true(preview?.finalDump)
  t.regex(preview?.summary ?? '', /A last dump is taken and verified first; without it nothing goes\./)
  for (const [owner, { database: _database, ...rest }] of world.postgres.databases)
    world.postgres.databases.set(owner, { ...rest, complete: false })
  await world.poll()
  const lost = await ask(world, 'again')
  t.is(lost?.outcome, 'Refused')
  t.regex(lost?.summary ?? '', /^A deletion would remove nothing: The database "t_.*" is missing/)
  const retained = await provisioned({ deletion: { policy: 'Retain' } })
  retained.cluster.put(tenantPlan({ spec: { deletion: { finalDump: true, grace: '1h' } } }))
  const kept = await ask(retained, 'now')
  t.deepEqual([kept?.outcome, kept?.finalDump, kept?.grace], ['Kept', undefined, undefined])
})

test('an MSP with customers tells their names', async (t) => {
  const world = await provisioned({ type: 'MSP' })
  world.cluster.put(tenant({ name: 'shop', namespace: 'tenant-acme', uid: 'uid-shop' }))
  await world.settleAll()
  const preview = await ask(world, 'now')
  t.regex(preview?.summary ?? '', /the tenant still has customers \(shop\); delete them first/)
  t.deepEqual(preview?.customers, { count: 1, names: ['shop'] })
})

test('where nothing was made only the names would be free; a tenant that is held up is answered too', async (t) => {
  const world = ground()
  world.cluster.put(tenant({ spec: { provisioning: 'OnAccept' } }))
  await world.settle()
  t.is(
    await said(world),
    'Removed: A deletion would remove nothing that was made for the tenant. Others could have the names acme, acme.example.com. No last dump is taken.',
  )
  const held = await provisioned()
  held.cluster.before = (write) => {
    if (write.includes('tenantry-preview')) throw new KubeError('Forbidden', 'no', 403)
  }
  await ask(held, 'now').catch(() => undefined)
  for (let passes = 0; passes < 12; passes += 1) await held.pass().catch(() => undefined)
  t.deepEqual(held.tenant().status?.deletionPreview?.namespace?.notCounted, ['ConfigMap'])
})
