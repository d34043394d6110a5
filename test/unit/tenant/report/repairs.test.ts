/** What counts as a repair, and what does not: told in an Event, counted, and said in the log. */
import test from 'ava'

import { annotations } from '../../../../operator/api/names.ts'
import type { KubeObject } from '../../../../operator/kube/port.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { databaseServer, tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

async function provisioned(): Promise<World> {
  const world = ground()
  world.cluster.put(tenantPlan({ spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] } }))
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  world.events.length = 0
  world.notes.length = 0
  world.lines.length = 0
  return world
}

const remove = (kind: string, name: string) => (world: World) => world.cluster.remove(kind, name)
const change = (kind: string, name: string, by: object) => (world: World) => {
  const found = world.cluster.find<KubeObject>(kind, name)
  if (found !== undefined) world.cluster.put({ ...found, ...by })
}
const databaseState = (by: (world: World) => void) => async (world: World) => {
  by(world)
  await world.poll()
}
type Act = (world: World) => void | Promise<void>

const repairs: readonly (readonly [string, Act, readonly string[]])[] = [
  ['a quota that was deleted', remove('ResourceQuota', 'tenant-acme/tenantry-quota'), ['ResourceQuota']],
  [
    'a quota that was changed',
    change('ResourceQuota', 'tenant-acme/tenantry-quota', { spec: { hard: { pods: '9999' } } }),
    ['ResourceQuota'],
  ],
  ['a policy that was deleted', remove('NetworkPolicy', 'tenant-acme/tenantry-isolation'), ['NetworkPolicy']],
  [
    'a RoleBinding whose people were changed',
    change('RoleBinding', 'tenant-acme/tenantry-admins', { subjects: [] }),
    ['RoleBinding'],
  ],
  ['the list of who has access', remove('ConfigMap', 'tenant-acme/tenantry-access'), ['ConfigMap']],
  [
    'labels of the namespace',
    (world) => {
      const found = world.cluster.find<KubeObject>('Namespace', 'tenant-acme')
      if (found === undefined) return
      const labels = { ...found.metadata.labels, 'pod-security.kubernetes.io/enforce': 'privileged' }
      world.cluster.put({ ...found, metadata: { ...found.metadata, labels } })
    },
    ['Namespace'],
  ],
  ['a claim that was deleted', remove('ConfigMap', 'tenantry-system/claim-cloud-id-acme'), ['Claim']],
  [
    'a role that was given more',
    databaseState(({ postgres }) => {
      for (const [owner, seen] of postgres.databases)
        if (seen.logins.a !== undefined)
          postgres.databases.set(owner, {
            ...seen,
            logins: { ...seen.logins, a: { ...seen.logins.a, attributes: ['CREATEDB'] } },
          })
    }),
    ['DatabaseRoles'],
  ],
]

for (const [title, act, what] of repairs) {
  test(`counts: ${title}`, async (t) => {
    const world = await provisioned()
    await act(world)
    await world.settle()
    t.deepEqual(world.repairs, what)
    t.deepEqual(world.events, ['Normal Repaired'])
    t.true(world.lines.every(({ fields }) => fields['why'] === 'repair'))
    t.true(world.lines.length > 0)
  })
}

const changes: readonly (readonly [string, Act])[] = [
  ['a change of the spec', (world) => world.edit({ database: { connectionLimit: 3 } })],
  ['another quota of the plan', (world) => void world.cluster.put(tenantPlan({ spec: { quota: { pods: '7' } } }))],
  ['an admin who comes', (world) => void world.cluster.put(tenantAdmin({ name: 'bob', spec: { username: 'bob' } }))],
  ['an admin who goes', remove('TenantAdmin', 'home/jane')],
  [
    'another address of the server',
    (world) => {
      const server = databaseServer({ spec: { applicationEndpoint: { host: 'pooler', port: 6432 } } })
      world.cluster.put(server)
      world.cluster.put({ ...server, status: { ...server.status, observedGeneration: 2 } })
    },
  ],
  ['another name', (world) => world.edit({ cloudId: 'globex' })],
  ['a tenant that goes off', (world) => world.edit({ state: 'Deactivated' })],
  [
    'a new password',
    (world) => {
      const { metadata, ...rest } = world.tenant()
      const asked = { [annotations.rotateRequestedAt]: '2030-01-01T00:00:00Z' }
      world.cluster.put({ ...rest, metadata: { ...metadata, annotations: asked } })
    },
  ],
]

