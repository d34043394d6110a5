/** A tenant from its declaration to what it gets, on the real servers. What it needs first: tenant-prerequisites.test.ts. */
import test from 'ava'
import type { NetworkPolicy, ResourceQuota, LimitRange, RoleBinding } from '../../operator/kube/resources.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { Stored } from '../harness/api.ts'
import { harness } from '../harness/context.ts'
import { quickest } from '../harness/quickest.ts'
import { eventually, throughout } from '../harness/wait.ts'
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

let scene: Scene & AsyncDisposable
let acme: Tenant

test.before('a tenant that is provisioned at once', async (t) => {
  t.timeout(120_000)
  scene = await openScene()
  acme = await scene.provisioned()
})
test.after.always(() => scene?.[Symbol.asyncDispose]())

const markOf = ({ metadata }: Tenant) => ({
  'app.kubernetes.io/managed-by': 'tenantry',
  'tenantry.dev/installation': 'test',
  'tenantry.dev/tenant-uid': metadata.uid,
})

test('Immediate: the namespace is there with its marks and the Pod Security of the plan, and holds the tenant to them', async (t) => {
  const namespace = await scene.api.get(paths.namespace(namespaceOf(acme)))
  t.is(namespaceOf(acme), `tenant-${acme.metadata.name}`)
  t.like(namespace?.metadata.labels, {
    ...markOf(acme),
    'tenantry.dev/cloud-id': acme.metadata.name,
    'tenantry.dev/tenant-type': 'Customer',
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/warn': 'restricted',
    'pod-security.kubernetes.io/audit': 'restricted',
  })
  t.like(namespace?.metadata.annotations, { 'tenantry.dev/tenant': `${scene.home}/${acme.metadata.name}` })
  const spec = { containers: [{ name: 'root', image: 'example.com/root', securityContext: { privileged: true } }] }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root' }, spec }
  await scene.takesPods(namespaceOf(acme))
  const refused = scene.api.send('POST', `${paths.namespace(namespaceOf(acme))}/pods?dryRun=All`, pod)
  await t.throwsAsync(refused, { message: /violates PodSecurity .{1,2}restricted:latest/ })
})

test('The quota and the limits are those of the plan, and nobody gets in from outside the cluster', async (t) => {
  const quota = await scene.api.get<ResourceQuota>(paths.quota(namespaceOf(acme)))
  t.deepEqual(quota?.spec?.hard, {
    'requests.cpu': '4',
    'requests.memory': '8Gi',
    pods: '50',
    'services.loadbalancers': '0',
    'services.nodeports': '0',
  })
  const limits = await scene.api.get<LimitRange>(paths.limits(namespaceOf(acme)))
  t.like(limits?.spec?.limits?.[0], {
    type: 'Container',
    default: { memory: '256Mi' },
    defaultRequest: { cpu: '50m', memory: '128Mi' },
  })
  for (const { metadata } of [quota, limits].filter((object) => object !== undefined))
    t.like(metadata.labels, markOf(acme))
})

test('The network policy isolates all pods: in only from their own namespace, out to it and to DNS', async (t) => {
  const policy = await scene.api.get<NetworkPolicy>(paths.networkPolicy(namespaceOf(acme)))
  t.like(policy?.metadata.labels, markOf(acme))
  const dns = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }
  t.deepEqual(policy?.spec, {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [{ podSelector: {} }] }],
    egress: [
      { to: [{ podSelector: {} }] },
      {
        to: [dns],
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
    ],
  })
})

