/** Who does not leave Tenantry's alone is named, and is written against with growing pauses. */
import test from 'ava'
import type { KubeObject } from '../../../../operator/kube/port.ts'
import { tenant, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

const second = 1000

async function provisioned(): Promise<World> {
  const world = ground()
  world.cluster.put(tenantPlan({ spec: { quota: { pods: '50' }, limits: [{ type: 'Container', max: { cpu: '2' } }] } }))
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  clear(world)
  return world
}

function clear({ cluster, postgres, events, lines, notes, repairs }: World): void {
  for (const each of [cluster.writes, cluster.reads, postgres.statements, events, lines, notes, repairs])
    each.length = 0
}

const managed = (field: Readonly<Record<string, unknown>>) => [
  { manager: 'tenantry', operation: 'Update', time: '2030-01-01T00:00:09Z', fieldsV1: { 'f:metadata': {} } },
  { manager: 'other-tool', operation: 'Update', time: '2030-01-01T00:00:05Z', fieldsV1: field },
]

/** As another tool edits it. */
function edit(
  world: World,
  kind: string,
  name: string,
  by: object,
  field: Readonly<Record<string, unknown>> = {},
): void {
  const found = world.cluster.find<KubeObject>(kind, name)
  if (found === undefined) return
  world.cluster.put({ ...found, ...by, metadata: { ...found.metadata, managedFields: managed(field) } })
}

const quota = 'tenant-acme/tenantry-quota'
const policy = 'tenant-acme/tenantry-isolation'
const hard = { pods: '77', 'services.loadbalancers': '0', 'services.nodeports': '0' }
const editQuota = (world: World) =>
  edit(world, 'ResourceQuota', quota, { spec: { hard } }, { 'f:spec': { 'f:hard': { 'f:pods': {} } } })
const openUp = (world: World) => edit(world, 'NetworkPolicy', policy, { spec: {} }, { 'f:spec': {} })

/** The operator as events and its own due times wake it, for so long. `act`: every `every` milliseconds. */
async function live(world: World, duration: number, every: number, act: (world: World) => void): Promise<void> {
  const end = world.clock.monotonic() + duration
  for (let next = 0; world.clock.monotonic() < end;) {
    if (world.clock.monotonic() >= next) {
      act(world)
      next = world.clock.monotonic() + every
    }
    await world.pass()
    const due = world.due.get('home/acme') ?? every
    await world.clock.advance(Math.max(1, Math.min(due, next - world.clock.monotonic())))
  }
}

const writesOf = ({ cluster }: World, what: string) => cluster.writes.filter((write) => write.includes(what)).length

test('431 edits within 30 seconds are answered by a few writes, one Event and one line, and the writer is named', async (t) => {
  const world = await provisioned()
  await live(world, 30 * second, 70, editQuota)
  t.true(writesOf(world, 'ResourceQuota') <= 10, String(writesOf(world, 'ResourceQuota')))
  t.true(writesOf(world, 'ResourceQuota') >= 6)
  t.is(writesOf(world, 'Tenant/status'), 1)
  t.is(world.events.filter((each) => each === 'Warning Contested').length, 1)
  t.is(world.lines.filter(({ message }) => message === 'object contested').length, 1)
  t.like(world.lines.find(({ message }) => message === 'object contested')?.fields, {
    object: 'ResourceQuota tenantry-quota',
    field: 'spec.hard.pods',
    writer: 'other-tool (Update)',
  })
  t.true(world.conditions().includes('NamespaceReady=False Contested'))
  t.true(world.conditions().includes('Ready=False Contested'))
  t.true(world.conditions().includes('Stalled=True Contested'))
  t.true(world.conditions().includes('Available=True Provisioned'))
  t.is(world.tenant().status?.phase, 'Active')
  t.regex(
    world.message('NamespaceReady') ?? '',
    /spec\.hard\.pods of the ResourceQuota tenantry-quota in the namespace tenant-acme should be "50" and is "77": other-tool \(Update\)/,
  )
})

test('it ends by itself when it stops', async (t) => {
  const world = await provisioned()
  await live(world, 12 * second, 70, editQuota)
  t.true(world.conditions().includes('Ready=False Contested'))
  await live(world, 60 * second, 20 * second, () => {})
  t.true(world.conditions().includes('Ready=True Provisioned'))
  clear(world)
  await live(world, 20 * 60 * second, 60 * second, () => {})
  t.deepEqual(world.cluster.writes, [])
})

test('isolation is put back within seconds, however often it is changed', async (t) => {
  const world = await provisioned()
  let open = 0
  let since: number | undefined
  await live(world, 60 * second, 250, (each) => {
    const spec = each.cluster.find<KubeObject & { spec: object }>('NetworkPolicy', policy)?.spec ?? {}
    const isOpen = Object.keys(spec).length === 0
    const now = each.clock.monotonic()
    since = isOpen ? (since ?? now) : undefined
    if (since !== undefined) open = Math.max(open, now - since)
    openUp(each)
  })
  t.true(open <= 2500, `${open} ms`)
  t.true(writesOf(world, 'NetworkPolicy') < 60)
  t.true(world.conditions().includes('Ready=False Contested'))
})

test('while a field waits, another one that must not wait is put back within seconds', async (t) => {
  const world = await provisioned()
  await live(world, 60 * second, 70, editQuota)
  clear(world)
  const waysIn = { ...hard, 'services.loadbalancers': '9' }
  edit(world, 'ResourceQuota', quota, { spec: { hard: waysIn } })
  const begun = world.clock.monotonic()
  await live(world, 3 * second, 3 * second, () => {})
  const [first] = world.cluster.writes
  t.regex(first ?? '', /ResourceQuota/)
  t.true(world.clock.monotonic() - begun < 4 * second)
})

test('what somebody changes now and then is put back at once and is no contest', async (t) => {
  const world = await provisioned()
  for (let round = 0; round < 6; round += 1) {
    editQuota(world)
    await world.settle()
    t.true(world.conditions().includes('Ready=True Provisioned'), String(round))
    await world.clock.advance(11 * 60 * second)
  }
  t.is(world.repairs.length, 6)
})

test('what is deleted again and again is made with growing pauses', async (t) => {
  const world = await provisioned()
  await live(world, 30 * second, 100, ({ cluster }) => cluster.remove('LimitRange', 'tenant-acme/tenantry-limits'))
  t.true(writesOf(world, 'LimitRange') <= 10, String(writesOf(world, 'LimitRange')))
  t.regex(world.message('NamespaceReady') ?? '', /The LimitRange tenantry-limits .* is deleted repeatedly/)
})

test('what is made again and again although it should not be there is deleted with growing pauses, and told', async (t) => {
  const world = await provisioned()
  const stray = world.cluster.find<KubeObject>('RoleBinding', 'tenant-acme/tenantry-admins')
  await live(world, 30 * second, 100, ({ cluster }) => {
    if (stray === undefined) return
    const { uid: _uid, resourceVersion: _version, ...metadata } = stray.metadata
    if (cluster.find('RoleBinding', 'tenant-acme/tenantry-role-none') !== undefined) return
    cluster.put({ ...stray, metadata: { ...metadata, name: 'tenantry-role-none' } })
  })
  t.true(writesOf(world, 'RoleBinding') <= 25, String(writesOf(world, 'RoleBinding')))
  t.regex(world.message('NamespaceReady') ?? '', /RoleBinding tenantry-role-none .* is created repeatedly/)
})

test('another key each time is no way round the pauses', async (t) => {
  const world = await provisioned()
  let count = 0
  await live(world, 30 * second, 70, (each) => {
    count += 1
    edit(each, 'ResourceQuota', quota, {
      spec: { hard: { ...hard, pods: '50', [`count/k${count}.example.com`]: '1' } },
    })
  })
  t.true(writesOf(world, 'ResourceQuota') <= 10, String(writesOf(world, 'ResourceQuota')))
  t.true(world.conditions().includes('NamespaceReady=False Contested'))
})

test('an edit of many keys at once is one edit', async (t) => {
  const world = await provisioned()
  const many = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`count/k${index}.example.com`, '1']))
  edit(world, 'ResourceQuota', quota, { spec: { hard: { ...hard, pods: '50', ...many } } })
  await world.settle()
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('who has access is not told', async (t) => {
  const world = await provisioned()
  const name = 'eve@example.com'
  await live(world, 30 * second, 200, (each) =>
    edit(each, 'RoleBinding', 'tenant-acme/tenantry-admins', { subjects: [{ kind: 'User', name }] }),
  )
  const message = world.message('NamespaceReady') ?? ''
  t.regex(message, /The field subjects of the RoleBinding tenantry-admins .* is not what it should be/)
  t.notRegex(message, /@example\.com/)
})

