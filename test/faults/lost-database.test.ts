/** A database that is dropped while nobody looks: the operator is down, or another takes over; and what it knew is lost too. */
import test from 'ava'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import { available, conditionOf, declareTenant, edit, newName, pathOf, tenantOf } from './life.ts'

let world: World
test.before(async (t) => {
  t.timeout(120_000)
  world = await startWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const env = {
  TENANTRY_LEASE_DURATION: '4s',
  TENANTRY_RENEW_DEADLINE: '3s',
  TENANTRY_RETRY_PERIOD: '500ms',
  TENANTRY_CATALOGUE_INTERVAL: '1s',
}
const start = () => startOperator({ cluster: world.cluster, mail: world.mail, env })

interface Made {
  readonly name: string
  readonly database: string
}

async function made(): Promise<Made> {
  const name = newName()
  await declareTenant(world, name)
  const tenant = await available(world, name)
  const { name: database } = (tenant.status?.['database'] ?? {}) as { readonly name?: string } // of our own schema
  return { name, database: database ?? '' }
}

async function isThere({ database }: Made): Promise<boolean> {
  return (await world.postgres.query(`SELECT FROM pg_database WHERE datname = '${database}'`)).length > 0
}

const drop = ({ database }: Made) => world.postgres.query(`DROP DATABASE ${database} WITH (FORCE)`)

async function missing({ name }: Made): Promise<void> {
  const isTold = async () => conditionOf(await tenantOf(world, name), 'Stalled')?.reason === 'DatabaseMissing'
  await eventually(isTold, { timeout: 60_000, describe: `${name} to say that its database is missing` })
}

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
async function settle(lost: Made): Promise<void> {
  await edit(world, lost.name, { metadata: { annotations: { 'tenantry.dev/begin-empty': lost.database } } })
  await available(world, lost.name)
}

test.serial(
  'dropped while the operator is down, with the status or without, it is missing when the operator is back',
  async (t) => {
    t.timeout(240_000)
    const [lost, forgotten, neighbour] = await (async () => {
      await using _operator = await start()
      return await Promise.all([made(), made(), made()])
    })()
    await Promise.all([drop(lost), drop(forgotten), forgetStatus(forgotten)])
    await using _operator = await start()
    await Promise.all([missing(lost), missing(forgotten)])
    t.deepEqual(await Promise.all([isThere(lost), isThere(forgotten), isThere(neighbour)]), [false, false, true])
    t.is(conditionOf(await tenantOf(world, neighbour.name), 'Ready')?.status, 'True')
    await Promise.all([settle(lost), settle(forgotten)])
    t.deepEqual(await violations(world), [])
  },
)

test.serial('dropped while another operator takes over, it is missing for that one as well', async (t) => {
  t.timeout(240_000)
  await using first = await start()
  await eventually(() => leads(first), { timeout: 30_000, describe: 'the first to lead' })
  await using second = await start()
  const lost = await made()
  await first.kill()
  await drop(lost)
  await eventually(() => leads(second), { timeout: 30_000, describe: 'the second to lead' })
  await missing(lost)
  t.false(await isThere(lost))
  await settle(lost)
  t.deepEqual(await violations(world), [])
})
