/** Parameters that a plan and a Tenant declare, on the tenant's logins. */
import test from 'ava'
import { parameterBeyond, parametersOf } from '../../../../operator/tenant/validation/parameter-rules.ts'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import type { TenantPlan } from '../../../../operator/api/tenantplan.ts'
import { tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const planWith = (parameters: object): TenantPlan => tenantPlan({ spec: { database: { parameters } } })
const tenantWith = (parameters: object): Tenant => tenant({ spec: { database: { parameters } } })

function settingsOf(world: World): readonly (readonly string[])[] {
  return [...world.postgres.databases.values()].flatMap(({ logins }) =>
    [logins.a, logins.b].map((role) => (role?.settings ?? []).filter((setting) => !setting.startsWith('role='))),
  )
}

/** As ALTER ROLE … SET does, on the current login. */
function alterRole(world: World, settings: readonly string[]): void {
  for (const [owner, databaseState] of world.postgres.databases) {
    const { a } = databaseState.logins
    if (a !== undefined)
      world.postgres.databases.set(owner, {
        ...databaseState,
        logins: { ...databaseState.logins, a: { ...a, settings: [...a.settings.slice(0, 1), ...settings] } },
      })
  }
}

async function provisioned(plan: object, own: object = {}): Promise<World> {
  const world = ground()
  world.cluster.put(planWith(plan))
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenantWith(own))
  await world.settle()
  return world
}

/** Where the server does not take a value, it is tried again at each pass. */
async function passes(world: World, count = 8): Promise<void> {
  for (let pass = 0; pass < count; pass += 1) await world.pass()
}

test("both logins have the plan's parameters, and before them the tenant's own; then all is quiet", async (t) => {
  const world = await provisioned({ statement_timeout: '30s', work_mem: '8MB' }, { statement_timeout: '1h' })
  const both = ['statement_timeout=1h', 'work_mem=8MB']
  t.deepEqual(settingsOf(world), [both, both])
  const rest = world.effects.length
  await world.poll()
  await world.settle()
  t.is(world.effects.length, rest)
})

test('an edit reaches both logins, and what is taken out of the plan is taken off', async (t) => {
  const world = await provisioned({ statement_timeout: '30s', work_mem: '8MB' })
  world.cluster.put(planWith({ work_mem: '16MB' }))
  await world.settle()
  t.deepEqual(settingsOf(world), [['work_mem=16MB'], ['work_mem=16MB']])
})

test('one that the tenant changes is put back at the next look, and what else it sets stays', async (t) => {
  const world = await provisioned({ statement_timeout: '30s' })
  alterRole(world, ['statement_timeout=0', 'jit=off'])
  await world.poll()
  await world.settle()
  t.deepEqual(settingsOf(world), [['jit=off', 'statement_timeout=30s'], ['statement_timeout=30s']])
  t.deepEqual(world.repairs, ['DatabaseRoles'])
})

