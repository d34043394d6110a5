/** Each row of docs/reference/status.md about Tenants is made to happen: what the table says is what is said. */
import { StaleRead } from '../../../operator/tenant/model/errors.ts'
import { KubeError } from '../../../operator/kube/port.ts'
import type { KubeObject } from '../../../operator/kube/port.ts'
import type { Namespace, Pod, ResourceQuota } from '../../../operator/kube/resources.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { databaseServer, homeNamespace, tenant, tenantAdmin, tenantPlan } from '../../gen.ts'
import { condition } from '../tenantadmin/gen.ts'
import { eachRowHappens, told } from '../api/situations-lived.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

const day = 86_400_000
const acme = 'home/acme'
const customer = 'tenant-northwind/acme'

interface Scene {
  readonly world: World
  readonly key: string
}

/** Something that happens to a tenant that all is well with. */
type Turn = (world: World, key: string) => void | Promise<void>

type Way = readonly [() => Scene | Promise<Scene>, ...Turn[]]

function before(spec: Readonly<Record<string, unknown>> = {}, settings: Parameters<typeof ground>[0] = {}): Scene {
  const world = ground(settings)
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant({ spec }))
  return { world, key: acme }
}

async function well(spec: Readonly<Record<string, unknown>> = {}): Promise<Scene> {
  const scene = before(spec)
  await scene.world.settle()
  return scene
}

async function customerOfMsp(): Promise<Scene> {
  const world = ground()
  world.cluster.put(
    tenant({ name: 'northwind', uid: 'uid-northwind', spec: { type: 'MSP', displayName: 'Northwind' } }),
  )
  await world.settle('home/northwind')
  world.cluster.put(tenant({ namespace: 'tenant-northwind' }))
  await world.settle(customer)
  return { world, key: customer }
}

const edit =
  (spec: Readonly<Record<string, unknown>>): Turn =>
  (world, key) =>
    world.edit(spec, key)

const remove: Turn = (world, key) => world.cluster.remove('Tenant', key)

const annotate =
  (name: string, value: string): Turn =>
  (world, key) => {
    const found = world.tenant(key)
    const annotations = { ...found.metadata.annotations, [name]: value }
    world.cluster.put({ ...found, metadata: { ...found.metadata, annotations } })
  }

/** As the brake leaves one in the status that it does not let through. */
const held: Turn = (world, key) => {
  const found = world.tenant(key)
  const deletion = { heldAt: '2030-01-01T00:00:00Z', because: '5 deletions within 10m' }
  world.cluster.put({ ...found, status: { observedGeneration: 1, ...found.status, deletion } })
  world.cluster.remove('Tenant', key)
}

/** A mutating policy that wins, and somebody who changes the object once. */
const policyOnQuota: Turn = ({ cluster }) => {
  const mutate = <T extends KubeObject>(object: T): T =>
    object.kind === 'ResourceQuota' ? { ...object, spec: { hard: { pods: '77' } } } : object
  cluster.admit = mutate
  const [quota] = cluster.all<ResourceQuota>('ResourceQuota')
  if (quota !== undefined) cluster.put(mutate(quota))
}

const graceInPlan: Turn = (world) => void world.cluster.put(tenantPlan({ spec: { deletion: { grace: '30d' } } }))

const finalDumpInPlan: Turn = (world) => void world.cluster.put(tenantPlan({ spec: { deletion: { finalDump: true } } }))

const keptPod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'tenant-acme', uid: 'uid-web' },
  spec: { nodeName: 'n1' },
  status: { phase: 'Running' },
}

const foreign: Namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'tenant-acme', uid: 'uid-foreign' },
}

const serverDown: Turn = (world) => {
  world.postgres.down = new PostgresError('Unavailable', 'down')
}

const databaseDropped: Turn = async (world) => {
  for (const [owner, { database: _database, ...rest }] of world.postgres.databases)
    world.postgres.databases.set(owner, { ...rest, complete: false })
  await world.poll()
}

const writesRefused: Turn = (world) => {
  world.cluster.before = (write) => {
    if (write.startsWith('create Namespace')) throw new KubeError('Unavailable', 'no', 503)
  }
}

/** A policy that refuses changes of quotas, and an edit of the plan. */
const quotaRefused: Turn = ({ cluster }) => {
  cluster.before = (write) => {
    if (/^(create|replace) ResourceQuota/.test(write)) throw refused
  }
  editPlan(cluster, { quota: { pods: '77' } })
}

const buggy: Turn = ({ cluster }) => {
  cluster.before = (write) => {
    if (/^(create|replace) ResourceQuota/.test(write)) throw new TypeError('x is undefined')
  }
  editPlan(cluster, { quota: { pods: '77' } })
}

const overtaken: Turn = ({ cluster }) => {
  cluster.before = (write) => {
    if (/^(create|replace) ResourceQuota/.test(write)) throw new StaleRead('it changed meanwhile')
  }
  editPlan(cluster, { quota: { pods: '77' } })
}

const refused = new KubeError('Invalid', 'no', 422, { refusal: 'denied request: no' })

function editPlan(cluster: World['cluster'], spec: object, status: object = {}): void {
  const plan = tenantPlan({ spec: { ...spec } })
  const generation = 2
  cluster.put({
    ...plan,
    metadata: { ...plan.metadata, generation },
    status: { observedGeneration: generation, ...status },
  })
}

const planRefused: Turn = ({ cluster }) =>
  editPlan(cluster, { quota: { pods: '1.5' } }, { conditions: [condition('Stalled', 'True', 'PlanRefused')] })

const namespaceRefused: Turn = ({ cluster }) => {
  cluster.before = (write) => {
    if (write.startsWith('create Namespace')) throw refused
  }
}

