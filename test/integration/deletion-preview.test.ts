/** The dry run of a deletion, compared with what lies there and with what a deletion then takes. */
import test from 'ava'
import { annotations } from '../../operator/api/names.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import { harness } from '../harness/context.ts'
import { startPostgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { declareServer } from './server-scene.ts'
import { bindingOf, databaseOf, isReady, logIn, namespaceOf, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { deploy } from './tenant-workloads.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

async function ask(
  { metadata }: Tenant,
  value: string,
): Promise<NonNullable<NonNullable<Tenant['status']>['deletionPreview']>> {
  const path = paths.tenant(metadata.namespace ?? '', metadata.name)
  const asked = await scene.change(path, { metadata: { annotations: { [annotations.previewDeletion]: value } } })
  const { status } = await scene.when(
    await scene.api.get<Tenant>(path).then((found) => found ?? fail(asked)),
    (each) => {
      return each.status?.deletionPreview?.request === value
    },
  )
  return status?.deletionPreview ?? fail(status)
}

function fail(what: unknown): never {
  throw new Error(JSON.stringify(what))
}

/** All that lies in a namespace, by `kind` or `kind.group` as kubectl calls it, seen by an administrator. */
async function inside(namespace: string): Promise<ReadonlyMap<string, number>> {
  const { kubectl } = harness().cluster
  const kinds = await kubectl(['api-resources', '--namespaced', '--verbs=list,delete', '-o', 'name'])
  const counted = kinds.split('\n').filter((kind) => kind !== '' && !/^events\b/.test(kind))
  const names = await kubectl(['get', counted.join(','), '-n', namespace, '-o', 'name', '--ignore-not-found'])
  const byKind = Map.groupBy(
    names.split('\n').filter((name) => name !== ''),
    (name) => name.split('/')[0] ?? '',
  )
  return new Map([...byKind].map(([kind, all]) => [kind, all.length]))
}

/** Roles and databases under the names of the tenant. */
async function inPostgres(tenant: Tenant): Promise<readonly string[]> {
  const { name, owner, a, b } = databaseOf(tenant)
  const rows = await harness().postgres.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles WHERE rolname = ANY($1) UNION ALL SELECT datname FROM pg_database WHERE datname = $2`,
    [[owner, a, b], name],
  )
  return rows.map((row) => row.name).toSorted()
}

async function fill(tenant: Tenant): Promise<void> {
  const namespace = namespaceOf(tenant)
  await deploy(scene.api, namespace)
  for (const name of ['one', 'two', 'three'])
    await scene.api.send('POST', `${paths.namespace(namespace)}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
    })
  await using session = await logIn(await bindingOf(scene, tenant))
  await session.query(`CREATE TABLE filled AS SELECT repeat('x', 1000) AS text FROM generate_series(1, 8000)`)
}

