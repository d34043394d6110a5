/** An edit of a plan reaches everything that its tenants have, and its status tells how far it is. */
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantPlan } from '../../operator/api/tenantplan.ts'
import type { RoleBinding } from '../../operator/kube/resources.ts'
import type { Stored } from '../harness/api.ts'
import { harness } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { conditionOf, databaseOf, isReady, namespaceOf, openScene, paths, waitsFor } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => {
  scene = await openScene()
})
test.after.always(() => scene?.[Symbol.asyncDispose]())

const planNamed = (name: string) => scene.api.get<TenantPlan>(paths.plan(name))
const edit = (name: string, spec: object) => scene.change(paths.plan(name), { spec })

function readyOf(plan: TenantPlan | undefined): string {
  const ready = plan?.status?.conditions?.find(({ type }) => type === 'Ready')
  return `${ready?.status} ${ready?.reason}`
}

/** The plan has this edit and all its tenants follow it. */
const rolledOut = (name: string, tenants: number) =>
  eventually(
    async () => {
      const plan = await planNamed(name)
      const { status, metadata } = plan ?? {}
      const done = status?.observedGeneration === metadata?.generation && status?.updatedTenants === tenants
      return done && status.tenants === tenants && readyOf(plan) === 'True RolledOut' ? plan : undefined
    },
    { timeout: 120_000, describe: `the plan ${name} to be rolled out` },
  )

async function tenantsOf(plan: string, count: number): Promise<readonly Tenant[]> {
  return Promise.all(Array.from({ length: count }, () => scene.provisioned({ plan })))
}

async function limitOf(tenant: Tenant): Promise<unknown> {
  const found = await harness().postgres.query(`SELECT rolconnlimit FROM pg_roles WHERE rolname = $1`, [
    databaseOf(tenant).a,
  ])
  return Reflect.get(Object(found[0]), 'rolconnlimit')
}

type WithSpec = Stored & {
  readonly status?: { readonly hard?: Readonly<Record<string, string>> }
  readonly spec?: {
    readonly hard?: Readonly<Record<string, string>>
    readonly limits?: unknown
    readonly ingress?: unknown
  }
}

/** What the tenant has of its plan, as it is in the cluster and in PostgreSQL. */
async function follows(tenant: Tenant) {
  const name = namespaceOf(tenant)
  const [namespace, quota, limits, policy] = await Promise.all(
    [paths.namespace(name), paths.quota(name), paths.limits(name), paths.networkPolicy(name)].map((path) =>
      scene.api.get<WithSpec>(path),
    ),
  )
  return {
    pods: quota?.spec?.hard?.['pods'],
    limits: limits?.spec?.limits !== undefined,
    ingress: JSON.stringify(policy?.spec?.ingress).includes('front-door'),
    podSecurity: namespace?.metadata.labels?.['pod-security.kubernetes.io/enforce'],
    labels: [namespace?.metadata.labels?.['team'], namespace?.metadata.labels?.['theirs']],
    contact: namespace?.metadata.annotations?.['contact'],
    connections: await limitOf(tenant),
  }
}

test('everything that a plan gives is rolled out by an edit, and taken away by the next', async (t) => {
  t.timeout(300_000)
  const plan = await scene.declarePlan({ quota: { pods: '5' } })
  const [tenant] = await tenantsOf(plan, 1)
  if (tenant === undefined) return t.fail()
  await scene.change(paths.namespace(namespaceOf(tenant)), { metadata: { labels: { theirs: 'own' } } })
  const bare = {
    pods: '5',
    limits: false,
    ingress: false,
    podSecurity: 'restricted',
    labels: [undefined, 'own'],
    contact: undefined,
    connections: 20,
  }
  t.deepEqual(await follows(tenant), bare)
  await edit(plan, {
    quota: { pods: '7' },
    limits: [{ type: 'Container', max: { cpu: '1' } }],
    network: { ingressNamespaces: ['front-door'] },
    podSecurity: 'baseline',
    namespace: { labels: { team: 'blue' }, annotations: { contact: 'us' } },
    database: { connectionLimit: 9 },
  })
  await rolledOut(plan, 1)
  t.deepEqual(await follows(tenant), {
    pods: '7',
    limits: true,
    ingress: true,
    podSecurity: 'baseline',
    labels: ['blue', 'own'],
    contact: 'us',
    connections: 9,
  })
  await edit(plan, {
    quota: { pods: '5' },
    limits: null,
    network: { ingressNamespaces: null },
    podSecurity: null,
    namespace: null,
    database: { connectionLimit: null },
  })
  await rolledOut(plan, 1)
  t.deepEqual(await follows(tenant), bare)
})