test('The binding Secret has all that the service binding specification, libpq and JDBC ask for', async (t) => {
  const secret = await scene.api.get(paths.secret(namespaceOf(acme)))
  t.is(secret?.type, 'servicebinding.io/postgresql')
  t.like(secret?.metadata.labels, markOf(acme))
  t.is(acme.status?.database?.binding?.name, 'tenantry-database')
  const { postgres } = harness()
  const binding = await bindingOf(scene, acme)
  const { name, a } = databaseOf(acme)
  const { password = '' } = binding
  t.regex(password, /^[\w-]{32,}$/)
  const port = String(postgres.port)
  t.deepEqual(binding, {
    type: 'postgresql',
    provider: 'tenantry',
    host: postgres.host,
    port,
    database: name,
    username: a,
    password,
    sslmode: 'verify-full',
    'ca.crt': postgres.ca,
    uri: `postgresql://${a}:${password}@${postgres.host}:${port}/${name}?sslmode=verify-full`,
    'jdbc-url': `jdbc:postgresql://${postgres.host}:${port}/${name}?user=${a}&password=${password}&sslmode=verify-full`,
    PGHOST: postgres.host,
    PGPORT: port,
    PGDATABASE: name,
    PGUSER: a,
    PGPASSWORD: password,
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: '/bindings/tenantry-database/ca.crt',
  })
})

test('An application logs in by its binding over verified TLS, and works as the owner role', async (t) => {
  await using session = await logIn(await bindingOf(scene, acme))
  await session.query('CREATE TABLE things (id int PRIMARY KEY); INSERT INTO things VALUES (1)')
  const { rows } = await session.query<{ current: string; login: string; owner: string }>(
    `SELECT current_user AS current, session_user AS login, tableowner AS owner
     FROM pg_tables WHERE tablename = 'things'`,
  )
  const { owner, a } = databaseOf(acme)
  t.deepEqual(rows, [{ current: owner, login: a, owner }])
  await t.throwsAsync(session.query('CREATE TABLE tenantry.mine ()'), { message: /permission denied/ })
})

