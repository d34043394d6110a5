/** Objects that others changed or deleted are put back; objects of others are left alone. */
import test from 'ava'

import { annotations, labels } from '../../../../operator/api/names.ts'
import type { KubeObject } from '../../../../operator/kube/port.ts'
import type { Namespace, NetworkPolicy, RoleBinding, Secret } from '../../../../operator/kube/resources.ts'
import { tenant, tenantPlan } from '../../../gen.ts'
import { logsIn, provisioned } from '../provisioned.ts'
import { ground } from '../world.ts'

const children = [
  'Secret tenantry-database',
  'RoleBinding tenantry-admins',
  'NetworkPolicy tenantry-isolation',
  'LimitRange tenantry-limits',
  'ResourceQuota tenantry-quota',
  'ConfigMap tenantry-access',
].map((child) => child.split(' ') as [string, string])

for (const [kind, name] of children) {
  test(`${kind}: deleted by anyone, it is made again in one write`, async (t) => {
    const world = await provisioned()
    world.cluster.remove(kind, `tenant-acme/${name}`)
    await world.pass()
    t.truthy(world.cluster.find(kind, `tenant-acme/${name}`))
    const made = world.cluster.writes.filter((write) => !write.includes('status'))
    t.deepEqual(made, [`create ${kind} tenant-acme/${name}`])
  })

  test(`${kind}: a label of ours taken off is put back, other people's stay`, async (t) => {
    const world = await provisioned()
    const before = world.cluster.find(kind, `tenant-acme/${name}`)
    t.truthy(before)
    if (before === undefined) return
    world.cluster.put({ ...before, metadata: { ...before.metadata, labels: { team: 'red' } } })
    await world.settle()
    const after = world.cluster.find(kind, `tenant-acme/${name}`)
    t.deepEqual(after?.metadata.labels, { team: 'red', ...before.metadata.labels })
    t.is(world.cluster.writes.filter((write) => write.startsWith('replace')).length, 1)
  })
}

const edits: readonly (readonly [string, string, (object: never) => KubeObject])[] = [
  ['RoleBinding', 'tenantry-admins', (each: RoleBinding) => ({ ...each, subjects: [] })],
  [
    'NetworkPolicy',
    'tenantry-isolation',
    (each: NetworkPolicy) => ({ ...each, spec: { podSelector: {}, ingress: [{}] } }),
  ],
  ['ResourceQuota', 'tenantry-quota', (each: KubeObject) => ({ ...each, spec: { hard: {} } }) as KubeObject],
  ['LimitRange', 'tenantry-limits', (each: KubeObject) => ({ ...each, spec: { limits: [] } }) as KubeObject],
  ['Secret', 'tenantry-database', (each: Secret) => ({ ...each, data: { ...each.data, host: 'eA==' } })],
]

for (const [kind, name, edit] of edits) {
  test(`${kind}: edited by anyone, it is put right in one write`, async (t) => {
    const world = await provisioned()
    const key = `tenant-acme/${name}`
    const specOf = () => {
      const { metadata: _metadata, ...rest } = world.cluster.find(kind, key) ?? { metadata: {} }
      return rest
    }
    const before = specOf()
    world.cluster.put(edit(world.cluster.find(kind, key) as never))
    await world.settle()
    t.deepEqual(specOf(), before)
    t.deepEqual(world.cluster.writes, [`replace ${kind} ${key}`])
  })
}

test('a RoleBinding to another role is replaced by a new one, as its role cannot be changed', async (t) => {
  const world = await provisioned()
  const key = 'tenant-acme/tenantry-admins'
  const binding = world.cluster.find<RoleBinding>('RoleBinding', key)
  t.truthy(binding)
  if (binding === undefined) return
  world.cluster.put({ ...binding, roleRef: { ...binding.roleRef, name: 'cluster-admin' } })
  await world.settle()
  t.deepEqual(world.cluster.writes, [`delete RoleBinding ${key}`, `create RoleBinding ${key}`])
})

