/** What belongs to somebody else is never taken over: not a name, not a namespace, not a role, not a database. */
import test from 'ava'
import { databaseNames } from '../../operator/api/names.ts'
import { harness, uniqueName } from '../harness/context.ts'
import { eventually, throughout } from '../harness/wait.ts'
import {
  bindingOf,
  conditionOf,
  isReady,
  logsIn,
  namespaceOf,
  openScene,
  paths,
  tenantName,
  waitsFor,
} from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { toldAs } from './told-as.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const plans = '/apis/tenantry.dev/v1alpha1/tenantplans'
const planNamed = (name: string) => ({
  apiVersion: 'tenantry.dev/v1alpha1',
  kind: 'TenantPlan',
  metadata: { name },
  spec: {},
})

test('A namespace of somebody else’s is a conflict, and stays as it was; the tenant comes when it is gone', async (t) => {
  t.timeout(400_000)
  const name = tenantName()
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `tenant-${name}`, labels: { team: 'blue' } },
  }
  const theirs = await scene.api.send('POST', '/api/v1/namespaces', namespace)
  const tenant = await scene.declare({}, { name })
  const conflict = await scene.when(tenant, waitsFor('NamespaceConflict'))
  toldAs(t, conflict, 'NamespaceTaken')
  t.is(conditionOf(conflict, 'Stalled')?.status, 'True')
  t.regex(conditionOf(conflict, 'Ready')?.message ?? '', new RegExp(`tenant-${name} exists and .* spec\\.cloudId`))
  t.is(
    (await scene.api.get(paths.namespace(theirs.metadata.name)))?.metadata.resourceVersion,
    theirs.metadata.resourceVersion,
  )
  t.is(await scene.api.get(paths.networkPolicy(theirs.metadata.name)), undefined)
  await scene.api.send('DELETE', paths.namespace(theirs.metadata.name))
  const ready = await scene.when(tenant, isReady)
  t.is(namespaceOf(ready), theirs.metadata.name)
  t.not((await scene.api.get(paths.namespace(namespaceOf(ready))))?.metadata.uid, theirs.metadata.uid)
})

/** Declares a Tenant that waits for its plan, has `put` done with the names that it will have, and lets it go on. */
async function withForeign(put: (names: ReturnType<typeof databaseNames>) => Promise<unknown>) {
  const plan = uniqueName('plan')
  const tenant = await scene.declare({ plan })
  await scene.when(tenant, waitsFor('PlanNotFound'))
  const names = databaseNames('test', tenant.metadata.uid ?? '')
  await put(names)
  await scene.api.send('POST', plans, planNamed(plan))
  return { tenant, names }
}

interface Occupant {
  readonly what: string
  readonly sql: (names: ReturnType<typeof databaseNames>) => readonly string[]
  readonly undo: (names: ReturnType<typeof databaseNames>) => string
}

const occupants: readonly Occupant[] = [
  {
    what: 'A role of somebody else’s where the owner role should be',
    sql: ({ owner }) => [`CREATE ROLE ${owner} LOGIN PASSWORD 'theirs' CONNECTION LIMIT 7`],
    undo: ({ owner }) => `DROP ROLE ${owner}`,
  },
  {
    what: 'A role of somebody else’s where a login should be',
    sql: ({ logins }) => [`CREATE ROLE ${logins.a} LOGIN PASSWORD 'theirs' CONNECTION LIMIT 7`],
    undo: ({ logins }) => `DROP ROLE ${logins.a}`,
  },
  {
    what: 'A database of somebody else’s',
    sql: ({ database }) => [
      `CREATE DATABASE ${database} TEMPLATE template0 ALLOW_CONNECTIONS false`,
      `REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`,
      `ALTER DATABASE ${database} ALLOW_CONNECTIONS true`,
    ],
    undo: ({ database }) => `DROP DATABASE ${database}`,
  },
  {
    what: 'A role with the mark of another installation',
    sql: ({ owner }) => [
      `CREATE ROLE ${owner}`,
      `COMMENT ON ROLE ${owner} IS '${JSON.stringify({ tenantry: 1, installation: 'another', uid: 'x', kind: 'owner' })}'`,
    ],
    undo: ({ owner }) => `DROP ROLE ${owner}`,
  },
]

