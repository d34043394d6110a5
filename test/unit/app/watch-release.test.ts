/** Whom the annotation that releases all deletions wakes. */
import test from 'ava'

import { tenants } from '../../../operator/api/tenant.ts'
import { namespaces } from '../../../operator/kube/resources.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { createSources } from '../../../operator/app/sources.ts'
import { releaseRow } from '../../../operator/app/watch-release.ts'
import { homeNamespace, tenant } from '../../gen.ts'
import { FakeClock, seededRandom } from '../runtime/fake-clock.ts'
import { FakeKube } from '../runtime/fake-kube.ts'

test("on the operator's namespace it wakes the Tenants that are being deleted, and nobody else", async (t) => {
  const clock = new FakeClock()
  const kube = new FakeKube()
  const ports = { watcher: kube, clock, random: seededRandom(), log: silent, features: { watchList: false } }
  const sources = createSources(ports, { namespace: 'tenantry-system', webNamespace: 'tenantry-system-web' }, 'main')
  await kube.create(tenants, tenant())
  await kube.create(tenants, tenant({ name: 'held', uid: 'uid-held', deletionTimestamp: '2030-01-01T00:00:00Z' }))
  for (const name of ['tenantry-system', 'elsewhere']) await kube.create(namespaces, homeNamespace(name))
  const woken: string[] = []
  releaseRow(sources, 'tenantry-system').connect(({ controller, key }) => void woken.push(`${controller} ${key}`))
  const ending = new AbortController()
  const running = [sources.namespaces, sources.tenants].map((source) => source.run(ending.signal))
  t.teardown(async () => {
    ending.abort()
    await Promise.all(running)
  })
  const wakesOf = async (name: string, annotations: object): Promise<readonly string[]> => {
    await clock.advance(0)
    await kube.patch(namespaces, { name }, { metadata: { annotations } })
    await clock.advance(0)
    return woken.splice(0)
  }
  const released = { 'tenantry.dev/release-deletion': 'tenantry-system' }
  t.deepEqual(await wakesOf('elsewhere', released), [])
  t.deepEqual(await wakesOf('tenantry-system', { other: 'words' }), [])
  t.deepEqual(await wakesOf('tenantry-system', released), ['tenant home/held'])
})