test('a value that the server does not take stalls, by name, and takes nothing from a tenant that is in use', async (t) => {
  const world = await provisioned({ work_mem: '8MB' })
  world.postgres.refusing.add('TimeZone')
  world.cluster.put(planWith({ work_mem: '16MB', TimeZone: 'Mars/Olympus' }))
  await passes(world)
  const said = ['Ready=False ParameterRefused', 'Stalled=True ParameterRefused', 'Available=True Provisioned']
  for (const each of [...said, 'DatabaseReady=True Provisioned']) t.true(world.conditions().includes(each), each)
  t.regex(world.message('Stalled') ?? '', /refuses spec\.database\.parameters\.TimeZone/)
  t.is(world.tenant().status?.phase, 'Active')
  t.deepEqual(settingsOf(world), [['work_mem=16MB'], ['work_mem=16MB']])
  const writes = world.cluster.writes.length
  await passes(world)
  t.is(world.cluster.writes.length, writes, 'it is tried again and says nothing new')
  t.true((world.due.get('home/acme') ?? 0) > 60_000, 'and seldom')

  world.cluster.put(planWith({ work_mem: '16MB' }))
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('such a value keeps no tenant from being made, deactivated or given another password', async (t) => {
  const world = ground()
  world.postgres.refusing.add('TimeZone')
  world.cluster.put(planWith({ TimeZone: 'Mars/Olympus' }))
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await passes(world)
  t.true(world.conditions().includes('Available=True Provisioned'))
  const before = world.tenant()
  const annotations = { ...before.metadata.annotations, 'tenantry.dev/rotate-requested-at': 'one' }
  world.cluster.put({ ...before, metadata: { ...before.metadata, annotations } })
  await passes(world)
  t.like(world.tenant().status?.database, { roles: { current: 'b' }, lastHandledRotation: 'one' })
  await world.clock.advance(601_000)
  await passes(world)
  t.is(world.tenant().status?.database?.formerLoginUntil, undefined, 'the grace period of the former login ends')
  world.edit({ state: 'Deactivated' })
  await passes(world)
  t.is(world.tenant().status?.phase, 'Deactivated')
  t.deepEqual(
    [...world.postgres.databases.values()].map(({ logins }) => [logins.a?.canLogin, logins.b?.canLogin]),
    [[false, false]],
  )
})

test('what the server does not let us set is left out, and set when it does', async (t) => {
  const world = await provisioned({ temp_file_limit: '10GB' })
  t.deepEqual(settingsOf(world), [[], []])
  t.true(world.conditions().includes('Ready=True Provisioned'))
  world.postgres.settable = ['temp_file_limit']
  await world.poll()
  await world.settle()
  t.deepEqual(settingsOf(world), [['temp_file_limit=10GB'], ['temp_file_limit=10GB']])
})

const limits: readonly (readonly [string, string, string, boolean])[] = [
  ['statement_timeout', '30s', '1min', false],
  ['statement_timeout', '1min', '60s', true],
  ['statement_timeout', '1h', '500ms', true],
  ['statement_timeout', '1h', '0', false],
  ['statement_timeout', '0', '24d', true],
  ['work_mem', '8MB', '8192kB', true],
  ['work_mem', '8MB', '1GB', false],
  ['temp_file_limit', '10GB', '1TB', false],
  ['search_path', 'app', 'other', true],
]
for (const [name, planned, own, allowed] of limits)
  test(`a customer of an MSP ${allowed ? 'may' : 'may not'} have ${name} ${own} where the plan has ${planned}`, (t) => {
    const plan = planWith({ [name]: planned })
    const parent = tenant({ spec: { type: 'MSP' } })
    const customer = {
      tenant: tenantWith({ [name]: own }),
      home: { kind: 'Msp', parent, ancestors: [parent] },
    } as const
    t.is(parameterBeyond(customer, plan)?.name, allowed ? undefined : name)
    t.deepEqual(parametersOf(customer, plan), { [name]: allowed ? own : planned })
    t.deepEqual(parametersOf({ ...customer, home: { kind: 'Home' } }, plan), { [name]: own })
  })

test('a customer of an MSP that asks for more is told, and has the limit of its plan', async (t) => {
  const world = await provisioned({ statement_timeout: '30s' })
  world.edit({ type: 'MSP' })
  await world.settle()
  const key = 'tenant-acme/globex'
  world.cluster.put(tenant({ name: 'globex', uid: 'uid-globex', namespace: 'tenant-acme' }))
  await world.settle(key)
  world.edit({ database: { parameters: { statement_timeout: '0' } } }, key)
  await world.settle(key)
  t.true(world.conditions(key).includes('Stalled=True ParameterNotAllowed'))
  t.true(world.conditions(key).includes('Available=True Provisioned'))
  t.true(settingsOf(world).every((each) => each.includes('statement_timeout=30s')))
})