for (const { what, sql, undo } of occupants) {
  test(`${what} is a conflict, and stays as it was; the tenant comes when it is gone`, async (t) => {
    t.timeout(400_000)
    const { postgres } = harness()
    const { tenant, names } = await withForeign(async (found) => {
      for (const statement of sql(found)) await postgres.query(statement)
    })
    const before = await snapshot(names)
    const conflict = await scene.when(tenant, waitsFor('DatabaseConflict'))
    toldAs(t, conflict, 'DatabaseTaken')
    t.is(conditionOf(conflict, 'Stalled')?.status, 'True')
    t.is(conditionOf(conflict, 'DatabaseReady')?.reason, 'DatabaseConflict')
    await throughout(1500, async () => void t.deepEqual(await snapshot(names), before), 250)
    await postgres.query(undo(names))
    const ready = await scene.when(tenant, isReady)
    t.true(await logsIn(await bindingOf(scene, ready)))
  })
}

/** What is there under these names, as the superuser sees it. */
async function snapshot({ database, owner, logins }: ReturnType<typeof databaseNames>): Promise<unknown> {
  const { postgres } = harness()
  const roles = await postgres.query(
    `SELECT rolname, rolcanlogin, rolconnlimit, rolpassword, shobj_description(oid, 'pg_authid') AS comment
     FROM pg_authid WHERE rolname = ANY($1)`,
    [[owner, logins.a, logins.b]],
  )
  const databases = await postgres.query(
    `SELECT datname, datacl::text, datconnlimit, pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1`,
    [database],
  )
  return { roles, databases }
}

test('Of two tenants with one Cloud ID one has it, the other is Stalled and learns nothing about its holder', async (t) => {
  t.timeout(240_000)
  const cloudId = tenantName('c')
  const first = await scene.provisioned({ cloudId })
  const second = await scene.declare({ cloudId, subdomain: tenantName('s') })
  const conflict = await scene.when(second, waitsFor('CloudIdConflict'))
  toldAs(t, conflict, 'CloudIdTaken')
  t.is(conditionOf(conflict, 'Stalled')?.reason, 'CloudIdConflict')
  const message = conditionOf(conflict, 'Ready')?.message ?? ''
  t.is(message, `The Cloud ID ${cloudId} is taken by another tenant. Choose another one in spec.cloudId.`)
  t.is(conflict.status?.namespace, undefined)
  t.deepEqual(await scene.when(first, () => true), first)
  await scene.deleted(first)
  const ready = await scene.when(second, isReady)
  t.is(ready.status?.cloudId, cloudId)
})

test('Two tenants declared at once with one Cloud ID: exactly one gets it', async (t) => {
  const cloudId = tenantName('c')
  const both = await Promise.all(['d', 'e'].map((prefix) => scene.declare({ cloudId, subdomain: tenantName(prefix) })))
  const settled = await Promise.all(
    both.map((tenant) => scene.when(tenant, (each) => isReady(each) || waitsFor('CloudIdConflict')(each))),
  )
  t.is(settled.filter(isReady).length, 1)
  const claim = await scene.api.get(paths.claim(`claim-cloud-id-${cloudId}`))
  t.is(claim?.data?.['uid'], settled.find(isReady)?.metadata.uid)
})

test('Of two siblings with one subdomain one has the host name, the other is Stalled', async (t) => {
  const subdomain = tenantName('s')
  const first = await scene.provisioned({ subdomain })
  const second = await scene.declare({ subdomain })
  const conflict = await scene.when(second, waitsFor('HostConflict'))
  toldAs(t, conflict, 'HostTaken')
  t.is(
    conditionOf(conflict, 'Stalled')?.message,
    `The host name ${subdomain}.tenants.example.com is taken by another tenant. Choose another subdomain in spec.subdomain.`,
  )
  t.deepEqual(await scene.when(first, () => true), first)
  await scene.change(paths.tenant(scene.home, second.metadata.name), { spec: { subdomain: tenantName('s') } })
  await scene.when(second, isReady)
})