test('who fights is named, and not who came by before', async (t) => {
  const world = await provisioned()
  const found = world.cluster.find<KubeObject>('ResourceQuota', quota)
  const metadata = { managedFields: [{ manager: 'a-person', operation: 'Update', time: '2030-01-01T00:00:01Z' }] }
  world.cluster.put({ ...found, spec: { hard }, metadata: { ...found?.metadata, ...metadata } } as KubeObject)
  await world.settle()
  await world.clock.advance(7 * 60 * second)
  await live(world, 30 * second, 70, editQuota)
  t.regex(world.message('NamespaceReady') ?? '', /other-tool \(Update\)/)
})

test('a change of what is wanted waits for no contest', async (t) => {
  const world = await provisioned()
  await live(world, 60 * second, 70, editQuota)
  clear(world)
  world.cluster.put(tenantPlan({ spec: { quota: { pods: '51' }, limits: [{ type: 'Container', max: { cpu: '2' } }] } }))
  await world.pass()
  t.is(writesOf(world, 'replace ResourceQuota'), 1)
})

test('a tenant that goes is forgotten', async (t) => {
  const world = await provisioned()
  await live(world, 10 * second, 70, editQuota)
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.is(world.cluster.find('Tenant', 'home/acme'), undefined)
  t.is(world.due.get('home/acme'), undefined)
})

