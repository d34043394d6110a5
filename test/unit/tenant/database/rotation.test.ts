/** When a password is changed, and that nobody who reads the Secret is ever locked out by it. */
import test from 'ava'
import { KubeError } from '../../../../operator/kube/port.ts'
import type { Secret } from '../../../../operator/kube/resources.ts'
import { tenant, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'
import { grace, request, credentialsOf, logsIn, provisioned } from './rotation-scene.ts'

const day = 86_400_000

test('asked for: said, prepared, switched, recorded; the former login goes when its grace period is over', async (t) => {
  const world = await provisioned()
  const old = credentialsOf(world)
  const trace: string[] = []
  const ready: (string | undefined)[] = []
  const heard = (effect: string) => {
    trace.push(effect)
    ready.push(world.conditions().find((each) => each.startsWith('Reconciling')))
    t.true(logsIn(world, credentialsOf(world)), `the Secret logs in before ${effect}`)
  }
  world.cluster.before = heard
  world.postgres.before = (statement) => statement !== 'catalogue' && !statement.startsWith('probe') && heard(statement)
  request(world, 'one')
  await world.pass()
  const now = credentialsOf(world)
  t.deepEqual(
    trace.map((each) => each.replace(/ t_.*$/, '')),
    [
      'patch Tenant/status home/acme',
      'EnsureRoles',
      'replace Secret tenant-acme/tenantry-database',
      'patch Tenant/status home/acme',
    ],
  )
  t.deepEqual(ready, [undefined, ...Array.from({ length: 3 }, () => 'Reconciling=True Rotating')])
  t.not(now.username, old.username)
  t.not(now.password, old.password)
  t.deepEqual([logsIn(world, now), logsIn(world, old)], [true, true])
  const { database } = world.tenant().status ?? {}
  t.like(database, { roles: { current: 'b' }, lastHandledRotation: 'one', rotatedAt: '2030-01-01T00:00:00Z' })
  t.is(database?.rotation, undefined)
  t.is(world.message('Ready'), 'The tenant is provisioned.')
  await world.settle()
  const rest = world.effects.length
  await world.clock.advance(grace - 1_000)
  await world.settle()
  t.is(world.effects.length, rest, 'nothing more before the grace period is over')
  t.true((world.due.get('home/acme') ?? 0) <= 2_000)
  trace.length = 0
  await world.clock.advance(2_000)
  await world.settle()
  t.deepEqual(
    trace.map((each) => each.replace(/ t_.*$/, '')),
    ['EnsureRoles', 'EndOtherSessions', 'patch Tenant/status home/acme'],
  )
  t.deepEqual([logsIn(world, now), logsIn(world, old)], [true, false])
  t.is(world.tenant().status?.database?.formerLoginUntil, undefined)
  const end = world.effects.length
  for (let pass = 0; pass < 3; pass += 1) await world.pass()
  t.is(world.effects.length, end, 'quiet')
})

/** As ALTER ROLE … SET, by the tenant, on its current login. */
function alterRole(world: World, login: 'a' | 'b', settings: readonly string[]): void {
  for (const [owner, databaseState] of world.postgres.databases) {
    const role = databaseState.logins[login]
    if (role !== undefined)
      world.postgres.databases.set(owner, {
        ...databaseState,
        logins: {
          ...databaseState.logins,
          [login]: { ...role, settings: [...role.settings.slice(0, 1), ...settings] },
        },
      })
  }
}

const settingsOf = (world: World, login: 'a' | 'b') =>
  [...world.postgres.databases.values()].flatMap(({ logins }) => logins[login]?.settings.slice(1) ?? [])

test('a Secret that a policy makes immutable is made anew with the next password', async (t) => {
  const world = await provisioned()
  const { cluster } = world
  const old = credentialsOf(world)
  const secret = () => cluster.find<Secret>('Secret', 'tenant-acme/tenantry-database')
  cluster.admit = (object) => (object.kind === 'Secret' ? { ...object, immutable: true } : object)
  cluster.before = (write) => {
    if (write.startsWith('replace Secret') && secret()?.immutable === true)
      throw new KubeError('Invalid', 'field is immutable when `immutable` is set', 422)
  }
  cluster.remove('Secret', 'tenant-acme/tenantry-database')
  await world.pass()
  const made = credentialsOf(world)
  t.not(made.password, old.password)
  request(world, 'one')
  await world.pass()
  t.like(world.tenant().status?.database, { roles: { current: 'b' }, lastHandledRotation: 'one' })
  const now = credentialsOf(world)
  t.not(now.username, made.username)
  t.not(now.password, made.password)
  t.deepEqual([logsIn(world, now), logsIn(world, made)], [true, true])
  t.true(secret()?.immutable)
  t.true(world.conditions().includes('DatabaseReady=False Contested'), world.conditions().join('\n'))
})

test('what the tenant has set for its login goes with it, there and back, and what it takes off is gone', async (t) => {
  const world = await provisioned()
  alterRole(world, 'a', ['search_path=app', 'work_mem=8MB'])
  await world.poll()
  await world.settle()
  t.deepEqual(settingsOf(world, 'b'), [], 'not before a switch')
  request(world, 'one')
  await world.settle()
  t.deepEqual(settingsOf(world, 'b'), ['search_path=app', 'work_mem=8MB'])
  await world.clock.advance(grace + 1_000)
  await world.settle()
  alterRole(world, 'b', ['work_mem=4MB'])
  request(world, 'two')
  await world.settle()
  t.deepEqual(settingsOf(world, 'a'), ['work_mem=4MB'])
  t.false(world.events.includes('Warning SettingsNotCarried'))
})

test('a parameter that the operator may not set holds up no rotation, and is named', async (t) => {
  const world = await provisioned()
  world.postgres.refusing.add('log_statement')
  alterRole(world, 'a', ['log_statement=all', 'search_path=app'])
  request(world, 'one')
  await world.settle()
  t.is(world.tenant().status?.database?.lastHandledRotation, 'one')
  t.deepEqual(settingsOf(world, 'b'), ['search_path=app'])
  t.true(world.events.includes('Warning SettingsNotCarried'))
  t.regex(world.notes.join('\n'), /may not set: log_statement\./)
  t.true(world.lines.some(({ message }) => message === 'parameters of the former login not carried over'))
})

test('asked for when it is declared: the first password is new enough', async (t) => {
  const world = ground()
  world.cluster.put(tenant({ annotations: { 'tenantry.dev/rotate-requested-at': 'first' } }))
  await world.settle()
  t.like(world.tenant().status?.database, { roles: { current: 'a' }, lastHandledRotation: 'first' })
})

test('asked for again during the grace period: it waits, and is done when the former login has had its time', async (t) => {
  const world = await provisioned()
  request(world, 'one')
  await world.settle()
  const first = credentialsOf(world)
  request(world, 'two')
  await world.settle()
  t.deepEqual(credentialsOf(world), first)
  t.true(logsIn(world, first))
  t.is(world.tenant().status?.database?.lastHandledRotation, 'one')
  await world.clock.advance(grace + 1_000)
  await world.settle()
  t.like(world.tenant().status?.database, { roles: { current: 'a' }, lastHandledRotation: 'two' })
  t.deepEqual([logsIn(world, credentialsOf(world)), logsIn(world, first)], [true, true])
})

test('by age: when the plan says so, and not before', async (t) => {
  const world = ground()
  world.cluster.put(tenantPlan({ spec: { database: { rotation: { maxAge: '30d', grace: '1h' } } } }))
  world.cluster.put(tenant())
  await world.settle()
  const first = credentialsOf(world)
  await world.clock.advance(30 * day - 10_000)
  await world.settle()
  t.deepEqual(credentialsOf(world), first)
  await world.clock.advance(11_000)
  await world.settle()
  t.notDeepEqual(credentialsOf(world), first)
  t.is(world.tenant().status?.database?.formerLoginUntil, '2030-01-31T01:00:02Z')
})

test('by age: not while the tenant is closed for its size, whose pods run on; with its grace period when it is open again', async (t) => {
  const world = ground()
  const database = { maxSize: '100k', overSize: 'Off', rotation: { maxAge: '30d', grace: '1h' } }
  world.cluster.put(tenantPlan({ spec: { database } }))
  world.cluster.put(tenant())
  await world.settle()
  const first = credentialsOf(world)
  const takes = async (bytes: number) => {
    for (const databaseState of world.postgres.databases.values()) databaseState.sizeBytes = bytes
    await world.poll()
    await world.settle()
  }
  await takes(100_000)
  await world.clock.advance(31 * day)
  await world.settle()
  t.deepEqual(credentialsOf(world), first)
  const { length } = world.effects
  await world.pass()
  t.is(world.effects.length, length)
  t.not(world.due.get('home/acme'), 0)
  await takes(1_000)
  t.notDeepEqual(credentialsOf(world), first)
  t.deepEqual([logsIn(world, credentialsOf(world)), logsIn(world, first)], [true, true])
})

test('while the tenant is closed for its size a password changes that is asked for', async (t) => {
  const world = ground()
  world.cluster.put(tenantPlan({ spec: { database: { maxSize: '100k', overSize: 'Off' } } }))
  world.cluster.put(tenant())
  await world.settle()
  for (const databaseState of world.postgres.databases.values()) databaseState.sizeBytes = 100_000
  await world.poll()
  await world.settle()
  const first = credentialsOf(world)
  request(world, 'one')
  await world.settle()
  t.notDeepEqual(credentialsOf(world), first)
})