for (const [title, act] of changes) {
  test(`does not count: ${title}`, async (t) => {
    const world = await provisioned()
    await act(world)
    await world.settle()
    t.true(world.lines.length > 0)
    t.deepEqual(world.repairs, [])
    t.false(world.events.includes('Normal Repaired'))
  })
}

test('does not count: what a server that was down kept from being done', async (t) => {
  const world = await provisioned()
  world.postgres.down = new PostgresError('Unavailable', 'down')
  world.edit({ database: { connectionLimit: 3 } })
  await world.settle().catch(() => undefined)
  world.postgres.down = undefined
  await world.poll()
  await world.settle()
  t.deepEqual(world.repairs, [])
})

test('two things at once are one Event that names both', async (t) => {
  const world = await provisioned()
  world.cluster.remove('ResourceQuota', 'tenant-acme/tenantry-quota')
  world.cluster.remove('NetworkPolicy', 'tenant-acme/tenantry-isolation')
  await world.settle()
  t.deepEqual(world.events, ['Normal Repaired'])
  t.regex(world.notes[0] ?? '', /NetworkPolicy tenantry-isolation, ResourceQuota tenantry-quota\./)
})

test('after a restart what is missing counts, and what is otherwise does not: a newer operator may want it so', async (t) => {
  const world = await provisioned()
  world.restart()
  world.cluster.remove('ResourceQuota', 'tenant-acme/tenantry-quota')
  change('NetworkPolicy', 'tenant-acme/tenantry-isolation', { spec: {} })(world)
  await world.settle()
  t.deepEqual(world.repairs, ['ResourceQuota'])
})

test('a namespace that is gone is made anew with a warning: since when, and that what lay in it is gone', async (t) => {
  const world = await provisioned()
  world.cluster.remove('Namespace', 'tenant-acme')
  await world.settle()
  t.deepEqual(
    world.events.filter((event) => event !== 'Normal Available'),
    ['Warning NamespaceRecreated', 'Warning SecretRecreated'],
  )
  t.regex(world.notes.join('\n'), /NamespaceRecreated: .* It was found missing\. Its contents are lost/)
  t.true(world.lines.some(({ message }) => message === 'namespace made anew, what lay in it is gone'))
})

test('a namespace that was seen to go says since when', async (t) => {
  const world = await provisioned()
  world.cluster.heldNamespaces.add('tenant-acme')
  world.cluster.remove('Namespace', 'tenant-acme')
  await world.settle()
  const since = world.tenant().status?.conditions?.find(({ type }) => type === 'NamespaceReady')?.lastTransitionTime
  await world.clock.advance(90_000)
  world.cluster.release('tenant-acme')
  await world.settle()
  t.true(
    world.notes.some((note) => note.includes(`Its deletion was noticed at ${since}. Its contents are lost`)),
    world.notes.join(),
  )
  const line = world.lines.find(({ message }) => message === 'namespace made anew, what lay in it is gone')
  t.is(line?.fields['since'], since)
})

test('a Secret that is gone is made anew with a warning that its password is another', async (t) => {
  const world = await provisioned()
  world.cluster.remove('Secret', 'tenant-acme/tenantry-database')
  await world.settle()
  t.true(world.events.includes('Warning SecretRecreated'))
  t.is(world.events.filter((event) => event === 'Warning SecretRecreated').length, 1)
  t.deepEqual(world.repairs, ['Secret', 'DatabasePassword'])
})
