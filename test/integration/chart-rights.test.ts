import test from 'ava'
import { chartObjects } from '../harness/chart.ts'
import { acceptInvite } from '../harness/invitee.ts'
import { startOperator } from '../harness/operator.ts'
import { grantedRights, refusals, usedRights } from '../harness/rights.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const group = '/apis/tenantry.dev/v1alpha1'
const home = `${group}/namespaces/customers`
const own = 'tenant-bakery'
const list = `/api/v1/namespaces/${own}/configmaps/tenantry-access`
const ours = { apiVersion: 'tenantry.dev/v1alpha1' }

/** What only rare circumstances ask for. So is every list: where the server has WatchList, a watch begins with one. */
const rare: Readonly<Record<string, string>> = {
  'get tenants': 'before a name is given to another tenant, and before a lost Secret is made anew',
  'get leases': 'only to see who holds a lease that could not be written',
  'watch leases': 'a standby follows the lease; alone there is none',
  'patch events': 'the second repetition of one Event',
  'delete networkpolicies': 'a plan that becomes Open',
  'delete resourcequotas': 'a plan that loses its quota',
  'delete limitranges': 'a plan that loses its limits',
  'delete pods': 'a pod that outlives the eviction timeout',
  'patch daemonsets': 'without a node none wants a pod',
}

async function declare({ api }: World): Promise<void> {
  const spec = { displayName: 'The Corner Bakery' }
  await api.send('POST', `${home}/tenants`, { ...ours, kind: 'Tenant', metadata: { name: 'bakery' }, spec })
  const admin = { tenantRef: { name: 'bakery' }, username: 'ben', email: 'ben@bakery.example.com' }
  const object = { ...ours, kind: 'TenantAdmin', metadata: { name: 'ben' }, spec: admin }
  await api.send('POST', `${home}/tenantadmins`, object)
  const grant = { type: 'Delegation', tenantRef: { name: 'bakery' }, username: 'ben' }
  await api.send('POST', `${home}/accessgrants`, { ...ours, kind: 'AccessGrant', metadata: { name: 'g' }, spec: grant })
}

/** Active, and with the list of who has access, which is made last of all that {@link disturb} spoils. */
const available = ({ api }: World) =>
  eventually(
    async () => {
      const tenant = await api.get<{ readonly status?: { readonly phase?: string } }>(`${home}/tenants/bakery`)
      return tenant?.status?.phase === 'Active' && (await api.get(list)) !== undefined
    },
    { timeout: 120_000, describe: 'the tenant to be active' },
  )

