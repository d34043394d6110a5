/** Data whose Tenant is gone without a decision is told: as a condition, a count and one Warning. */
import test from 'ava'

import type { ConfigMap } from '../../../operator/kube/resources.ts'
import { databaseTarget } from '../../database-target.ts'
import { tenant } from '../../gen.ts'
import { adminSecret, place, setUp } from './scene.ts'

type Scene = ReturnType<typeof setUp>

/** A Tenant on the server, with its claim and its data. */
async function inhabit(scene: Scene, name: string): Promise<void> {
  const uid = `uid-${name}`
  place(scene, name, uid)
  const target = databaseTarget({ installation: 'test', tenant: `home/${name}`, uid })
  await scene.postgres.apply({ kind: 'EnsureRoles', target, verifiers: {} })
}

function begun(): Scene {
  const scene = setUp()
  scene.cluster.put(adminSecret())
  return scene
}

/** The finalizer was taken off by hand. */
const tearOut = ({ cluster }: Scene, name: string) => cluster.remove('Tenant', `home/${name}`)
const condition = (scene: Scene) => scene.status()?.conditions?.find(({ type }) => type === 'Leftovers')

async function looks(scene: Scene, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await scene.pass()
}

test('while each has its Tenant nothing is said', async (t) => {
  const scene = begun()
  await inhabit(scene, 'acme')
  await looks(scene, 3)
  t.is(condition(scene), undefined)
  t.is(scene.status()?.leftovers, undefined)
  t.deepEqual(scene.told, [])
})

test('one that was torn out: two looks agree, then it is told once, with the way out; the server stays Ready', async (t) => {
  const scene = begun()
  await inhabit(scene, 'acme')
  await inhabit(scene, 'gone')
  await looks(scene, 2)
  tearOut(scene, 'gone')
  await scene.pass()
  t.is(condition(scene), undefined, 'the cache may be ahead of the look')
  await scene.pass()
  t.like(condition(scene), { status: 'True', reason: 'TenantGone' })
  t.regex(condition(scene)?.message ?? '', /: home\/gone \(uid uid-gone, role t_\w+, namespace tenant-gone\)\. .*adopt/)
  t.like(scene.status(), { leftovers: 1, tenants: 2 })
  t.is(scene.ready()?.status, 'True')
  t.is(scene.told.length, 1)
  t.regex(scene.told[0] ?? '', /^Warning TenantGone: /)
  const { length } = scene.cluster.writes
  await looks(scene, 3)
  t.is(scene.cluster.writes.length, length)
  t.is(scene.told.length, 1)
})

test('what was said stays while the server does not answer, and after a restart, and goes with the data', async (t) => {
  const scene = begun()
  await inhabit(scene, 'gone')
  tearOut(scene, 'gone')
  await looks(scene, 2)
  t.is(scene.status()?.leftovers, 1)
  scene.restart()
  await scene.pass()
  t.is(scene.status()?.leftovers, 1)
  t.truthy(condition(scene))
  scene.postgres.databases.clear()
  await looks(scene, 2)
  t.is(condition(scene), undefined)
  t.is(scene.status()?.leftovers, undefined)
  t.is(scene.told.length, 1)
})

test('what was kept on purpose is no leftover, and neither is what a Tenant has taken over', async (t) => {
  const scene = begun()
  await inhabit(scene, 'kept')
  await inhabit(scene, 'taken')
  for (const claim of scene.cluster.claims()) change(scene, claim)
  tearOut(scene, 'kept')
  tearOut(scene, 'taken')
  scene.cluster.put(tenant({ name: 'heir', uid: 'uid-heir' }))
  await looks(scene, 3)
  t.is(condition(scene), undefined)
})

/** One is marked as retained, the other is the heir's by now, before its marks are. */
function change({ cluster }: Scene, claim: ConfigMap): void {
  const { metadata, data } = claim
  if (data?.['value'] === 'kept') {
    cluster.put({
      ...claim,
      metadata: { ...metadata, labels: { ...metadata.labels, 'tenantry.dev/retained': 'true' } },
    })
  } else {
    cluster.put({ ...claim, data: { ...data, uid: 'uid-heir', formerUids: 'uid-taken' } })
  }
}

test('many are listed as ten and a number', async (t) => {
  const scene = begun()
  for (let count = 10; count < 22; count += 1) {
    await inhabit(scene, `t${count}`)
    tearOut(scene, `t${count}`)
  }
  await looks(scene, 2)
  t.is(scene.status()?.leftovers, 12)
  t.regex(condition(scene)?.message ?? '', /uid-t19, [^;]*; and 2 more\./)
})
