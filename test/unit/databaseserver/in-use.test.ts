/** A DatabaseServer that tenants are placed on is held, and only as long as they are. */
import test from 'ava'

import type { DatabaseServer } from '../../../operator/api/databaseserver.ts'
import { KubeError } from '../../../operator/kube/port.ts'
import { adminSecret, place, setUp } from './scene.ts'

const inUse = 'tenantry.dev/in-use'
type Scene = ReturnType<typeof setUp>

function begun(): Scene {
  const scene = setUp()
  scene.cluster.put(adminSecret())
  return scene
}

const server = ({ cluster }: Scene) => cluster.find<DatabaseServer>('DatabaseServer', 'main')
const held = (scene: Scene) => server(scene)?.metadata.finalizers ?? []
const condition = (scene: Scene, type: string) => scene.status()?.conditions?.find((each) => each.type === type)

function remove({ cluster }: Scene): void {
  cluster.remove('DatabaseServer', 'main')
}

test('a server without tenants bears no finalizer, and goes at once', async (t) => {
  const scene = begun()
  await scene.pass()
  t.deepEqual(held(scene), [])
  remove(scene)
  t.is(server(scene), undefined)
})

test('the first tenant on it costs one write more, and all further passes none', async (t) => {
  const scene = begun()
  place(scene)
  await scene.pass()
  t.deepEqual(held(scene), [inUse])
  t.deepEqual(scene.cluster.writes, ['patch DatabaseServer main', 'patch DatabaseServer/status main'])
  await scene.pass()
  t.is(scene.cluster.writes.length, 2)
})

test('deleted while in use: it stays, names its users and the way out, is quiet, and goes with the last of them', async (t) => {
  const scene = begun()
  place(scene)
  place(scene, 'bakery')
  await scene.pass()
  remove(scene)
  await scene.pass()
  t.deepEqual(held(scene), [inUse])
  t.is(
    condition(scene, 'Stalled')?.message,
    'The DatabaseServer is being deleted, and Tenants use it: home/acme, home/bakery. They keep working, and Tenantry removes it when no Tenant uses it: delete them. To remove it at once, annotate it with tenantry.dev/allow-deletion: main.',
  )
  t.like(scene.ready(), { status: 'False', reason: 'InUse' })
  const { length } = scene.cluster.writes
  await scene.pass()
  t.is(scene.cluster.writes.length, length)

  scene.cluster.remove('Tenant', 'home/acme')
  await scene.pass()
  t.regex(condition(scene, 'Stalled')?.message ?? '', /use it: home\/bakery\./)
  scene.cluster.remove('Tenant', 'home/bakery')
  await scene.pass()
  t.is(server(scene), undefined)
})

test('many users are listed as ten and a number', async (t) => {
  const scene = begun()
  for (let count = 10; count < 22; count += 1) place(scene, `t${count}`)
  await scene.pass()
  remove(scene)
  await scene.pass()
  t.regex(condition(scene, 'Stalled')?.message ?? '', /home\/t10, .*home\/t19 and 2 more\./)
})

test('a deletion that is meant lets it go, also when that is said afterwards', async (t) => {
  const scene = begun()
  place(scene)
  await scene.pass()
  remove(scene)
  await scene.pass()
  const found = server(scene)
  if (found === undefined) return t.fail()
  const other = { 'tenantry.dev/allow-deletion': 'other' }
  scene.cluster.put({ ...found, metadata: { ...found.metadata, annotations: other } })
  await scene.pass()
  t.truthy(server(scene))
  scene.cluster.put({
    ...found,
    metadata: { ...found.metadata, annotations: { 'tenantry.dev/allow-deletion': 'main' } },
  })
  await scene.pass()
  t.is(server(scene), undefined)
})

test('when its CRD goes, nothing waits for its users', async (t) => {
  const scene = begun()
  place(scene)
  await scene.pass()
  scene.cluster.remove('CustomResourceDefinition', 'databaseservers.tenantry.dev')
  remove(scene)
  await scene.pass()
  t.is(server(scene), undefined)
})

test('what was kept of a tenant whose object is gone counts as a tenant, and does not hold the server', async (t) => {
  const scene = begun()
  place(scene)
  await scene.pass()
  scene.cluster.remove('Tenant', 'home/acme')
  await scene.pass()
  t.is(scene.status()?.tenants, 1)
  t.deepEqual(held(scene), [])
})

const denial = 'admission webhook "rules.example.com" denied the request: no finalizers here'

for (const [what, error, type] of [
  ['refused', new KubeError('Forbidden', denial, 403, { refusal: denial, refusedBy: 'Webhook' }), 'Stalled'],
  [
    'not answered by a webhook',
    new KubeError('Unavailable', 'late', 500, { webhook: 'rules.example.com' }),
    'Reconciling',
  ],
] as const)
  test(`a finalizer that is ${what}: the server is looked at and stays Ready, and the condition ${type} tells it until it is written`, async (t) => {
    const scene = begun()
    place(scene)
    scene.cluster.before = (write) => {
      if (write === 'patch DatabaseServer main') throw error
    }
    const result = await scene.pass()
    t.deepEqual(held(scene), [])
    t.deepEqual(result, { stuck: { base: 5_000, cap: 60_000 } })
    t.like(scene.ready(), { status: 'True', reason: 'Connected' })
    t.is(scene.status()?.tenants, 1)
    t.is(scene.status()?.version, '18.4')
    const told = condition(scene, type)
    t.regex(
      told?.message ?? '',
      /rules\.example\.com.* Until then a deletion of the DatabaseServer does not wait for the Tenants that use it\.$/,
    )
    t.true(scene.ready()?.message.endsWith(told?.message ?? '?'))
    const { length } = scene.cluster.writes
    await scene.pass()
    t.is(scene.cluster.writes.length, length)

    scene.cluster.before = () => {}
    await scene.pass()
    t.deepEqual(held(scene), [inUse])
    t.is(condition(scene, type), undefined)
    t.is(scene.ready()?.message, 'The server answers, and tenants can be placed on it.')
  })
