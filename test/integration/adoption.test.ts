/** An earlier tenant, kept when its Tenant went, in the hands of a new one; by the commands of docs/how-to/keep-and-adopt.md. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { tearOut } from '../faults/life.ts'
import { harness } from '../harness/context.ts'
import type { PostgresAccess } from '../harness/postgres-access.ts'
import { startPostgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { household, person } from './security-scene.ts'
import { declareServer, isConnected } from './server-scene.ts'
import {
  bindingOf,
  conditionOf,
  databaseOf,
  isReady,
  logIn,
  logsIn,
  namespaceOf,
  openScene,
  paths,
  tenantName,
} from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { toldAs } from './told-as.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const installation = 'test'
const limit = 180_000

const rowsOf = async (tenant: Tenant): Promise<unknown> => {
  await using session = await logIn(await bindingOf(scene, tenant))
  return (await session.query('SELECT n FROM notes ORDER BY n')).rows
}

/** Roles with their marks, and databases, by the names of the tenant. */
async function inPostgres(
  tenant: Tenant,
  postgres: PostgresAccess,
): Promise<readonly { readonly name: string; readonly uid: string | null }[]> {
  const { name, owner, a, b } = databaseOf(tenant)
  return postgres.query(
    `SELECT rolname::text AS name, shobj_description(oid, 'pg_authid')::json ->> 'uid' AS uid FROM pg_roles WHERE rolname = ANY ($1)
     UNION ALL SELECT 'database', shobj_description(oid, 'pg_database')::json ->> 'uid' FROM pg_database WHERE datname = $2
     ORDER BY 1`,
    [[owner, a, b], name],
  )
}

const claimsOf = (uid: string | undefined, more = '') =>
  scene.api.list(
    `/api/v1/namespaces/${harness().operator.namespace}/configmaps?labelSelector=${encodeURIComponent(`tenantry.dev/tenant-uid=${uid ?? ''}${more}`)}`,
  )

const mailsTo = async ({ spec }: TenantAdmin) =>
  (await harness().mail.all()).filter(({ to }) => to.includes(spec.email)).length

/** Retain, then delete, as a person does. */
async function keep({ metadata }: Tenant): Promise<void> {
  const { kubectl } = harness().cluster
  const { name, namespace = '' } = metadata
  const patch = '{"spec":{"deletion":{"policy":"Retain"}}}'
  await kubectl(['patch', 'tenant', name, '-n', namespace, '--type=merge', '-p', patch])
  await kubectl(['delete', 'tenant', name, '-n', namespace])
}

const adopting = (name: string, adopt: string, spec: object = {}, namespace = scene.home) =>
  scene.api.send<Tenant>('POST', paths.tenants(namespace), {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'Tenant',
    metadata: { name, annotations: { 'tenantry.dev/adopt': adopt } },
    spec: { displayName: 'Taken over', ...spec },
  })

async function keptAndTaken(
  t: ExecutionContext,
  spec: object,
  by: 'uid' | 'name',
  postgres: PostgresAccess = harness().postgres,
): Promise<void> {
  const { tenant: declared, admin } = await household(scene, { provisioning: 'OnAccept', ...spec })
  const tenant = await scene.when(declared, isReady)
  const { name, uid = '' } = tenant.metadata
  const binding = await bindingOf(scene, tenant)
  {
    await using session = await logIn(binding)
    await session.query('CREATE TABLE notes AS SELECT n FROM generate_series(1, 10) n')
  }
  const before = await inPostgres(tenant, postgres)
  const rows = await rowsOf(tenant)
  const mails = await mailsTo(admin)
  await keep(tenant)
  t.deepEqual(await inPostgres(tenant, postgres), before, 'with the marks')
  t.true(await logsIn(binding))
  t.is((await claimsOf(uid, ',tenantry.dev/retained=true')).length, 2)

  const taker = await adopting(name, by === 'uid' ? uid : `${installation}/${scene.home}/${name}`, spec)
  const after = await scene.when(taker, isReady)
  t.deepEqual(after.status?.adopted, [uid])
  t.is(namespaceOf(after), namespaceOf(tenant))
  t.is(after.status?.url, tenant.status?.url)
  t.deepEqual(databaseOf(after), databaseOf(tenant))
  t.deepEqual(await rowsOf(after), rows)
  t.is((await bindingOf(scene, after))['password'], binding['password'])
  await eventually(async () => (await inPostgres(after, postgres)).every(({ uid: mark }) => mark !== uid), {
    timeout: 60_000,
    describe: 'the marks to be those of the new one',
  })
  t.is((await claimsOf(uid)).length, 0)
  t.is((await claimsOf(after.metadata.uid, ',tenantry.dev/retained=true')).length, 0)
  const still = await scene.adminWhen(admin, ({ status }) => status?.tenant?.uid === after.metadata.uid)
  t.is(still.status?.invite?.status, 'Accepted')
  t.is(await mailsTo(admin), mails, 'nobody is asked again')

  await scene.deleted(after)
  const schema = after.status?.database?.schema
  t.deepEqual(
    await inPostgres(after, postgres).then((left) =>
      left.filter(({ name: of }) => schema === undefined || of !== 'database'),
    ),
    [],
  )
  t.is((await claimsOf(after.metadata.uid)).length, 0)
  await eventually(async () => (await scene.api.get(paths.namespace(namespaceOf(after)))) === undefined, {
    timeout: 60_000,
  })
}