test('a plan with a role that must not be bound says so, and its tenants stay as they are', async (t) => {
  const plan = await scene.declarePlan({ roles: { root: 'cluster-admin' } })
  await eventually(async () => readyOf(await planNamed(plan)) === 'False RoleNotBindable', {
    timeout: 90_000,
    describe: 'the refusal',
  })
  const [tenant] = await tenantsOf(plan, 1)
  t.truthy(tenant)
})

test('the roles that a plan offers are bound, those that must not be are not; one that is taken out takes its binding along', async (t) => {
  t.timeout(300_000)
  const roles = { dev: 'tenantry-tenant-developer', look: 'tenantry-tenant-viewer', root: 'cluster-admin' }
  const plan = await scene.declarePlan({ roles })
  const [tenant] = await tenantsOf(plan, 1)
  if (tenant === undefined) return t.fail()
  const admin = await scene.declareAdmin(tenant, { role: 'SubAdmin', permissions: ['dev', 'look', 'root'] })
  await scene.accept(admin)
  const boundTo = async (role: string) => {
    const binding = await scene.api.get<RoleBinding & Stored>(
      paths.roleBinding(namespaceOf(tenant), `tenantry-role-${role}`),
    )
    return binding === undefined
      ? undefined
      : [binding.roleRef.name, ...(binding.subjects ?? []).map(({ name }) => name)]
  }
  const bound = (role: string, wanted: readonly string[] | undefined) =>
    eventually(async () => isDeepStrictEqual(await boundTo(role), wanted), {
      timeout: 90_000,
      describe: `${role} to be bound to ${wanted?.join(', ')}`,
    })
  await bound('dev', ['tenantry-tenant-developer', admin.spec.email])
  await bound('look', ['tenantry-tenant-viewer', admin.spec.email])
  t.is(await boundTo('root'), undefined)
  await edit(plan, { roles: { dev: 'tenantry-tenant-viewer', look: null, root: null } })
  await rolledOut(plan, 1)
  await bound('dev', ['tenantry-tenant-viewer', admin.spec.email])
  await bound('look', undefined)
  const told = await scene.adminWhen(admin, (each) => conditionOf(each, 'Stalled')?.reason === 'RoleNotOffered')
  t.regex(
    conditionOf(told, 'Stalled')?.message ?? '',
    /look, root, which the tenant's plan does not offer; it offers dev/,
  )
})

test('how long an archive is kept comes from the plan; a later edit puts the end off and never pulls it in', async (t) => {
  t.timeout(300_000)
  const plan = await scene.declarePlan({ archive: { retention: '2h' } })
  const own = await scene.declare({ plan, archive: { retention: '5h' } })
  const [tenant] = await tenantsOf(plan, 1)
  if (tenant === undefined) return t.fail()
  await scene.when(own, isReady)
  const hours = ({ status }: Tenant) =>
    (Date.parse(status?.purgeAfter ?? '') - Date.parse(status?.archivedAt ?? '')) / 3_600_000
  for (const each of [tenant, own])
    await scene.change(paths.tenant(scene.home, each.metadata.name), { spec: { state: 'Archived' } })
  await scene.when(tenant, (each) => each.status?.phase === 'Archived' && hours(each) === 2)
  await scene.when(own, (each) => each.status?.phase === 'Archived' && hours(each) === 5)
  await edit(plan, { archive: { retention: '3h' } })
  await scene.when(tenant, (each) => hours(each) === 3)
  await edit(plan, { archive: { retention: '1h' } })
  await rolledOut(plan, 2)
  const read = async ({ metadata }: Tenant) => scene.api.get<Tenant>(paths.tenant(scene.home, metadata.name))
  const [first, second] = await Promise.all([read(tenant), read(own)])
  t.is(first && hours(first), 3)
  t.is(second && hours(second), 5)
})

test('a tenant that changes its plan follows the other one at once; a plan that is deleted takes nothing away', async (t) => {
  t.timeout(300_000)
  const [small, big] = await Promise.all([
    scene.declarePlan({ quota: { pods: '2' } }),
    scene.declarePlan({ quota: { pods: '200' } }),
  ])
  const [tenant] = await tenantsOf(small, 1)
  if (tenant === undefined) return t.fail()
  await scene.change(paths.tenant(scene.home, tenant.metadata.name), { spec: { plan: big } })
  await scene.when(tenant, (each) => each.status?.plan === big && isReady(each))
  t.is((await follows(tenant)).pods, '200')
  await rolledOut(big, 1)
  await rolledOut(small, 0)
  await scene.change(paths.plan(big), { metadata: { annotations: { 'tenantry.dev/allow-deletion': big } } })
  await scene.api.send('DELETE', paths.plan(big))
  await scene.when(tenant, waitsFor('PlanNotFound'))
  t.is((await follows(tenant)).pods, '200')
  await scene.change(paths.tenant(scene.home, tenant.metadata.name), { spec: { plan: small } })
  t.true(isReady(await scene.when(tenant, (each) => each.status?.plan === small && isReady(each))))
})