/** Each field of each kind of object that is ours, and what a policy might make of it. */
const mutations: readonly (readonly [kind: string, name: string, field: string, change: (object: Json) => Json])[] = [
  ...['app.kubernetes.io/managed-by', 'app.kubernetes.io/component', 'tenantry.dev/cloud-id'].map(
    (label) => ['ResourceQuota', 'tenantry-quota', `metadata.labels["${label}"]`, labelled(label)] as const,
  ),
  ['ResourceQuota', 'tenantry-quota', 'spec.hard.pods', at(['spec', 'hard', 'pods'], '77')],
  [
    'ResourceQuota',
    'tenantry-quota',
    'spec.hard["services.nodeports"]',
    at(['spec', 'hard', 'services.nodeports'], undefined),
  ],
  ['ResourceQuota', 'tenantry-quota', 'spec.scopes', at(['spec', 'scopes'], ['Terminating'])],
  ['LimitRange', 'tenantry-limits', 'spec.limits', at(['spec', 'limits'], [])],
  ['NetworkPolicy', 'tenantry-isolation', 'spec.ingress', at(['spec', 'ingress'], [{}])],
  ['NetworkPolicy', 'tenantry-isolation', 'spec.egress', at(['spec', 'egress'], [{}])],
  ['NetworkPolicy', 'tenantry-isolation', 'spec.policyTypes', at(['spec', 'policyTypes'], ['Egress'])],
  [
    'NetworkPolicy',
    'tenantry-isolation',
    'spec.podSelector.matchLabels',
    at(['spec', 'podSelector', 'matchLabels'], { a: 'b' }),
  ],
  ['RoleBinding', 'tenantry-admins', 'roleRef.name', at(['roleRef', 'name'], 'view')],
  ['RoleBinding', 'tenantry-admins', 'subjects', at(['subjects'], [])],
  [
    'RoleBinding',
    'tenantry-admins',
    'metadata.annotations["tenantry.dev/tenant"]',
    at(['metadata', 'annotations', 'tenantry.dev/tenant'], 'x'),
  ],
  ['ConfigMap', 'tenantry-access', 'data["access.txt"]', at(['data', 'access.txt'], 'nobody')],
  ['ConfigMap', 'tenantry-access', 'binaryData', at(['binaryData'], { x: '' })],
  ['Secret', 'tenantry-database', 'data.PGHOST', at(['data', 'PGHOST'], 'ZWxzZXdoZXJl')],
  ['Secret', 'tenantry-database', 'type', at(['type'], 'Opaque')],
  ['Secret', 'tenantry-database', 'immutable', at(['immutable'], true)],
  [
    'Namespace',
    'tenant-acme',
    'metadata.labels["pod-security.kubernetes.io/enforce"]',
    labelled('pod-security.kubernetes.io/enforce'),
  ],
  ['Namespace', 'tenant-acme', 'metadata.labels["tenantry.dev/cloud-id"]', labelled('tenantry.dev/cloud-id')],
  [
    'Namespace',
    'tenant-acme',
    'metadata.annotations["tenantry.dev/hosts"]',
    at(['metadata', 'annotations', 'tenantry.dev/hosts'], 'x'),
  ],
]

