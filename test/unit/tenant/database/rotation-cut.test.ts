/** A rotation that is cut off, or meets a cache that is behind: no reader of the Secret is locked out. */
import test from 'ava'
import { fc } from '../../../random.ts'
import { KubeError } from '../../../../operator/kube/port.ts'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import { tenantAdmin } from '../../../gen.ts'
import type { World } from '../world.ts'
import { grace, request, secretOf, credentialsOf, logsIn, provisioned, john, spec } from './rotation-scene.ts'

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