test('It names and counts what lies there, and a deletion takes just that', async (t) => {
  t.timeout(300_000)
  const tenant = await scene.provisioned()
  const admin = await scene.declareAdmin(tenant)
  await scene.accept(admin)
  await scene.when(tenant, (each) => isReady(each) && each.status?.admins === 1)
  await fill(tenant)
  // Others than the tenant make them, and not at once.
  for (const name of ['tenantry-access', 'kube-root-ca.crt']) {
    const made = () => scene.api.get(`${paths.namespace(namespaceOf(tenant))}/configmaps/${name}`)
    await eventually(made, { timeout: 60_000, describe: name })
  }
  const preview = await ask(tenant, 'first')
  t.is(preview.outcome, 'Removed')
  const namespace = namespaceOf(tenant)
  const there = await inside(namespace)
  const listed = new Map(
    preview.namespace?.objects?.map(({ kind, apiGroup, count }) => [
      `${kind.toLowerCase()}${apiGroup === undefined ? '' : `.${apiGroup}`}`,
      count,
    ]),
  )
  // A ControllerRevision is the StatefulSet controller's own, and told among what could not be counted.
  t.true(preview.namespace?.notCounted?.includes('ControllerRevision.apps'))
  t.deepEqual(
    Object.fromEntries(listed),
    Object.fromEntries([...there].filter(([kind]) => kind !== 'controllerrevision.apps')),
  )
  t.is(listed.get('configmap'), 5, 'three, the list of who has access, and the cluster’s own kube-root-ca.crt')
  const { owner, a, b, name } = databaseOf(tenant)
  t.is(preview.database?.name, name)
  t.deepEqual(preview.database?.roles?.toSorted(), [owner, a, b].toSorted())
  const [size] = await harness().postgres.query<{ bytes: number }>('SELECT pg_database_size($1)::float8 AS bytes', [
    name,
  ])
  const measured = preview.database?.sizeBytes ?? 0
  t.true(measured > 8 * 2 ** 20 && Math.abs(measured - (size?.bytes ?? 0)) < 2 ** 20, `${measured} of ${size?.bytes}`)
  t.deepEqual(preview.admins, { count: 1, names: [`${scene.home}/${admin.metadata.name}`] })
  t.deepEqual(preview.releasedNames, [tenant.metadata.name, `${tenant.metadata.name}.tenants.example.com`])
  t.log(preview.summary)
  t.deepEqual(await inPostgres(tenant), [name, owner, a, b].toSorted())
  await scene.deleted(tenant)
  t.is(await scene.api.get(paths.namespace(namespace)), undefined)
  t.deepEqual(await inPostgres(tenant), [])
  for (const claim of [`claim-cloud-id-${tenant.metadata.name}`, `claim-host-${preview.releasedNames?.[1]}`])
    t.is(await scene.api.get(paths.claim(claim)), undefined)
})

test('While nobody asks the operator may not list what lies there; the story is told in an Event', async (t) => {
  t.timeout(240_000)
  const tenant = await scene.provisioned()
  const namespace = namespaceOf(tenant)
  const preview = await ask(tenant, 'once')
  const mayList = async () => {
    const asked = ['auth', 'can-i', 'list', 'configmaps', '-n', namespace, `--as=${harness().operator.user}`]
    return harness()
      .cluster.kubectl(asked)
      .then((answer) => answer.startsWith('yes'))
      .catch(() => false)
  }
  const isBound = async () => (await scene.api.get(paths.roleBinding(namespace, 'tenantry-preview'))) !== undefined
  await eventually(async () => !(await isBound()), { timeout: 30_000, describe: 'the RoleBinding to be gone' })
  // The authorizer hears of it a moment later.
  await eventually(async () => !(await mayList()), { timeout: 30_000, describe: 'the right to be gone' })
  t.false(await isBound())
  const events = `/apis/events.k8s.io/v1/namespaces/${scene.home}/events`
  await eventually(
    async () =>
      (await scene.api.list<{ readonly reason: string; readonly note: string } & Tenant>(events)).some(
        ({ reason, note }) => reason === 'DeletionPreviewed' && note === preview.summary,
      ),
    { timeout: 30_000, describe: 'the Event' },
  )
  const path = paths.tenant(scene.home, tenant.metadata.name)
  await scene.change(path, { metadata: { annotations: { [annotations.previewDeletion]: null } } })
  await scene.when(tenant, ({ status }) => status?.deletionPreview === undefined)
  t.pass()
})

test('Of an MSP it says that its customers stand in the way, and of isolation Schema which schema goes', async (t) => {
  t.timeout(300_000)
  await using postgres = await startPostgres()
  const declared = await declareServer(scene, postgres, {
    capacity: { maxTenants: 2 },
    isolation: ['Database', 'Schema'],
  })
  const database = { server: declared.name }
  const parent = await scene.provisioned({ type: 'MSP', database })
  const customer = await scene.when(
    await scene.declare({ database: { ...database, isolation: 'Schema' } }, { namespace: namespaceOf(parent) }),
    isReady,
  )
  const refused = await ask(parent, 'msp')
  t.is(refused.outcome, 'Refused')
  t.deepEqual(refused.customers, { count: 1, names: [customer.metadata.name] })
  const preview = await ask(customer, 'schema')
  t.is(preview.outcome, 'Removed')
  t.is(preview.database?.schema, customer.status?.database?.schema)
  t.is(preview.database?.roles?.length, 3)
  t.log(preview.summary)
  await scene.deleted(customer)
  await scene.deleted(parent)
  await declared.remove()
})
