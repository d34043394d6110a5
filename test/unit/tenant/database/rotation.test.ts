/** When a password is changed, and that nobody who reads the Secret is ever locked out by it. */
import test from 'ava'
import { fc } from '../../../random.ts'

import { KubeError } from '../../../../operator/kube/port.ts'
import type { Secret } from '../../../../operator/kube/resources.ts'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import { tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const grace = 600_000
const day = 86_400_000

function request(world: World, value: string, key = 'home/acme'): void {
  const before = world.tenant(key)
  const annotations = { ...before.metadata.annotations, 'tenantry.dev/rotate-requested-at': value }
  world.cluster.put({ ...before, metadata: { ...before.metadata, annotations } })
}

interface Credentials {
  readonly username: string
  readonly password: string
}

function secretOf(world: World, namespace = 'tenant-acme'): Credentials | undefined {
  const secret = world.cluster.find<Secret>('Secret', `${namespace}/tenantry-database`)
  if (secret === undefined) return undefined
  const entry = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString()
  return { username: entry('username'), password: entry('password') }
}

function credentialsOf(world: World, namespace?: string): Credentials {
  const found = secretOf(world, namespace)
  if (found === undefined) throw new Error('there is no Secret')
  return found
}

const logsIn = (world: World, { username, password }: Credentials) => world.postgres.logsIn(username, password)

async function provisioned(): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(
    tenantAdmin({ name: 'john', uid: 'uid-john', spec: { username: 'john', email: 'john@example.com' } }),
  )
  world.cluster.put(tenant())
  await world.settle()
  return world
}

test('a look at the whole server that began while a login was prepared is not believed', async (t) => {
  const rotated = async (polls: boolean) => {
    const world = await provisioned()
    const { apply } = world.postgres
    const beside = async (action: Parameters<typeof apply>[0]) => {
      await world.clock.advance(1)
      await world.poll()
      await world.clock.advance(1)
      return apply(action)
    }
    if (polls) Object.assign(world.postgres, { apply: beside })
    const before = world.postgres.statements.length
    request(world, '1')
    await world.settle()
    return world.postgres.statements.slice(before).filter((statement) => statement.startsWith('Ensure'))
  }
  const [alone, watched] = [await rotated(false), await rotated(true)]
  t.true(alone.length > 0)
  t.deepEqual(watched, alone)
})

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

type Change = (world: World) => void
const john = { name: 'john', uid: 'uid-john' }
const spec = { username: 'john', email: 'john@example.com' }
const people: readonly (readonly [string, boolean, Change])[] = [
  ['is deleted', true, (world) => world.cluster.remove('TenantAdmin', 'home/john')],
  [
    'is deactivated',
    true,
    (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, state: 'Deactivated' } })),
  ],
  ['is archived', true, (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, state: 'Archived' } }))],
  [
    'becomes a sub-admin who only looks',
    true,
    (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, role: 'SubAdmin', permissions: ['look'] } })),
  ],
  [
    'becomes a sub-admin who runs pods',
    false,
    (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, role: 'SubAdmin', permissions: ['run'] } })),
  ],
  [
    'is another Kubernetes user',
    true,
    (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, user: 'jd' } })),
  ],
  [
    'is joined by a third',
    false,
    (world) =>
      world.cluster.put(
        tenantAdmin({ name: 'jill', uid: 'uid-jill', spec: { ...spec, email: 'jill@example.com', username: 'jill' } }),
      ),
  ],
  [
    'changes his name',
    false,
    (world) => world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, lastName: 'Doe' } })),
  ],
]

const bindableRoles = ['tenantry-tenant-viewer', 'tenantry-tenant-developer']
const roles = { look: 'tenantry-tenant-viewer', run: 'tenantry-tenant-developer' }
for (const [what, rotates, change] of people) {
  test(`an admin ${what}: ${rotates ? 'another password' : 'the same password'}`, async (t) => {
    const world = ground({ settings: { bindableRoles } })
    world.cluster.put(tenantPlan({ spec: { roles } }))
    world.cluster.put(tenantAdmin())
    world.cluster.put(tenantAdmin({ ...john, spec }))
    world.cluster.put(tenant())
    await world.settle()
    const before = credentialsOf(world)
    const trace: string[] = []
    world.cluster.before = (write) => trace.push(write)
    change(world)
    await world.settle()
    t.is(credentialsOf(world).username !== before.username, rotates)
    const [access, secret] = ['RoleBinding', 'replace Secret'].map((part) =>
      trace.findIndex((each) => each.includes(part)),
    )
    if (rotates) t.true((access ?? 0) < (secret ?? 0), 'access ends before there is a new password to read')
    t.false(JSON.stringify(world.tenant().status?.database).includes('john'))
  })
}

