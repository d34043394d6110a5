import test from 'ava'
import { InstallationMismatch, installationOf } from '../../../operator/app/installation.ts'
import { Cluster } from '../tenant/cluster.ts'

const random = { bytes: (size: number) => Buffer.alloc(size, 1) }
const idOf = (cluster: Cluster, configured?: string) =>
  installationOf(cluster.kube, random, 'tenantry-system', configured)

/** As it is made anew by hand, after a loss. */
function kept(id: string): Cluster {
  const cluster = new Cluster()
  const metadata = { name: 'tenantry-installation', namespace: 'tenantry-system' }
  cluster.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { id } })
  return cluster
}

test('An id is made once, and kept', async (t) => {
  const cluster = new Cluster()
  t.is(await idOf(cluster), '0101010101')
  t.is(
    await installationOf(cluster.kube, { bytes: (size) => Buffer.alloc(size, 2) }, 'tenantry-system', undefined),
    '0101010101',
  )
})

test('An id that was put back from a file, with a line break at its end, is the same', async (t) => {
  t.is(await idOf(kept('main\n')), 'main')
  t.is(await idOf(kept('main\n'), 'main'), 'main')
})

test('Another id than the one that is kept is refused', async (t) => {
  await t.throwsAsync(idOf(kept('main'), 'other'), { instanceOf: InstallationMismatch })
})
