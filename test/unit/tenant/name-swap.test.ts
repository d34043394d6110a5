/** Tenants that want each other's names get them in one step. */
import test from 'ava'
import type { ConfigMap } from '../../../operator/kube/resources.ts'
import { claims, living, ready } from './rename-scene.ts'

test('two that want each other’s names exchange them, without aliases', async (t) => {
  const world = await living(['acme', 'globex'])
  world.edit({ cloudId: 'globex' }, 'home/acme')
  world.edit({ cloudId: 'acme' }, 'home/globex')
  await world.settleAll()
  ready(t, world, 'home/acme')
  ready(t, world, 'home/globex')
  t.deepEqual(claims(world), [
    'cloud-id-acme uid-globex 1',
    'cloud-id-globex uid-acme 1',
    'host-acme.example.com uid-globex 1',
    'host-globex.example.com uid-acme 1',
  ])
  for (const [key, cloudId, namespace] of [
    ['home/acme', 'globex', 'tenant-acme'],
    ['home/globex', 'acme', 'tenant-globex'],
  ] as const) {
    const claim = world.cluster.find<ConfigMap>('ConfigMap', `tenantry-system/claim-cloud-id-${cloudId}`)
    t.like(claim?.data, { namespace, server: 'main', tenant: key })
    t.is(claim?.metadata.annotations?.['tenantry.dev/tenant'], key)
    t.like(world.tenant(key).status, { cloudId, namespace, url: `https://${cloudId}.example.com` })
    t.is(world.tenant(key).status?.aliases, undefined)
    t.is(world.cluster.find('Namespace', namespace)?.metadata.labels?.['tenantry.dev/cloud-id'], cloudId)
  }
  t.deepEqual(world.tenant().status?.formerCloudIds, ['acme'])
})

test('a ring of three goes round', async (t) => {
  const names = ['acme', 'globex', 'initech']
  const world = await living(names)
  for (const [index, name] of names.entries()) world.edit({ cloudId: names[(index + 1) % 3] }, `home/${name}`)
  await world.settleAll()
  t.deepEqual(
    names.map((name) => world.tenant(`home/${name}`).status?.cloudId),
    ['globex', 'initech', 'acme'],
  )
  t.is(claims(world).length, 6)
  t.true(claims(world).every((claim) => !claim.includes('alias')))
})

test('an exchange that one backs out of leaves everybody with a name', async (t) => {
  const world = await living(['acme', 'globex'])
  const moments = [
    'patch ConfigMap tenantry-system/claim-cloud-id-globex',
    'patch ConfigMap tenantry-system/claim-cloud-id-acme',
  ]
  for (const moment of moments) {
    world.edit({ cloudId: 'globex' }, 'home/acme')
    world.edit({ cloudId: 'acme' }, 'home/globex')
    world.cluster.after = (write) => {
      if (write === moment) throw new Error('the operator ends here')
    }
    await world.pass('home/acme').catch(() => {})
    world.cluster.after = () => {}
    world.restart()
    world.edit({ cloudId: 'globex' }, 'home/globex')
    await world.settleAll()
    const held = claims(world).filter((claim) => claim.startsWith('cloud-id-') && !claim.includes('alias'))
    t.is(new Set(held.map((claim) => claim.split(' ')[1])).size, 2, held.join())
    world.edit({ cloudId: 'acme' }, 'home/acme')
    world.edit({ cloudId: 'globex' }, 'home/globex')
    await world.settleAll()
    ready(t, world, 'home/acme')
    ready(t, world, 'home/globex')
  }
})

test('a deletion releases the former names too, and is not held up by an exchange', async (t) => {
  const world = await living(['acme', 'globex'])
  world.edit({ cloudId: 'first' })
  await world.settle()
  world.edit({ cloudId: 'globex' })
  world.edit({ cloudId: 'first' }, 'home/globex')
  world.cluster.after = (write) => {
    if (write === 'patch ConfigMap tenantry-system/claim-cloud-id-globex') throw new Error('the operator ends here')
  }
  await world.pass().catch(() => {})
  world.cluster.after = () => {}
  world.restart()
  world.cluster.remove('Tenant', 'home/acme')
  await world.settleAll()
  t.is(world.cluster.find('Tenant', 'home/acme'), undefined)
  ready(t, world, 'home/globex')
  t.deepEqual(
    claims(world).map((claim) => claim.split(' ')[1]),
    claims(world).map(() => 'uid-globex'),
  )
})