test('an admin of the MSP is none any more: the passwords of its customers change, and that of the MSP', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenantAdmin({ ...john, spec }))
  world.cluster.put(tenant({ spec: { type: 'MSP' } }))
  await world.settle()
  const key = 'tenant-acme/globex'
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex', namespace: 'tenant-acme' }))
  await world.settle(key)
  const before = [credentialsOf(world), credentialsOf(world, 'tenant-globex')]
  world.cluster.put(tenantAdmin({ ...john, spec: { ...spec, role: 'Technician' } }))
  await world.settle()
  await world.settle(key)
  const after = [credentialsOf(world), credentialsOf(world, 'tenant-globex')]
  t.true(after.every(({ username }, index) => username !== before[index]?.username))
})

for (const ready of [true, false]) {
  test(`a cache that has not heard of the new Secret locks nobody out, ${ready ? 'when the status was not written' : 'when the answer was lost'}`, async (t) => {
    const world = await provisioned()
    request(world, 'one')
    const old = credentialsOf(world)
    world.cluster.lagging = true
    const fails = (write: string) =>
      ready ? write.startsWith('patch Tenant/status') : write.startsWith('replace Secret')
    let said = 0
    world.cluster.before = (write) => {
      if (ready && fails(write) && (said += 1) === 2) throw new KubeError('Conflict', 'changed', 409)
    }
    world.cluster.after = (write) => {
      if (!ready && fails(write)) throw new KubeError('Timeout', 'no answer', 0)
    }
    await t.throwsAsync(world.pass())
    world.cluster.before = () => {}
    const look = () => t.deepEqual([logsIn(world, credentialsOf(world)), logsIn(world, old)], [true, true])
    world.cluster.after = look
    world.postgres.after = look
    await world.pass().catch(() => {})
    await world.pass().catch(() => {})
    world.cluster.catchUp()
    await world.settle()
    t.like(world.tenant().status?.database, { roles: { current: 'b' }, lastHandledRotation: 'one' })
  })
}

test('a leader that has heard of the new Secret and not of the new status leaves the Secret as it is', async (t) => {
  const world = await provisioned()
  request(world, 'one')
  world.cluster.lag('Tenant')
  await world.pass()
  const switched = credentialsOf(world)
  world.restart()
  await world.pass().catch(() => {})
  t.deepEqual(credentialsOf(world), switched)
  t.true(logsIn(world, switched))
  world.cluster.catchUp()
  await world.settle()
  t.deepEqual(credentialsOf(world), switched)
  t.like(world.tenant().status?.database, { roles: { current: 'b' }, lastHandledRotation: 'one' })
})

test('a status that somebody has forged leads to the login that it names, with the names and the password that are ours', async (t) => {
  const world = await provisioned()
  const before = credentialsOf(world)
  const { status, ...rest } = world.tenant()
  const foreign = { owner: 'theirs', logins: { a: 'theirs_a', b: 'theirs_b' }, current: 'b' as const }
  const database = { ...status?.database, name: 'theirs', roles: foreign }
  world.cluster.put({ ...rest, status: { ...status, database } as Tenant['status'] })
  await world.settle()
  const { username, password } = credentialsOf(world)
  t.deepEqual([username, password], [before.username.replace(/_a$/, '_b'), before.password])
  t.true(logsIn(world, { username, password }))
  t.is(world.tenant().status?.database?.name, status?.database?.name)
})