test('An old tenant does not take a live one’s Cloud ID by a rename', async (t) => {
  const old = await scene.provisioned()
  const live = await scene.provisioned()
  await scene.change(paths.tenant(scene.home, old.metadata.name), {
    spec: { cloudId: live.metadata.name, subdomain: old.metadata.name },
  })
  const refused = await scene.when(old, (each) => conditionOf(each, 'Stalled') !== undefined)
  t.is(conditionOf(refused, 'Stalled')?.reason, 'CloudIdConflict')
  t.is(refused.status?.cloudId, old.metadata.name)
  t.is(conditionOf(refused, 'Available')?.status, 'True')
  t.deepEqual(await scene.when(live, () => true), live)
  const claim = await scene.api.get(paths.claim(`claim-cloud-id-${live.metadata.name}`))
  t.is(claim?.data?.['uid'], live.metadata.uid)
  t.true(await logsIn(await bindingOf(scene, live)))
})

test('An object in the tenant’s namespace that bears neither mark nor name of the tenant is left alone', async (t) => {
  const tenant = await scene.provisioned()
  const path = paths.limits(namespaceOf(tenant))
  const limits = await scene.api.get(path)
  const labels = Object.fromEntries(Object.keys(limits?.metadata.labels ?? {}).map((label) => [label, null]))
  const spec = { limits: [{ type: 'Container', default: { memory: '1Gi' }, defaultRequest: { memory: '1Gi' } }] }
  await scene.change(path, { metadata: { labels, annotations: { 'tenantry.dev/tenant': null } }, spec })
  const conflict = await scene.when(tenant, waitsFor('ObjectConflict'))
  toldAs(t, conflict, 'ObjectTaken')
  t.regex(conditionOf(conflict, 'Stalled')?.message ?? '', /tenantry-limits/)
  t.is((await scene.api.get(path))?.metadata.labels?.['tenantry.dev/tenant-uid'], undefined)
  await scene.api.send('DELETE', path)
  const isBack = async () => (await scene.api.get(path))?.metadata.labels?.['tenantry.dev/tenant-uid'] !== undefined
  await eventually(isBack, { timeout: 60_000, describe: 'the LimitRange to be made again' })
  await scene.when(tenant, isReady)
})

test('A quota of somebody else’s that leaves no room is named, and the tenant is whole again once it is gone', async (t) => {
  t.timeout(600_000)
  const tenant = await scene.provisioned()
  const quotas = `/api/v1/namespaces/${namespaceOf(tenant)}/resourcequotas`
  const spec = { hard: { 'count/secrets': '0' } }
  await scene.api.send('POST', quotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'theirs' }, spec })
  await eventually(async () => (await scene.api.get(`${quotas}/theirs`))?.status?.['hard'] !== undefined, {
    timeout: 30_000,
    describe: 'the quota to count',
  })
  const refused = await eventually(
    async () => {
      // The apiserver that counts may hear of the quota after the one that was asked for it.
      await scene.api.send('DELETE', paths.secret(namespaceOf(tenant))).catch(() => undefined)
      return scene.when(tenant, waitsFor('QuotaExceeded'), { timeout: 10_000 })
    },
    { timeout: 180_000, describe: 'the quota to be in the way' },
  )
  toldAs(t, refused, 'QuotaExceeded')
  t.regex(conditionOf(refused, 'Ready')?.message ?? '', /ResourceQuota theirs leaves no room: .* Raise it or remove it/)
  await scene.api.send('DELETE', `${quotas}/theirs`)
  // Nothing tells the operator that it is gone: it tries again ever more seldom.
  const whole = await scene.when(tenant, isReady, { timeout: 300_000 })
  t.true(await logsIn(await bindingOf(scene, whole)))
})