/** How each comes about, by phase and reason: from where, and by what. */
const ways: Readonly<Record<string, Way>> = {
  'Pending NoDefaultPlan': [() => before({}, { empty: true }), () => {}],
  'Pending CloudIdConflict': [
    well,
    (world) => {
      world.cluster.put(homeNamespace('other'))
      world.cluster.put(tenant({ namespace: 'other', uid: 'uid-second' }))
    },
  ],
  'Pending AwaitingAcceptance': [
    () => before({ provisioning: 'OnAccept' }),
    (world) => void world.cluster.put(tenantAdmin({ invite: 'Pending' })),
  ],
  'Pending MailPermanentError': [
    () => before({ provisioning: 'OnAccept' }),
    (world) => {
      const admin = tenantAdmin({ invite: 'EmailSendingFailed' })
      const conditions = [condition('Stalled', 'True', 'MailPermanentError')]
      world.cluster.put({ ...admin, status: { observedGeneration: 1, ...admin.status, conditions } })
    },
  ],
  'Provisioning Adopting': [
    () => well({ deletion: { protected: false, policy: 'Retain' } }),
    async (world, key) => {
      await remove(world, key)
      await world.pass(key)
      world.cluster.put(tenant({ uid: 'uid-again', annotations: { 'tenantry.dev/adopt': 'uid-acme' } }))
    },
  ],
  'Provisioning ApiServerUnavailable': [before, writesRefused],
  'Provisioning ApiServerRefused': [before, namespaceRefused],
  'Active ApiServerRefused': [well, quotaRefused],
  'Active InternalError': [well, buggy],
  'Active Retrying': [well, overtaken],
  'Active PlanNotReady': [well, planRefused],
  'Provisioning DatabaseUnavailable': [before, serverDown],
  'Active DatabaseUnavailable': [
    well,
    serverDown,
    (world) => void world.cluster.put(tenantPlan({ spec: { database: { connectionLimit: 7 } } })),
  ],
  'Provisioning NamespaceConflict': [
    well,
    (world) => {
      world.cluster.remove('Namespace', 'tenant-acme')
      world.cluster.put(foreign)
    },
  ],
  'Active Provisioned': [well],
  'Active DatabaseMissing': [well, databaseDropped],
  'Active Renaming': [well, edit({ cloudId: 'initech', subdomain: 'initech' })],
  'Active Rotating': [well, annotate('tenantry.dev/rotate-requested-at', '2030-01-01T00:00:00Z')],
  'Active DatabaseServerNotReady': [
    well,
    (world) => void world.cluster.put(databaseServer({ reason: 'AnotherServer' })),
  ],
  'Active Updating': [well, (world) => world.cluster.remove('Secret', 'tenant-acme/tenantry-database')],
  'Active DatabaseServerNotFound': [well, (world) => world.cluster.remove('DatabaseServer', 'main')],
  'Active PlanNotAllowed': [customerOfMsp, (world) => world.edit({ customers: { plans: ['gold'] } }, 'home/northwind')],
  'Active Contested': [well, policyOnQuota],
  'Active Reviving': [well, edit({ state: 'Deactivated' }), edit({ state: 'Active' })],
  'Deactivated Suspending': [
    well,
    (world) => {
      world.cluster.put(keptPod)
      world.cluster.budgets.add('web')
      world.edit({ state: 'Deactivated' })
    },
  ],
  'Deactivated Deactivated': [well, edit({ state: 'Deactivated' })],
  'Deactivated ParentSuspended': [customerOfMsp, (world) => world.edit({ state: 'Deactivated' }, 'home/northwind')],
  'Archived Archived': [well, edit({ state: 'Archived' })],
  'Archived DumpFailed': [well, edit({ state: 'Archived' }), (world) => world.clock.advance(31 * day)],
  'Expired Expired': [well, edit({ expiresAt: '2029-12-31T00:00:00Z' })],
  'Purged Purged': [
    well,
    annotate('tenantry.dev/skip-final-dump', 'acme'),
    edit({ state: 'Archived' }),
    (world) => world.clock.advance(31 * day),
  ],
  'Deleting Deleting': [well, remove],
  'Deleting DatabaseInUse': [
    well,
    (world) => {
      world.postgres.before = (statement) => {
        if (statement.startsWith('DropDatabase')) throw new PostgresError('InUse', 'In use.', '55006')
      }
    },
    remove,
  ],
  'Deleting DumpFailed': [well, finalDumpInPlan, remove],
  'Deleting HasCustomers': [
    customerOfMsp,
    (world) => world.cluster.remove('Tenant', 'home/northwind'),
    (world) => world.settle('home/northwind'),
  ],
  'Deleting DeletionHeld': [well, held],
  'Deleting DeletionPostponed': [well, graceInPlan, remove],
  'Deleting DeletionProtected': [() => well({ deletion: { protected: true } }), remove],
}

/** Of whom it is told, where not of the one that it begins with. */
const subjects: Readonly<Record<string, string>> = {
  'Pending CloudIdConflict': 'other/acme',
  'Deleting HasCustomers': 'home/northwind',
}

async function live(name: string, [from, ...turns]: Way): Promise<readonly string[]> {
  const { world, key } = await from()
  const subject = subjects[name] ?? key
  const seen: string[] = []
  const look = () => void seen.push(told(world.tenant(subject)))
  world.cluster.after = (write) => {
    if (write === `patch Tenant/status ${subject}`) look()
  }
  for (const turn of turns) {
    await turn(world, key)
    // What is refused for good never comes to rest.
    await world.settle(subject).catch(() => {})
  }
  if (seen.length === 0) look()
  return seen
}

eachRowHappens('Tenant', Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, () => live(name, way)])))
