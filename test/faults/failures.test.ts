/**
 * Failures that take a cluster, a server or an operator of their own: each is told as the table of failures has it, and
 * ends.
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { Stored } from '../harness/api.ts'
import { uniqueName } from '../harness/context.ts'
import { temporaryFolder } from '../harness/folder.ts'
import type { TemporaryFolder } from '../harness/folder.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { story } from '../integration/story.ts'
import { isToldAs, toldAs } from '../integration/told-as.ts'
import { startWebhook } from '../integration/webhook.ts'
import { lookedAt } from './running.ts'
import {
  accept,
  available,
  conditionOf,
  databaseOf,
  declareAdmin,
  declareTenant,
  edit,
  isReady,
  newName,
  tenantOf,
} from './life.ts'

let world: World
let operator: OperatorProcess
let folder: TemporaryFolder
/** While it exists, the passes under way are out of time. */
let passesEnd: string
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld()
  folder = await temporaryFolder('failures')
  passesEnd = join(folder.path, 'passes-end')
  operator = await startOperator({
    env: { PASSES_END: passesEnd },
    cluster: world.cluster,
    mail: world.mail,
    web: world.web,
    entry: 'test/faults/operator-with-a-bug.ts',
  })
})
test.after.always(async () => {
  await operator?.stop()
  await world?.[Symbol.asyncDispose]()
  await folder?.remove()
})

const stalled = (name: string, reason: string) =>
  eventually(
    async () => {
      const tenant = await tenantOf(world, name)
      if (conditionOf(tenant, 'Stalled')?.reason === reason) return tenant
      throw new Error(JSON.stringify(tenant?.status?.['conditions'] ?? 'no conditions'))
    },
    { timeout: 90_000, describe: `${name} to be Stalled for ${reason}` },
  )

const ready = (name: string) =>
  eventually(async () => isReady(await tenantOf(world, name)), { timeout: 330_000, describe: `${name} to be ready` })

const rbac = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
interface Rule {
  readonly resources?: readonly string[]
  readonly verbs: readonly string[]
}

/** Takes the right away from whichever role of the operator has it; gives back how to give it again. */
async function withoutRight(resource: string): Promise<() => Promise<void>> {
  const roles = await world.api.list<{ metadata: { name: string }; rules?: readonly Rule[] }>(rbac)
  const having = roles.filter(
    ({ metadata, rules }) =>
      metadata.name.startsWith('tenantry') &&
      rules?.some(({ resources, verbs }) => resources?.includes(resource) === true && verbs.includes('create')),
  )
  for (const { metadata, rules = [] } of having) {
    const less = rules.map((rule) => ({ ...rule, resources: rule.resources?.filter((each) => each !== resource) }))
    const whole = less.filter(({ resources }) => resources === undefined || resources.length > 0)
    await world.api.send('PATCH', `${rbac}/${metadata.name}`, { rules: whole })
  }
  return async () => {
    for (const { metadata, rules } of having) await world.api.send('PATCH', `${rbac}/${metadata.name}`, { rules })
  }
}

test.serial('a right that the operator lacks is told with the way to have it again', async (t) => {
  t.timeout(420_000)
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  const giveBack = await withoutRight('limitranges')
  await eventually(
    async () => {
      const path = `/api/v1/namespaces/tenant-${name}/limitranges/tenantry-limits`
      await world.api.send('DELETE', path).catch(() => undefined)
      return conditionOf(await tenantOf(world, name), 'Stalled')?.reason === 'ApiServerRefused'
    },
    { timeout: 90_000, describe: 'the write to be refused' },
  )
  const told = await stalled(name, 'ApiServerRefused')
  toldAs(t, told, 'RightRefused')
  t.is(told.status?.['phase'], 'Active')
  await giveBack()
  await ready(name)
})

test.serial(
  'an account that lost its attributes is told with the statement that gives exactly these again',
  async (t) => {
    t.timeout(420_000)
    // The next look at the server, which would take no tenant then, is a minute away.
    await lookedAt(world)
    await world.postgres.query('ALTER ROLE tenantry NOCREATEDB')
    const name = newName()
    await declareTenant(world, name)
    const told = await stalled(name, 'DatabaseRefused')
    toldAs(t, told, 'RightMissing')
    const { message = '' } = conditionOf(told, 'Stalled') ?? {}
    const [, statements = ''] = /Run as a superuser: (.*); then Tenantry continues/.exec(message) ?? []
    t.is(statements, 'ALTER ROLE "tenantry" CREATEDB')
    await world.postgres.query(statements)
    await ready(name)
  },
)

test.serial('what the server refuses by a rule of its own is told in its words', async (t) => {
  t.timeout(420_000)
  const name = newName()
  await declareTenant(world, name)
  const database = databaseOf(await available(world, name)).name ?? ''
  const sql = (text: string) => world.postgres.query(text, [], database)
  await sql(`DROP SCHEMA tenantry CASCADE`)
  await sql(
    `CREATE FUNCTION public.frozen() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
     CREATE EVENT TRIGGER frozen ON ddl_command_start EXECUTE FUNCTION public.frozen()`,
  )
  await declareAdmin(world, name)
  await accept(world, name)
  const told = await stalled(name, 'DatabaseRefused')
  toldAs(t, told, 'StatementRefused')
  await sql(`DROP EVENT TRIGGER frozen; DROP FUNCTION public.frozen()`)
  await ready(name)
})

