/** A tenant's names change: what follows, in which order, and what stays. */
import test from 'ava'
import type { ConfigMap, Namespace } from '../../../operator/kube/resources.ts'
import { tenant, tenantAdmin } from '../../gen.ts'
import { ground } from './world.ts'
import { claims, named, living, ready } from './rename-scene.ts'

const month = 30 * 86_400_000

/** The claims of acme once it is called globex. */
const acmeAsGlobex = [
  'cloud-id-acme uid-acme alias',
  'cloud-id-globex uid-acme 1',
  'host-acme.example.com uid-acme alias',
  'host-globex.example.com uid-acme 1',
]

test('a rename: claims, status, URL, labels and hosts follow; namespace, database and Secret stay', async (t) => {
  const world = await living(['acme'])
  const before = world.tenant().status
  const secret = world.cluster.find('Secret', 'tenant-acme/tenantry-database')
  world.edit({ cloudId: 'globex' })
  world.postgres.statements.length = 0
  await world.pass()
  t.true(world.conditions().includes('Reconciling=True Renaming'))
  t.true(world.conditions().includes('Available=True Provisioned'))
  t.is(
    world.message('Ready'),
    'Changing the Cloud ID from acme to globex and the host name from acme.example.com to globex.example.com.',
  )
  await world.settle()
  ready(t, world, 'home/acme')
  const { status } = world.tenant()
  t.like(status, {
    cloudId: 'globex',
    subdomain: 'globex',
    host: 'globex.example.com',
    url: 'https://globex.example.com',
    namespace: 'tenant-acme',
    formerCloudIds: ['acme'],
  })
  const until = status?.aliases?.[0]?.until
  t.deepEqual(
    status?.aliases?.map(({ cloudId, host }) => cloudId ?? host),
    ['acme', 'acme.example.com'],
  )
  t.true(Math.abs(Date.parse(until ?? '') - world.clock.now() - month) < 1000)
  t.deepEqual(status?.database, before?.database)
  t.deepEqual(world.cluster.find('Secret', 'tenant-acme/tenantry-database'), secret)
  t.deepEqual(
    world.postgres.statements.filter((statement) => /^(Ensure|Drop|Write|Term|Dis)/.test(statement)),
    [],
  )
  t.deepEqual(claims(world), acmeAsGlobex)
  const claim = world.cluster.find<ConfigMap>('ConfigMap', 'tenantry-system/claim-cloud-id-globex')
  t.like(claim?.data, { namespace: 'tenant-acme', server: 'main' })
  const marks = world.cluster
    .all<ConfigMap>('ConfigMap')
    .map(({ metadata }) => metadata.labels?.['tenantry.dev/cloud-id'])
  t.deepEqual(marks, ['globex', 'globex', 'globex', 'globex'])
  const namespace = world.cluster.find<Namespace>('Namespace', 'tenant-acme')
  t.is(namespace?.metadata.labels?.['tenantry.dev/cloud-id'], 'globex')
  t.is(namespace?.metadata.annotations?.['tenantry.dev/hosts'], 'globex.example.com,acme.example.com')
})

test('a former name is kept while the cache of claims has not heard that it is one', async (t) => {
  const world = await living(['acme'])
  world.edit({ cloudId: 'globex' })
  await world.pass()
  world.cluster.lag('ConfigMap')
  await world.pass()
  t.is(world.tenant().status?.cloudId, 'globex')
  await world.pass()
  world.cluster.catchUp()
  await world.settle()
  ready(t, world, 'home/acme')
  t.deepEqual(claims(world), acmeAsGlobex)
})

test('an alias ends by itself, and its name is free then', async (t) => {
  const world = await living(['acme'])
  world.edit({ cloudId: 'globex' })
  await world.settle()
  world.cluster.put(named('late', { cloudId: 'acme', subdomain: 'late' }))
  await world.settleAll()
  t.true(world.conditions('home/late').includes('Stalled=True CloudIdConflict'))
  t.true(
    (world.due.get('home/acme') ?? 0) > month / 2 || world.settings.probeInterval >= (world.due.get('home/acme') ?? 0),
  )
  await world.clock.advance(month)
  await world.settleAll()
  t.is(world.tenant().status?.aliases, undefined)
  t.deepEqual(world.tenant().status?.formerCloudIds, ['acme'])
  t.is(
    world.cluster.find<Namespace>('Namespace', 'tenant-acme')?.metadata.annotations?.['tenantry.dev/hosts'],
    'globex.example.com',
  )
  ready(t, world, 'home/late')
  t.is(
    world.tenant('home/late').status?.namespace,
    `tenant-acme-${world.tenant('home/late').status?.namespace?.slice(-6)}`,
  )
})

test('back again before the alias has ended: the own former name is taken at once', async (t) => {
  const world = await living(['acme'])
  world.edit({ cloudId: 'globex' })
  await world.settle()
  world.edit({ cloudId: undefined })
  await world.settle()
  ready(t, world, 'home/acme')
  t.deepEqual(claims(world), [
    'cloud-id-acme uid-acme 2',
    'cloud-id-globex uid-acme alias 1',
    'host-acme.example.com uid-acme 2',
    'host-globex.example.com uid-acme alias 1',
  ])
  t.deepEqual(world.tenant().status?.formerCloudIds, ['globex'])
  const claim = world.cluster.find<ConfigMap>('ConfigMap', 'tenantry-system/claim-cloud-id-acme')
  t.like(claim?.data, { namespace: 'tenant-acme', server: 'main' })
})

