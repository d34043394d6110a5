/** Parameters that plans and Tenants declare, from the manifest to a tenant's session. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { eventually } from '../harness/wait.ts'
import { bindingOf, conditionOf, isReady, logIn, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { toldAs } from './told-as.ts'

let scene: Scene & AsyncDisposable
test.before(async () => {
  scene = await openScene()
})
test.after.always(() => scene?.[Symbol.asyncDispose]())

const pathOf = ({ metadata }: Tenant) => paths.tenant(metadata.namespace ?? '', metadata.name)

const planWith = (parameters: Readonly<Record<string, string>>) =>
  scene.declarePlan({ database: { parameters, rotation: { grace: '1s' } } })

async function shown(tenant: Tenant, ...names: readonly string[]): Promise<readonly unknown[]> {
  await using session = await logIn(await bindingOf(scene, tenant))
  const { rows } = await session.query<Record<string, string>>(
    `SELECT ${names.map((name) => `current_setting('${name}') AS "${name}"`).join()}`,
  )
  return Object.values(rows[0] ?? {})
}

const become = (tenant: Tenant, names: readonly string[], wanted: readonly string[]) =>
  eventually(async () => String(await shown(tenant, ...names)) === String(wanted), {
    timeout: 120_000,
    describe: `${names.join()} to be ${wanted.join()}`,
  })

test("sessions start with the plan's parameters and the Tenant's, after a rotation and an edit too", async (t) => {
  t.timeout(240_000)
  const plan = await planWith({ statement_timeout: '12h', search_path: 'app, public' })
  const tenant = await scene.provisioned({ plan, database: { parameters: { search_path: 'own' } } })
  t.deepEqual(await shown(tenant, 'statement_timeout', 'search_path'), ['12h', 'own'])

  await scene.change(pathOf(tenant), { metadata: { annotations: { 'tenantry.dev/rotate-requested-at': 'one' } } })
  await scene.when(tenant, ({ status }) => status?.database?.lastHandledRotation === 'one')
  t.deepEqual(await shown(tenant, 'statement_timeout', 'search_path'), ['12h', 'own'])

  await scene.change(paths.plan(plan), {
    spec: { database: { parameters: { statement_timeout: null, jit: 'off' } } },
  })
  await become(tenant, ['statement_timeout', 'jit', 'search_path'], ['0', 'off', 'own'])
})

test('a value that the server does not know stalls by the name of its field, and takes nothing away', async (t) => {
  t.timeout(240_000)
  const plan = await planWith({ jit: 'off' })
  const tenant = await scene.provisioned({ plan })
  await scene.change(pathOf(tenant), { spec: { database: { parameters: { TimeZone: 'Mars/Olympus' } } } })
  const told = await scene.when(tenant, (each) => conditionOf(each, 'Stalled')?.reason === 'ParameterRefused')
  toldAs(t, told, 'ParameterRefused')
  t.regex(conditionOf(told, 'Stalled')?.message ?? '', /spec\.database\.parameters\.TimeZone/)
  t.is(conditionOf(told, 'Available')?.status, 'True')
  t.is(told.status?.phase, 'Active')
  t.deepEqual(await shown(tenant, 'jit'), ['off'])

  await scene.change(pathOf(tenant), { spec: { database: { parameters: { TimeZone: 'Europe/Berlin' } } } })
  await scene.when(tenant, (each) => isReady(each) && conditionOf(each, 'Stalled') === undefined)
  t.deepEqual(await shown(tenant, 'TimeZone'), ['Europe/Berlin'])
})