test('off: an admin who goes changes the password without opening a login; back again, the new one logs in', async (t) => {
  const world = await provisioned()
  const old = credentialsOf(world)
  world.edit({ state: 'Deactivated' })
  await world.settle()
  t.deepEqual(credentialsOf(world), old, 'who may only look meanwhile has not gone')
  const opened: string[] = []
  world.postgres.after = (statement) => {
    const [databaseState] = world.postgres.databases.values()
    if (databaseState?.logins.a?.canLogin === true || databaseState?.logins.b?.canLogin === true) opened.push(statement)
  }
  world.cluster.remove('TenantAdmin', 'home/john')
  await world.settle()
  t.deepEqual(opened, [])
  const now = credentialsOf(world)
  t.not(now.username, old.username)
  t.is(world.tenant().status?.database?.formerLoginUntil, undefined)
  world.edit({ state: 'Active' })
  await world.settle()
  t.deepEqual([logsIn(world, now), logsIn(world, old)], [true, false])
  t.deepEqual(credentialsOf(world), now)
})

/** What people and fate do around a password. */
const events = fc.constantFrom<readonly [string, (world: World) => void | Promise<void>]>(
  ['request', (world) => request(world, `at ${world.effects.length}`)],
  ['an admin goes', (world) => world.cluster.remove('TenantAdmin', 'home/john')],
  ['an admin comes', (world) => void world.cluster.put(tenantAdmin({ ...john, spec }))],
  ['a minute', (world) => world.clock.advance(60_000)],
  ['the grace period', (world) => world.clock.advance(grace + 1_000)],
  ['restart', (world) => world.restart()],
  ['caches lag', (world) => void (world.cluster.lagging = true)],
  ['the cache of Secrets lags', (world) => world.cluster.lag('Secret')],
  ['the cache of Tenants lags', (world) => world.cluster.lag('Tenant')],
  ['caches catch up', (world) => world.cluster.catchUp()],
  ['pass', (world) => world.pass().catch(() => {})],
  ['pass', (world) => world.pass().catch(() => {})],
  ['one effect', (world) => cut(world, 1)],
  ['two effects', (world) => cut(world, 2)],
  ['three effects', (world) => cut(world, 3)],
)

/** A pass that ends after so many effects, and the operator with it. */
async function cut(world: World, most: number): Promise<void> {
  let effects = 0
  const count = () => {
    if ((effects += 1) > most) throw new Error('killed')
  }
  const { before } = world.postgres
  world.cluster.before = count
  world.postgres.before = (statement) => (/^(catalogue|probe|health)/.test(statement) ? before(statement) : count())
  await world.pass().catch(() => {})
  world.cluster.before = () => {}
  world.postgres.before = before
  world.restart()
  world.cluster.catchUp()
}

test('whatever happens, the Secret logs in at every moment, and in the end one login is open', async (t) => {
  const life = fc.array(events, { minLength: 3, maxLength: 30 })
  const property = fc.asyncProperty(life, async (lived) => {
    const world = await provisioned()
    const lockedOut: string[] = []
    const look = (effect: string) => {
      const secret = secretOf(world)
      if (secret !== undefined && !logsIn(world, secret)) lockedOut.push(effect)
    }
    world.cluster.after = look
    world.postgres.after = look
    for (const [, act] of lived) await act(world)
    world.cluster.catchUp()
    for (let round = 0; round < 3; round += 1) {
      await world.settle()
      await world.clock.advance(grace + 1_000)
    }
    await world.settle()
    const [databaseState] = world.postgres.databases.values()
    const open = [databaseState?.logins.a?.canLogin, databaseState?.logins.b?.canLogin].filter(
      (login) => login === true,
    )
    const { database } = world.tenant().status ?? {}
    const asked = world.tenant().metadata.annotations?.['tenantry.dev/rotate-requested-at']
    const wrong = [
      ...lockedOut.map((effect) => `locked out at ${effect}`),
      ...(open.length === 1 ? [] : [`${open.length} logins are open`]),
      ...(database?.lastHandledRotation === asked ? [] : ['the request was not handled']),
      ...(database?.rotation === undefined && database?.formerLoginUntil === undefined ? [] : ['not at its end']),
    ]
    if (wrong.length > 0) throw new Error(`${wrong.join('; ')} after ${lived.map(([what]) => what).join(', ')}`)
  })
  await fc.assert(property, { numRuns: Number(process.env['TENANTRY_TEST_LIVES'] ?? 60) })
  t.pass()
})