/** What a server answers that cannot do its work, each as a SQLSTATE, with the row that tells of it. */
const sqlstates = {
  '53300': (told: Stored) => isToldAs(told, 'ConnectionsUsedUp'),
  '25006': (told: Stored) => isToldAs(told, 'ReadOnly'),
  '28000': (told: Stored) => isToldAs(told, 'LoginRefused'),
  '57014': (told: Stored) => isToldAs(told, 'ServerTooSlow'),
  '58000': (told: Stored) => isToldAs(told, 'ServerSilent'),
  XX000: (told: Stored) => isToldAs(told, 'ServerFailed'),
} as const

test.serial(
  'what an Active tenant’s server cannot do now is told by its SQLSTATE, and the tenant stays Active',
  async (t) => {
    t.timeout(600_000)
    const name = newName()
    await declareTenant(world, name)
    const database = databaseOf(await available(world, name)).name ?? ''
    const sql = (text: string) => world.postgres.query(text, [], database)
    const fails = (sqlstate: string) =>
      sql(
        `CREATE OR REPLACE FUNCTION public.fails() RETURNS event_trigger LANGUAGE plpgsql AS
       $$ BEGIN IF session_user = 'tenantry' THEN RAISE 'no' USING ERRCODE = '${sqlstate}'; END IF; END $$`,
      )
    await sql('DROP SCHEMA tenantry CASCADE')
    await fails('53300')
    await sql('CREATE EVENT TRIGGER fails ON ddl_command_start EXECUTE FUNCTION public.fails()')
    await declareAdmin(world, name)
    await accept(world, name)
    for (const [sqlstate, isTold] of Object.entries(sqlstates)) {
      await fails(sqlstate)
      await edit(world, name, { spec: { displayName: `SQLSTATE ${sqlstate}` } })
      const told = await eventually(
        async () => {
          const tenant = await tenantOf(world, name)
          if (tenant !== undefined && isTold(tenant)) return tenant
          throw new Error(JSON.stringify(tenant?.status?.['conditions']))
        },
        { timeout: 90_000, describe: `SQLSTATE ${sqlstate} to be told` },
      )
      t.is(told.status?.['phase'], 'Active')
      t.is(conditionOf(told, 'Available')?.reason, 'DatabaseUnavailable')
    }
    await sql('DROP EVENT TRIGGER fails; DROP FUNCTION public.fails()')
    await edit(world, name, { spec: { displayName: 'Well again' } })
    await ready(name)
  },
)

test.serial(
  'an Active tenant whose server is down is Active and not Available, and both again once it is back',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    await declareTenant(world, name)
    await available(world, name)
    await world.postgres.down()
    try {
      await edit(world, name, { spec: { database: { connectionLimit: 7 } } })
      const told = await eventually(
        async () => {
          const tenant = await tenantOf(world, name)
          return conditionOf(tenant, 'Available')?.reason === 'DatabaseUnavailable' ? tenant : undefined
        },
        { timeout: 90_000, describe: 'the outage to be told' },
      )
      t.is(told.status?.['phase'], 'Active')
      t.is(conditionOf(told, 'Ready')?.reason, 'DatabaseUnavailable')
    } finally {
      await world.postgres.up()
    }
    await available(world, name)
    await ready(name)
  },
)

test.serial('an action for which a pass has no time left is told, and done by the next one', async (t) => {
  t.timeout(300_000)
  const name = newName()
  const plan = `/apis/tenantry.dev/v1alpha1/tenantplans/${name}`
  const limits = (cpu: string) => ({ limits: [{ type: 'Container', default: { cpu } }], quota: { pods: '5' } })
  await world.api.send('POST', plan.slice(0, plan.lastIndexOf('/')), {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'TenantPlan',
    metadata: { name },
    spec: limits('1'),
  })
  await declareTenant(world, name, { plan: name })
  await ready(name)
  const seen = await story<Stored>(t, { api: world.api, home: world.installation.home }, name)
  const meant = { namespace: `tenant-${name}`, group: '', resource: 'limitranges', operations: ['UPDATE'] } as const
  await using _webhook = await startWebhook(world.api, uniqueName('midst'), meant, async () => {
    await writeFile(passesEnd, '')
    await eventually(() => !existsSync(passesEnd), { describe: 'the pass to be out of time' })
    return { allowed: true }
  })
  await world.api.send('PATCH', plan, { spec: { ...limits('2'), quota: { pods: '6' } } })
  const told = await eventually(() => seen.find((each) => isToldAs(each, 'OutOfTime')), {
    timeout: 60_000,
    describe: 'the time to be told',
  })
  t.is(told.status?.['phase'], 'Active')
  t.is(conditionOf(told, 'Available')?.status, 'True')
  t.regex(conditionOf(told, 'Ready')?.message ?? '', /^The write of the ResourceQuota \S+ did not finish in time\. /)
  await ready(name)
  const quota = await world.api.get(`/api/v1/namespaces/tenant-${name}/resourcequotas/tenantry-quota`)
  t.like(quota?.spec, { hard: { pods: '6' } })
})

test.serial('a bug of the operator is told as one, and costs no other tenant anything', async (t) => {
  t.timeout(300_000)
  const [name, other] = [`bug${newName().slice(1, 7)}`, newName()]
  await declareTenant(world, name)
  const told = await stalled(name, 'InternalError')
  toldAs(t, told, 'InternalError')
  t.regex(
    conditionOf(told, 'Stalled')?.message ?? '',
    /^The write of the NetworkPolicy \S+ failed because of a bug .*TypeError/,
  )
  await declareTenant(world, other)
  await available(world, other)
})