type Json = Readonly<Record<string, unknown>>

function at([step = '', ...rest]: readonly string[], value: unknown): (object: Json) => Json {
  return (object) => {
    const inner = object[step]
    return { ...object, [step]: rest.length === 0 ? value : at(rest, value)(isJson(inner) ? inner : {}) }
  }
}

function labelled(label: string) {
  return at(['metadata', 'labels', label], 'other')
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}

for (const [kind, name, field, change] of mutations) {
  test(`a policy that changes ${field} of the ${kind} is told at once, is not fought, and its end is noticed`, async (t) => {
    const world = ground()
    world.cluster.put(
      tenantPlan({ spec: { quota: { pods: '50' }, limits: [{ type: 'Container', max: { cpu: '2' } }] } }),
    )
    world.cluster.put(tenantAdmin())
    world.cluster.put(tenant())
    world.cluster.admit = <T extends KubeObject>(object: T): T =>
      object.kind === kind && object.metadata.name === name
        ? (change(object as unknown as Json) as unknown as T)
        : object
    await live(world, 2 * second, 2 * second, () => {})
    const part = kind === 'Secret' ? 'DatabaseReady' : 'NamespaceReady'
    t.true(world.conditions().includes(`${part}=False Contested`), world.conditions().join('\n'))
    t.true(world.conditions().includes('Ready=False Contested'))
    t.true(world.conditions().includes('Available=True Provisioned'))
    const message = world.message(part) ?? ''
    t.true(message.includes(`The field ${field} of the ${kind} ${name}`), message)
    t.regex(message, /an admission plugin/)
    if (kind === 'Secret') t.notRegex(message, /ZWxzZ|elsewhere/)
    const before = world.message(part)
    await live(world, 300 * second, 300 * second, () => {})
    clear(world)
    await live(world, 600 * second, 600 * second, () => {})
    t.is(world.message(part), before)
    t.true(writesOf(world, `${kind} `) <= 45, world.cluster.writes.join('\n'))
    t.is(writesOf(world, 'Tenant/status'), 0)
    t.deepEqual(world.repairs, [])
    world.cluster.admit = (object) => object
    await live(world, 700 * second, 700 * second, () => {})
    t.true(world.conditions().includes('Ready=True Provisioned'), world.conditions().join('\n'))
    clear(world)
    await live(world, 700 * second, 700 * second, () => {})
    t.deepEqual(world.cluster.writes, [])
  })
}

test('a role that somebody changes at each look is told with the statement that is undone', async (t) => {
  const world = await provisioned()
  for (let round = 0; round < 6; round += 1) {
    for (const [owner, seen] of world.postgres.databases)
      if (seen.logins.a !== undefined) {
        const logins = { ...seen.logins, a: { ...seen.logins.a, attributes: ['CREATEDB'] } }
        world.postgres.databases.set(owner, { ...seen, logins })
      }
    await world.clock.advance(60 * second)
    await world.poll()
    await world.settle()
    t.is(world.conditions().includes('DatabaseReady=False Contested'), round > 2, String(round))
  }
  t.regex(
    world.message('DatabaseReady') ?? '',
    /On the DatabaseServer main the roles of t_\w+ are repaired repeatedly, by the statement ALTER ROLE .* NOCREATEDB, because another user undoes it\. /,
  )
  t.false(world.postgres.statements.some((statement) => statement.startsWith('SetPassword')))
  await live(world, 300 * second, 100 * second, () => {})
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('what is said in between, as of a rotation, does not call in place what is contested', async (t) => {
  const world = await provisioned()
  await live(world, 20 * second, 70, editQuota)
  const said: string[] = []
  world.cluster.after = (write) => {
    if (write.startsWith('patch Tenant/status')) said.push(...world.conditions())
  }
  const { metadata, ...rest } = world.tenant()
  const annotations = { 'tenantry.dev/rotate-requested-at': '2030-01-01T00:00:00Z' }
  world.cluster.put({ ...rest, metadata: { ...metadata, annotations } })
  await live(world, second, 70, editQuota)
  t.true(said.includes('Ready=False Rotating'))
  t.true(said.includes('NamespaceReady=False Contested'))
  t.false(said.includes('NamespaceReady=True Provisioned'))
})
