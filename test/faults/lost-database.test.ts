/**
 * A database or schema that is dropped while nobody looks: the operator is down, or another takes over; and what it knew is lost too.
 */
import test from 'ava'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import { available, databaseOf, declareTenant, edit, newName, pathOf, ready } from './life.ts'
import { databaseMissing } from './missing-database.ts'

let world: World
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld()
  const path = '/apis/tenantry.dev/v1alpha1/databaseservers/main'
  await world.api.send('PATCH', path, { spec: { isolation: ['Database', 'Schema'] } })
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const env = {
  // Nobody loses the lead because the machine stands still for a moment.
  TENANTRY_LEASE_DURATION: '8s',
  TENANTRY_RENEW_DEADLINE: '6s',
  TENANTRY_RETRY_PERIOD: '1s',
  TENANTRY_CATALOGUE_INTERVAL: '1s',
}
const start = () => startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env })

const isolations = ['Database', 'Schema'] as const

interface Made {
  readonly name: string
  readonly database: string
  /** With isolation Schema. */
  readonly schema?: string
}

async function made(isolation: (typeof isolations)[number]): Promise<Made> {
  const name = newName()
  await declareTenant(world, name, { database: { isolation } })
  const tenant = await available(world, name)
  const { name: database = '', schema } = databaseOf(tenant)
  return { name, database, ...(schema === undefined ? {} : { schema }) }
}

async function isThere({ database, schema }: Made): Promise<boolean> {
  const found =
    schema === undefined
      ? world.postgres.query('SELECT FROM pg_database WHERE datname = $1', [database])
      : world.postgres.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema], database)
  return (await found).length > 0
}

async function drop({ database, schema }: Made): Promise<void> {
  if (schema === undefined) await world.postgres.query(`DROP DATABASE ${database} WITH (FORCE)`)
  else await world.postgres.query(`DROP SCHEMA ${schema}, ${schema}_directory CASCADE`, [], database)
}

const missing = ({ name }: Made) => databaseMissing(world, name)

async function leads(operator: OperatorProcess): Promise<boolean> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${world.installation.namespace}/leases/tenantry-leader`
  return (await world.api.get(path))?.spec?.['holderIdentity'] === operator.pod.uid
}

/** As somebody does who edits the subresource, or restores objects without it. */
async function forgetStatus({ name }: Made): Promise<void> {
  const status = { database: null, namespace: null, phase: null, conditions: [] }
  await world.api.send('PATCH', `${pathOf(world, `tenants/${name}`)}/status`, { status })
}

/** Begins empty, so that the invariants of the end hold. */
async function settle({ name, database, schema = database }: Made): Promise<void> {
  await edit(world, name, { metadata: { annotations: { 'tenantry.dev/begin-empty': schema } } })
  await available(world, name)
}

const ofEach = <Result>(act: (isolation: (typeof isolations)[number]) => Promise<Result>) =>
  Promise.all(isolations.map(act))
const all = <Result>(each: readonly Made[], act: (one: Made) => Promise<Result>) => Promise.all(each.map(act))

test.serial(
  'dropped while the operator is down, with the status or without, it is missing when the operator is back',
  async (t) => {
    t.timeout(400_000)
    const [lost, forgotten, neighbours] = await (async () => {
      await using _operator = await start()
      return await Promise.all([ofEach(made), ofEach(made), ofEach(made)])
    })()
    await Promise.all([all([...lost, ...forgotten], drop), all(forgotten, forgetStatus)])
    await using _operator = await start()
    await all([...lost, ...forgotten], missing)
    t.deepEqual(await all([...lost, ...forgotten], isThere), [false, false, false, false])
    t.deepEqual(await all(neighbours, isThere), [true, true])
    for (const { name } of neighbours) await ready(world, name)
    await all([...lost, ...forgotten], settle)
    t.deepEqual(await violations(world), [])
  },
)

test.serial('dropped while another operator takes over, it is missing for that one as well', async (t) => {
  t.timeout(400_000)
  await using first = await start()
  await eventually(() => leads(first), { timeout: 60_000, describe: 'the first to lead' })
  await using second = await start()
  const lost = await ofEach(made)
  await first.kill()
  await all(lost, drop)
  await eventually(() => leads(second), { timeout: 60_000, describe: 'the second to lead' })
  await all(lost, missing)
  t.deepEqual(await all(lost, isThere), [false, false])
  await all(lost, settle)
  t.deepEqual(await violations(world), [])
})