test('kept and given to a new Tenant by name: rows, names, password, acceptance; deleted then, nothing is left', async (t) => {
  t.timeout(limit)
  await keptAndTaken(t, {}, 'name')
})

test('by uid, and with a schema in a shared database', async (t) => {
  t.timeout(limit)
  await using postgres = await startPostgres()
  const server = await declareServer(scene, postgres, {
    isolation: ['Database', 'Schema'],
    capacity: { maxTenants: 1 },
  })
  await server.when(isConnected)
  await keptAndTaken(t, { database: { server: server.name, isolation: 'Schema' } }, 'uid', postgres)
  await server.remove()
})

test('a person whose TenantAdmin is new as well is known by username and address, and gets no mail', async (t) => {
  t.timeout(limit)
  const { tenant, admin } = await household(scene)
  const { spec, metadata } = admin
  const mails = await mailsTo(admin)
  await keep(tenant)
  // As where the namespace was lost with all in it: what was accepted stays.
  await tearOut(scene.api, paths.admin(scene.home, metadata.name))
  const taker = await adopting(tenantName(), tenant.metadata.uid ?? '')
  const again = await scene.declareAdmin(taker, { username: spec.username, email: spec.email })
  const other = await scene.declareAdmin(taker, { username: `${spec.username}x`, email: `x${spec.email}` })
  await scene.adminWhen(again, ({ status }) => status?.invite?.status === 'Accepted')
  await scene.adminWhen(other, ({ status }) => status?.invite?.status === 'Pending')
  t.is(await mailsTo(admin), mails)
  await scene.deleted(await scene.when(taker, isReady))
})

test('a Tenant that is there, a wrong uid, another installation: refused, and nothing is made', async (t) => {
  t.timeout(limit)
  const tenant = await scene.provisioned()
  const { uid = '', name } = tenant.metadata
  const cases: readonly (readonly [string, RegExp])[] = [
    [uid, /which still exists\. Set its spec\.deletion\.policy to Retain and delete it first/],
    [`${installation}/${scene.home}/${name}`, /which still exists/],
    ['6f1c1c1e-0000-4000-8000-000000000000', /not an earlier tenant whose names or data are kept here/],
    [`other/${scene.home}/${name}`, /not of this installation, which is test/],
  ]
  for (const [asked, message] of cases) {
    const taker = await adopting(tenantName(), asked, { provisioning: 'Immediate' })
    const refused = await scene.when(taker, (each) => conditionOf(each, 'Stalled')?.reason === 'AdoptionRefused')
    toldAs(t, refused, 'AdoptionTaken')
    t.regex(conditionOf(refused, 'Stalled')?.message ?? '', message)
    t.is(refused.status?.namespace, undefined)
    t.is((await claimsOf(refused.metadata.uid)).length, 0)
    await scene.deleted(refused)
  }
  t.true(await logsIn(await bindingOf(scene, tenant)))
  await scene.deleted(tenant)
})

test('who runs an MSP cannot take over what others had, neither with a new customer nor with one of theirs', async (t) => {
  t.timeout(limit)
  const msp = await household(scene, { type: 'MSP' })
  const customer = await household(scene, {}, { namespace: msp.namespace })
  await using boss = await person(msp.user)
  const annotations = { 'tenantry.dev/adopt': `${installation}/${scene.home}/other` }
  const spec = { displayName: 'Mine' }
  const body = { apiVersion: 'tenantry.dev/v1alpha1', kind: 'Tenant', metadata: { name: tenantName() }, spec }
  const plain = await boss.try('POST', paths.tenants(msp.namespace), body)
  t.is(plain.status, 201, plain.text)
  const adopts = { ...body, metadata: { name: tenantName(), annotations } }
  const path = paths.tenant(msp.namespace, customer.tenant.metadata.name)
  for (const answer of [
    await boss.try('POST', paths.tenants(msp.namespace), adopts),
    await boss.try('PATCH', path, { metadata: { annotations } }),
  ]) {
    t.true(answer.status >= 400, answer.text)
    t.regex(answer.text, /ask for the verb adopt on tenants\.tenantry\.dev in all namespaces/)
  }
  await scene.api.send('DELETE', paths.tenant(msp.namespace, body.metadata.name))
  await scene.deleted(customer.tenant)
  await eventually(async () => (await scene.api.list(paths.tenants(msp.namespace))).length === 0, { timeout: 60_000 })
  await scene.deleted(msp.tenant)
})