test('the namespace: our labels are put back, those of others stay', async (t) => {
  const world = await provisioned()
  const before = world.cluster.find<Namespace>('Namespace', 'tenant-acme')
  t.truthy(before)
  if (before === undefined) return
  const changed = { ...before.metadata.labels, 'pod-security.kubernetes.io/enforce': 'privileged', team: 'red' }
  world.cluster.put({ ...before, metadata: { ...before.metadata, labels: changed } })
  await world.settle()
  const after = world.cluster.find('Namespace', 'tenant-acme')
  t.deepEqual(after?.metadata.labels, { ...before.metadata.labels, team: 'red' })
  t.deepEqual(world.cluster.writes, ['patch Namespace tenant-acme'])
})

test('the namespace deleted by anyone: waited for, and all of it is made again', async (t) => {
  const world = await provisioned()
  world.cluster.heldNamespaces.add('tenant-acme')
  world.cluster.remove('Namespace', 'tenant-acme')
  await world.settle()
  t.true(world.conditions().includes('Ready=False NamespaceTerminating'))
  t.regex(
    world.message('Ready') ?? '',
    /^Another client is deleting the namespace tenant-acme\. Tenantry creates it again/,
  )
  world.cluster.release('tenant-acme')
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
  await logsIn(t, world)
})

test('a plan whose limits go: the LimitRange of ours goes too, that of somebody else stays', async (t) => {
  const world = await provisioned()
  const foreign = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'theirs', namespace: 'tenant-acme' } }
  world.cluster.put(foreign)
  world.cluster.put(tenantPlan())
  await world.settle()
  t.deepEqual(world.cluster.writes, ['delete LimitRange tenant-acme/tenantry-limits', 'patch Tenant/status home/acme'])
  t.truthy(world.cluster.find('LimitRange', 'tenant-acme/theirs'))
})

test("a LimitRange that bears another tenant's mark is not surplus of ours", async (t) => {
  const world = await provisioned()
  world.cluster.put(tenantPlan())
  const marks = { [labels.installation]: 'main', [labels.tenantUid]: 'another' }
  const metadata = { name: 'tenantry-limits', namespace: 'tenant-acme', labels: marks, uid: 'uid-theirs' }
  world.cluster.remove('LimitRange', 'tenant-acme/tenantry-limits')
  world.cluster.put({ apiVersion: 'v1', kind: 'LimitRange', metadata })
  await world.settle()
  t.deepEqual(world.cluster.writes, ['patch Tenant/status home/acme'])
})

test('a quantity in another spelling is the same', async (t) => {
  const world = await provisioned()
  const quota = world.cluster.find<KubeObject & { spec: object }>('ResourceQuota', 'tenant-acme/tenantry-quota')
  t.truthy(quota)
  if (quota === undefined) return
  const hard = { 'requests.cpu': '2000m', pods: '20', 'services.loadbalancers': '0', 'services.nodeports': '0' }
  world.cluster.put({ ...quota, spec: { hard } })
  await world.settle()
  t.deepEqual(world.cluster.writes, [])
})

const strangers: readonly (readonly [string, KubeObject])[] = [
  [
    'ObjectConflict',
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tenantry-database', namespace: 'tenant-acme' } },
  ],
  [
    'ObjectConflict',
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: {
        name: 'tenantry-quota',
        namespace: 'tenant-acme',
        labels: { [labels.installation]: 'main', [labels.tenantUid]: 'another' },
        annotations: { [annotations.tenant]: 'home/acme' },
      },
    },
  ],
  ['NamespaceConflict', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tenant-acme' } }],
]

for (const [reason, stranger] of strangers) {
  test(`somebody else's ${stranger.kind} under our name is a ${reason}, and is neither changed nor deleted`, async (t) => {
    const world = ground()
    world.cluster.put(tenant())
    const theirs = world.cluster.put(stranger)
    await world.settle()
    t.true(world.conditions().includes(`Stalled=True ${reason}`), world.conditions().join())
    world.cluster.remove('Tenant', 'home/acme')
    if (stranger.kind === 'Namespace') await world.settle()
    const after = world.cluster.find(
      stranger.kind,
      theirs.metadata.namespace === undefined ? 'tenant-acme' : `tenant-acme/${theirs.metadata.name}`,
    )
    t.is(after, theirs)
  })
}