test('The operator owns the database, PUBLIC may nothing in it, and of the two logins one may log in', async (t) => {
  const { postgres } = harness()
  const { name, owner, a, b } = databaseOf(acme)
  const [database] = await postgres.query<{ owner: string; acl: string }>(
    `SELECT pg_get_userbyid(datdba) AS owner, datacl::text AS acl FROM pg_database WHERE datname = $1`,
    [name],
  )
  t.is(database?.owner, postgres.operator.user)
  t.false(/[{,]=/.test(database?.acl ?? ''), `PUBLIC has rights: ${database?.acl}`)
  const roles = await postgres.query<{ rolname: string; rolcanlogin: boolean; rolsuper: boolean }>(
    `SELECT rolname, rolcanlogin, rolsuper FROM pg_roles WHERE rolname = ANY($1) ORDER BY rolname`,
    [[owner, a, b]],
  )
  t.deepEqual(roles, [
    { rolname: owner, rolcanlogin: false, rolsuper: false },
    { rolname: a, rolcanlogin: true, rolsuper: false },
    { rolname: b, rolcanlogin: false, rolsuper: false },
  ])
})

test('The credentials open no other tenant’s database, nor the server’s own', async (t) => {
  const other = await scene.provisioned()
  const binding = await bindingOf(scene, acme)
  t.true(await logsIn(binding))
  for (const database of [databaseOf(other).name, 'postgres', 'template1'])
    t.false(await logsIn({ ...binding, database }), database)
})

test('OnAccept: nothing is made, and Ready says so, until the first admin accepts the invite from the mail', async (t) => {
  const tenant = await scene.declare({ provisioning: 'OnAccept' })
  const waiting = await scene.when(tenant, (each) => conditionOf(each, 'Ready')?.status === 'True')
  t.like(conditionOf(waiting, 'Ready'), { reason: 'AwaitingAcceptance' })
  t.regex(conditionOf(waiting, 'Ready')?.message ?? '', /Create a TenantAdmin with spec\.tenantRef\.name/)
  t.is(waiting.status?.phase, 'Pending')
  const admin = await scene.declareAdmin(tenant)
  await scene.adminWhen(admin, ({ status }) => status?.invite?.status === 'Pending')
  await throughout(300, async () => {
    t.is(await scene.api.get(paths.namespace(`tenant-${tenant.metadata.name}`)), undefined)
  })
  t.like(await scene.when(tenant, ({ status }) => status?.invite === 'Pending'), {
    status: { phase: 'Pending', admin: { username: admin.spec.username } },
  })
  await scene.accept(admin)
  const ready = await scene.when(tenant, isReady)
  t.like(ready.status, {
    phase: 'Active',
    invite: 'Accepted',
    url: `https://${tenant.metadata.name}.tenants.example.com`,
  })
  t.is(conditionOf(ready, 'AdminAccepted')?.status, 'True')
  t.true(await logsIn(await bindingOf(scene, ready)))
})

test('Accepted admins are bound to a ClusterRole of ours, stand in the directory, and may what it lets them', async (t) => {
  const tenant = await scene.provisioned()
  const namespace = namespaceOf(tenant)
  const read = () => scene.api.get<RoleBinding>(paths.roleBinding(namespace, 'tenantry-admins'))
  const admin = await scene.declareAdmin(tenant, { email: `Ada.${tenant.metadata.name}@Example.com`, firstName: 'Ada' })
  await scene.adminWhen(admin, ({ status }) => status?.invite?.status === 'Pending')
  t.is(await read(), undefined)
  await scene.accept(admin)
  const binding = await eventually(read, { timeout: 90_000, describe: 'the RoleBinding of the admins' })
  t.like(binding, {
    roleRef: { kind: 'ClusterRole', name: 'tenantry-tenant-admin' },
    subjects: [{ kind: 'User', name: `ada.${tenant.metadata.name}@example.com` }],
  })
  const { cluster, postgres } = harness()
  const user = `--as=ada.${tenant.metadata.name}@example.com`
  const may = async (...what: string[]) =>
    (await cluster.kubectl(['auth', 'can-i', ...what, '-n', namespace, user]).catch(() => 'no')).trim()
  // The apiserver's authorizer hears of a RoleBinding a moment after it is there.
  await eventually(async () => (await may('create', 'deployments.apps')) === 'yes', {
    timeout: 90_000,
    describe: `${user} to deploy`,
  })
  t.is(await may('delete', 'networkpolicies.networking.k8s.io'), 'no')
  t.is(await may('create', 'rolebindings.rbac.authorization.k8s.io'), 'no')
  const directory = () =>
    postgres.query<{ username: string; email: string }>(
      'SELECT username, email FROM tenantry.admins',
      [],
      databaseOf(tenant).name,
    )
  const rows = await eventually(
    async () => {
      const entries = await directory()
      return entries.length > 0 && entries
    },
    { timeout: 90_000, describe: 'the directory' },
  )
  t.deepEqual(rows, [{ username: admin.spec.username, email: `Ada.${tenant.metadata.name}@Example.com` }])
})

test('The role in the application that the Tenant declares is that of all its admins in the directory, and follows a change', async (t) => {
  const tenant = await scene.provisioned({ defaultRole: 'Designer' })
  const admins = await Promise.all([scene.declareAdmin(tenant), scene.declareAdmin(tenant)])
  await Promise.all(admins.map(scene.accept))
  const usernames = admins.map(({ spec }) => spec.username).toSorted()
  const directory = async (role: string) => {
    const { name } = databaseOf(tenant)
    const query = 'SELECT username, application_role AS role FROM tenantry.admins ORDER BY username COLLATE "C"'
    const rows = await harness().postgres.query<{ username: string; role: string }>(query, [], name)
    return rows.length === usernames.length && rows.every((row) => row.role === role) ? rows : undefined
  }
  for (const role of ['Designer', 'SupportUser']) {
    await scene.change(paths.tenant(scene.home, tenant.metadata.name), { spec: { defaultRole: role } })
    const rows = await eventually(() => directory(role), { timeout: 90_000, describe: `${role} in the directory` })
    t.deepEqual(
      rows,
      usernames.map((username) => ({ username, role })),
    )
  }
})

test('kubectl wait --for=condition=Ready ends for a tenant that is provisioned and for one that waits for its admin', async (t) => {
  const { kubectl } = harness().cluster
  for (const provisioning of ['Immediate', 'OnAccept']) {
    const { metadata } = await scene.declare({ provisioning })
    const wait = ['wait', 'tenant', metadata.name, '-n', scene.home, '--for=condition=Ready', '--timeout=120s']
    t.regex(await kubectl(wait, { timeout: 130_000 }), /condition met/, provisioning)
  }
})

test('kubectl apply twice changes nothing, neither in the object nor in what it has', async (t) => {
  const { kubectl } = harness().cluster
  const name = tenantName()
  const manifest = {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'Tenant',
    metadata: { name, namespace: scene.home },
    spec: { displayName: 'Applied twice', provisioning: 'Immediate', database: { connectionLimit: 20 } },
  }
  const apply = (...more: string[]) => kubectl(['apply', ...more, '-f', '-'], { input: manifest })
  await apply()
  const before = await scene.when(await found(name), isReady)
  t.regex(await apply(), /unchanged/)
  t.regex(await apply('--server-side', '--force-conflicts', '--dry-run=server'), /serverside-applied/)
  t.deepEqual(await found(name), before)
})

async function found(name: string): Promise<Tenant> {
  const tenant = await scene.api.get<Tenant>(paths.tenant(scene.home, name))
  if (tenant === undefined) throw new Error(`There is no Tenant ${name}.`)
  return tenant
}

test('The overview shows Cloud ID, name, admin, expiry, phase, invite and Ready', async (t) => {
  const table = await harness().cluster.kubectl(['get', 'tn', acme.metadata.name, '-n', scene.home])
  const [head = '', row = ''] = table.split('\n')
  t.deepEqual(head.trim().split(/ {2,}/), [
    'NAME',
    'CLOUD ID',
    'NAME',
    'ADMIN',
    'EXPIRES',
    'PHASE',
    'INVITE',
    'READY',
    'AGE',
  ])
  t.regex(row, new RegExp(`${acme.metadata.name} +${acme.metadata.name} +Test ${acme.metadata.name} .* Active .*True`))
})

test('Once converged nothing is written for a tenant, though its login is tried and the catalogue is read', async (t) => {
  const { cluster, operator } = harness()
  const tenant = await scene.provisioned()
  const mine = new Set([tenant.metadata.name, namespaceOf(tenant), `claim-cloud-id-${tenant.metadata.name}`])
  const mark = await cluster.auditLog?.mark()
  await throughout(5000, () => undefined, 500)
  const writes = (await cluster.auditLog?.writes(mark)) ?? []
  const noise = writes.filter(
    ({ user, name, namespace }) => user === operator.user && (mine.has(name) || mine.has(namespace)),
  )
  t.deepEqual(noise, [])
  t.is((await found(tenant.metadata.name)).metadata.resourceVersion, tenant.metadata.resourceVersion)
})

test('A tenant costs at most fourteen writes to the apiserver', async (t) => {
  const { cluster, operator } = harness()
  const writesOf = async (): Promise<readonly string[]> => {
    const mark = await cluster.auditLog?.mark()
    const tenant = await scene.provisioned()
    const mine = (object: Pick<Stored['metadata'], 'name' | 'namespace'>) =>
      [object.name, object.namespace].some((text) => text?.includes(tenant.metadata.name))
    return ((await cluster.auditLog?.writes(mark)) ?? [])
      .filter((each) => each.user === operator.user && mine(each))
      .map(({ verb, resource, name }) => `${verb} ${resource} ${name}`)
  }
  const rounds: (readonly string[])[] = []
  // Where a server keeps the operator waiting it says so in the status, which is a write more, and none that a tenant costs.
  const fewest = await quickest(14.5, async () => {
    const writes = await writesOf()
    rounds.push(writes)
    t.true(writes.length >= 8, writes.join('\n'))
    return writes.length
  })
  t.log(`${fewest} writes`)
  t.true(fewest <= 14, rounds.map((writes) => writes.join('\n')).join('\n\n'))
})
