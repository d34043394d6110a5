/**
 * A deletion with a grace period on real servers: what `kubectl replace --force`, a prune or a forced sync begin can be
 * had back.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { Stored } from '../harness/api.ts'
import { temporaryFolder } from '../harness/folder.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { blocksOf, inShell } from './how-to.ts'
import { violations } from './judged.ts'
import {
  accept,
  addressOf,
  available,
  conditionOf,
  credentialsOf,
  declareAdmin,
  declareTenant,
  holdNamespace,
  newName,
  removeOne,
  tenantOf,
} from './life.ts'
import { atRest, reconciles } from './reconciles.ts'
import { reasonsIn } from './told.ts'

let world: World
let operator: OperatorProcess
const limit = 400_000

test.before(async (t) => {
  t.timeout(limit)
  world = await startWorld()
  operator = await startOperator({
    cluster: world.cluster,
    mail: world.mail,
    web: world.web,
    env: { TENANTRY_DELETION_GRACE: '1h' },
  })
  await declarePlan('brief', '20s')
})
test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

function declarePlan(name: string, grace: string): Promise<Stored> {
  return world.api.send('POST', '/apis/tenantry.dev/v1alpha1/tenantplans', {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'TenantPlan',
    metadata: { name },
    spec: { deletion: { grace } },
  })
}

const deletionOf = (tenant: Stored | undefined) =>
  (tenant?.status?.['deletion'] ?? {}) as { readonly notBefore?: string; readonly startedAt?: string } // of our own schema

const until = <T>(what: string, check: () => Promise<T | undefined | false>) =>
  eventually(check, { timeout: 90_000, interval: 100, describe: what })

const isGone = async (name: string) => (await tenantOf(world, name)) === undefined

async function postponed(name: string): Promise<Stored> {
  return until(`${name} to be postponed`, async () => {
    const tenant = await tenantOf(world, name)
    return conditionOf(tenant, 'Reconciling')?.reason === 'DeletionPostponed' && tenant
  })
}

async function ask(name: string, sql: string): Promise<readonly unknown[]> {
  const { database = '', username = '', password = '' } = await credentialsOf(world, name)
  await using session = await world.postgres.connect({ user: username, password, database })
  return (await session.query<object>(sql)).rows
}

const databasesOf = (name: string) =>
  world.postgres.query('SELECT oid FROM pg_database WHERE datname = $1', [name]) as Promise<readonly unknown[]>

test.serial('the plan’s time: the tenant works on, and goes by itself when it is over, not before', async (t) => {
  t.timeout(limit)
  const name = newName()
  await declareTenant(world, name, { plan: 'brief' })
  await available(world, name)
  const { database = '' } = await credentialsOf(world, name)
  await ask(name, 'CREATE TABLE notes AS SELECT 1 AS n')
  const letGo = await holdNamespace(world, name)
  await removeOne(world, `tenants/${name}`)
  const tenant = await postponed(name)
  t.deepEqual(await ask(name, 'SELECT n FROM notes'), [{ n: 1 }])
  t.is(conditionOf(tenant, 'Available')?.status, 'True')
  const notBefore = deletionOf(tenant).notBefore ?? ''
  t.is(Date.parse(notBefore) - Date.parse(tenant.metadata.deletionTimestamp ?? ''), 20_000)
  t.true(conditionOf(tenant, 'Ready')?.message.includes(notBefore))
  const { startedAt = '' } = await until('the removal to begin', async () => {
    const now = deletionOf(await tenantOf(world, name))
    return now.startedAt !== undefined && now
  })
  await letGo()
  t.true(Date.parse(startedAt) >= Date.parse(notBefore), `${startedAt} is before ${notBefore}`)
  await until('it to be gone', () => isGone(name))
  t.deepEqual(await databasesOf(database), [])
  t.regex((await reasonsIn(world))('Tenant', name), /DeletionPostponed/)
  t.regex(await operator.logs(), /deletion postponed/)
})

test.serial(
  'kubectl replace --force waits, and once it is undone replaces the Tenant, which has all it had',
  async (t) => {
    t.timeout(limit)
    const name = newName()
    const { home } = world.installation
    const folder = await temporaryFolder('replace')
    t.teardown(() => folder.remove())
    await declareTenant(world, name, { provisioning: 'OnAccept' })
    await declareAdmin(world, name)
    await accept(world, name)
    const before = await available(world, name)
    await ask(name, 'CREATE TABLE notes AS SELECT 7 AS n')
    const secret = await credentialsOf(world, name)
    const manifest = {
      apiVersion: 'tenantry.dev/v1alpha1',
      kind: 'Tenant',
      metadata: { name, namespace: home },
      spec: { displayName: 'Another name', subdomain: name },
    }
    await writeFile(join(folder.path, 'bakery.yaml'), JSON.stringify(manifest))
    const replaced = inShell('kubectl replace --force -f bakery.yaml', world.cluster, folder.path)
    await postponed(name)
    t.deepEqual(await ask(name, 'SELECT n FROM notes'), [{ n: 7 }])
    const [list = '', undo = ''] = await blocksOf('gitops', 'When a deletion was a mistake')
    t.regex(await inShell(list, world.cluster, folder.path), new RegExp(`${home} +${name} +20`))
    await inShell(undo.replaceAll('bakery', name), world.cluster, folder.path)
    t.regex(await replaced, /replaced/)
    const after = await available(world, name)
    t.not(after.metadata.uid, before.metadata.uid)
    t.deepEqual(after.status?.['adopted'], [before.metadata.uid])
    t.deepEqual(await credentialsOf(world, name), secret)
    t.deepEqual(await ask(name, 'SELECT n FROM notes'), [{ n: 7 }])
    await until('it to be ready', async () => conditionOf(await tenantOf(world, name), 'Ready')?.status === 'True')
    t.is((await world.mail.all()).filter(({ to }) => to.includes(addressOf(name))).length, 1)
    await until('nothing to be wrong', async () => (await violations(world)).length === 0)
  },
)

test.serial('a person lets it go at once; another process in between keeps it as long', async (t) => {
  t.timeout(limit)
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  await removeOne(world, `tenants/${name}`)
  const { notBefore } = deletionOf(await postponed(name))
  await operator[Symbol.asyncDispose]()
  operator = await startOperator({
    cluster: world.cluster,
    mail: world.mail,
    web: world.web,
    env: { TENANTRY_DELETION_GRACE: '0s' },
  })
  const asked = 'tenantry.dev/dump-rehearsal-requested-at=now'
  await world.cluster.kubectl(['annotate', 'tenant', name, '-n', world.installation.home, asked])
  await until('it to be looked at', async () => (await reconciles(operator, 'tenant')) > 0)
  await atRest(operator, 'tenant')
  await available(world, name)
  t.is(deletionOf(await postponed(name)).notBefore, notBefore)
  const [, , release = ''] = await blocksOf('gitops', 'When a deletion was a mistake')
  await inShell(release.replaceAll('bakery', name), world.cluster, '/tmp')
  await until('it to be gone', () => isGone(name))
})