/** Removes what isolates the tenant, spoils its Secret and its namespace's marks, and waits until all is as it was. */
async function disturb({ api }: World): Promise<void> {
  const network = `/apis/networking.k8s.io/v1/namespaces/${own}/networkpolicies`
  const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${own}/rolebindings`
  const [secret] = (await api.list(`/api/v1/namespaces/${own}/secrets`)).filter(
    ({ type }) => type === 'servicebinding.io/postgresql',
  )
  const edits: readonly (readonly [string, object])[] = [
    [`/api/v1/namespaces/${own}/secrets/${secret?.metadata.name ?? ''}`, { data: { host: null } }],
    [`/api/v1/namespaces/${own}`, { metadata: { labels: { 'tenantry.dev/cloud-id': 'other' } } }],
    ...(await named(api, network, { spec: { policyTypes: ['Ingress'] } })),
    ...(await named(api, bindings, { subjects: [] })),
    ...(await named(api, `/api/v1/namespaces/${own}/resourcequotas`, { spec: { hard: { pods: '1' } } })),
    ...(await named(api, `/api/v1/namespaces/${own}/limitranges`, { spec: { limits: [] } })),
    [list, { data: { 'access.txt': 'nobody' } }],
  ]
  for (const [path, patch] of edits) {
    const { metadata } = await api.send('PATCH', path, patch)
    await eventually(async () => (await api.get(path))?.metadata.resourceVersion !== metadata.resourceVersion, {
      timeout: 120_000,
      describe: `${path} to be put back`,
    })
  }
}

/** Acts as the tenant's admin for a second, and waits until that is over and its object collected. */
async function masquerade({ api }: World): Promise<void> {
  interface Review {
    readonly status: { readonly userInfo: { readonly username: string } }
  }
  const authentication = '/apis/authentication.k8s.io/v1'
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const { status } = await api.send<Review>('POST', `${authentication}/selfsubjectreviews`, review)
  const { username } = status.userInfo
  const spec = { type: 'Masquerade', tenantRef: { name: 'bakery' }, username, reason: 'T-1', duration: '1s' }
  await api.send('POST', `${home}/accessgrants`, { ...ours, kind: 'AccessGrant', metadata: { name: 'm' }, spec })
  const gone = async () => (await api.get(`${home}/accessgrants/m`)) === undefined
  await eventually(gone, { timeout: 120_000, describe: 'the AccessGrant to be collected' })
}

/** Lets the tenant run all that there is to run. */
async function deploy({ api }: World): Promise<void> {
  const selector = { matchLabels: { app: 'web' } }
  const resources = { limits: { cpu: '10m', memory: '8Mi' } }
  const template = {
    metadata: selectorLabels,
    spec: { ...hardened, containers: [{ ...contained, name: 'c', image: 'x', resources }] },
  }
  const job = { backoffLimit: 9, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } }
  const workloads: readonly (readonly [string, string, object])[] = [
    ['/apis/apps/v1', 'Deployment', { replicas: 1, selector, template }],
    ['/apis/apps/v1', 'StatefulSet', { replicas: 1, selector, serviceName: 'web', template }],
    ['/api/v1', 'ReplicationController', { replicas: 1, selector: selector.matchLabels, template }],
    ['/apis/batch/v1', 'Job', job],
    ['/apis/batch/v1', 'CronJob', { schedule: '0 3 1 1 *', jobTemplate: { spec: job } }],
  ]
  for (const [root, kind, spec] of workloads) {
    const object = { apiVersion: root.replace(/^\/apis?\//, ''), kind, metadata: { name: 'web' }, spec }
    await api.send('POST', `${root}/namespaces/${own}/${kind.toLowerCase()}s`, object)
  }
  await running(api, 4)
}

/** A Job that has lost its pods several times waits minutes before it makes the next one. */
async function running(api: World['api'], count: number): Promise<void> {
  const pods = async () => (await api.list(`/api/v1/namespaces/${own}/pods`)).length === count
  await eventually(pods, { timeout: 300_000, describe: `${count} pods` })
}

/** Turns the tenant off until nothing runs, and on again. */
async function suspend({ api }: World): Promise<void> {
  await api.send('PATCH', `${home}/tenants/bakery`, { spec: { state: 'Deactivated' } })
  await running(api, 0)
  await api.send('PATCH', `${home}/tenants/bakery`, { spec: { state: 'Active' } })
  await running(api, 4)
}

/** Of each kind one has to be woken; a controller that looks by itself at the right moment needs no waking. */
async function wake(world: World, user: string): Promise<void> {
  const kinds = ['replicasets', 'statefulsets', 'replicationcontrollers', 'jobs', 'cronjobs']
  const asleep = async () => {
    const used = usedRights((await world.cluster.auditLog?.events()) ?? [], user)
    return kinds.some((kind) => !used.has(`patch ${kind}`))
  }
  for (let round = 0; round < 5 && (round === 0 || (await asleep())); round += 1) await suspend(world)
}

const selectorLabels = { labels: { app: 'web' } }
/** What Pod Security `restricted` asks for. */
const hardened = { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } }
const contained = { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }

async function named(api: World['api'], path: string, patch: object): Promise<(readonly [string, object])[]> {
  return (await api.list(path)).map(({ metadata }) => [`${path}/${metadata.name}`, patch] as const)
}

test('the operator uses every right that the chart gives it, and is refused nothing', async (t) => {
  t.timeout(1_000_000)
  await using world = await startWorld()
  const env = { TENANTRY_MASQUERADE_RETENTION: '0s' }
  await using operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, env })
  await declare(world)
  const mail = await world.mail.waitFor((each) => each.to.includes('ben@bakery.example.com'), { timeout: 120_000 })
  t.is(await acceptInvite(mail.links.find((link) => link.startsWith(operator.web)) ?? ''), 'accepted')
  await available(world)
  await disturb(world)
  await masquerade(world)
  await deploy(world)
  await wake(world, operator.user)
  await world.api.send('DELETE', `${home}/tenants/bakery`)
  await world.api.send('DELETE', `${home}/tenantadmins/ben`)
  await eventually(async () => (await world.api.list(`${home}/tenantadmins`)).length === 0, { timeout: 120_000 })
  await eventually(async () => (await world.api.list(`${home}/tenants`)).length === 0, { timeout: 120_000 })

  // A watch is in the log when it has ended.
  await operator.stop()
  const granted = grantedRights(await chartObjects({ namespace: world.installation.namespace }), 'operator')
  const logged = async () => (await world.cluster.auditLog?.events()) ?? []
  const unused = async () => {
    const used = usedRights(await logged(), operator.user)
    return granted.filter((right) => !used.has(right) && !right.startsWith('list ') && rare[right] === undefined)
  }
  await eventually(async () => (await unused()).length === 0, { timeout: 120_000 }).catch(() => undefined)
  t.deepEqual(await unused(), [], 'given and never used')
  const events = await logged()
  t.deepEqual(refusals(events, operator.user), [])
  const used = usedRights(events, operator.user)
  t.deepEqual(
    [...used].filter((right) => !granted.includes(right) && !right.includes('selfsubject')).toSorted(),
    [],
    'used by the rights of somebody else',
  )
})