test('another mind under way: the name in between is a former one too', async (t) => {
  const world = await living(['acme'])
  world.edit({ cloudId: 'globex' })
  await world.pass()
  world.edit({ cloudId: 'initech' })
  await world.settle()
  t.deepEqual(claims(world), [
    'cloud-id-acme uid-acme alias',
    'cloud-id-globex uid-acme alias 1',
    'cloud-id-initech uid-acme 2',
    'host-acme.example.com uid-acme alias',
    'host-globex.example.com uid-acme alias 1',
    'host-initech.example.com uid-acme 2',
  ])
})

test('a name that is taken changes nothing; when it is free the rename goes on', async (t) => {
  const world = await living(['acme', 'globex'])
  const before = world.tenant().status
  world.edit({ cloudId: 'globex', subdomain: 'other' })
  await world.settleAll()
  t.true(world.conditions().includes('Stalled=True CloudIdConflict'))
  t.true(world.conditions().includes('Available=True Provisioned'))
  t.like(world.tenant().status, { cloudId: before?.cloudId, host: before?.host, url: before?.url })
  t.is(claims(world).length, 4)
  world.edit({ cloudId: 'elsewhere' }, 'home/globex')
  await world.settleAll()
  t.true(world.conditions().includes('Stalled=True CloudIdConflict'), 'an alias is reserved for its holder')
  world.cluster.put({
    ...world.tenant('home/globex'),
    metadata: { ...world.tenant('home/globex').metadata, deletionTimestamp: '2030-01-02T00:00:00Z' },
  })
  await world.settleAll()
  ready(t, world, 'home/acme')
  t.is(world.tenant().status?.cloudId, 'globex')
})

test('a host name that is taken keeps the Cloud ID too', async (t) => {
  const world = await living(['acme'])
  world.cluster.put(named('holder', { subdomain: 'globex' }))
  await world.settleAll()
  world.edit({ cloudId: 'globex' })
  await world.settleAll()
  t.true(world.conditions().includes('Stalled=True HostConflict'))
  t.is(
    world.message('Stalled'),
    'The host name globex.example.com is taken by another tenant. Choose another subdomain in spec.subdomain.',
  )
  t.is(world.tenant().status?.cloudId, 'acme')
  t.is(claims(world).length, 4)
})

test('another subdomain of an MSP: the hosts of its customers follow, and what they are told of it', async (t) => {
  const world = ground()
  world.cluster.put(tenant({ spec: { type: 'MSP' } }))
  world.cluster.put(tenantAdmin())
  await world.settle()
  world.cluster.put(tenant({ name: 'one', namespace: 'tenant-acme', uid: 'uid-one' }))
  await world.settleAll()
  t.is(world.tenant('tenant-acme/one').status?.url, 'https://one-acme.example.com')
  world.edit({ cloudId: 'globex' })
  await world.settleAll()
  t.like(world.tenant('tenant-acme/one').status, { cloudId: 'one', url: 'https://one-globex.example.com' })
  t.deepEqual(
    world.tenant('tenant-acme/one').status?.aliases?.map(({ host }) => host),
    ['one-acme.example.com'],
  )
  t.regex(JSON.stringify([...world.postgres.directories]), /msp:globex/)
  t.notRegex(JSON.stringify([...world.postgres.directories]), /msp:acme/)
})

test('a tenant that waits for its admin is renamed as a whole: nothing of the old name is used', async (t) => {
  const world = ground()
  world.cluster.put(tenant({ spec: { provisioning: 'OnAccept' } }))
  await world.settle()
  world.edit({ cloudId: 'globex' })
  await world.settle()
  t.like(world.tenant().status, { cloudId: 'globex', host: 'globex.example.com', phase: 'Pending' })
  t.true(world.conditions().includes('Ready=True AwaitingAcceptance'))
  world.cluster.put(tenantAdmin())
  await world.settle()
  t.is(world.tenant().status?.namespace, 'tenant-globex')
})

test('somebody else’s namespace is no trouble under another Cloud ID', async (t) => {
  const world = ground()
  world.cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tenant-acme' } })
  world.cluster.put(tenant())
  await world.settle()
  t.true(world.conditions().includes('Stalled=True NamespaceConflict'))
  world.edit({ cloudId: 'globex' })
  await world.settle()
  ready(t, world, 'home/acme')
  t.is(world.tenant().status?.namespace, 'tenant-globex')
})

test('a renamed tenant is one tenant where tenants are counted', async (t) => {
  const world = await living(['acme'])
  world.edit({ cloudId: 'globex' })
  await world.pass()
  t.is(new Set(world.cluster.caches.claims.by('server', 'main').map(({ holder }) => holder)).size, 1)
  await world.settle()
  t.is(world.cluster.caches.claims.by('server', 'main').length, 1)
})
