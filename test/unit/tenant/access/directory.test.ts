/** Who stands in a tenant's admin directory. */
import test from 'ava'

import type { Secret } from '../../../../operator/kube/resources.ts'
import { tenant, tenantAdmin, tenantSettings } from '../../../gen.ts'
import { ground } from '../world.ts'

test('an admin who takes the username of another after both have accepted stands in no directory', async (t) => {
  const world = ground()
  const since = (name: string, acceptedAt: string, username = name) => {
    const admin = tenantAdmin({ name, uid: `uid-${name}`, spec: { username, email: `${name}@example.com` } })
    const invite = { status: 'Accepted' as const, sequence: 1, acceptedAt, address: admin.spec.email }
    return { ...admin, status: { observedGeneration: 1, invite } }
  }
  world.cluster.put(tenant())
  world.cluster.put(since('ann', '2030-01-01T00:00:00Z'))
  world.cluster.put(since('bob', '2030-01-02T00:00:00Z', 'ANN'))
  await world.settle()
  t.like(world.postgres.directories.get(world.tenant().status?.database?.name ?? ''), [
    { username: 'ann', email: 'ann@example.com' },
  ])
  t.is(world.postgres.directories.get(world.tenant().status?.database?.name ?? '')?.length, 1)
})

const secret = (name: string, type: string, data: Readonly<Record<string, string>>): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: `tenantry.dev/${type}`,
  metadata: { name, namespace: tenantSettings.webNamespace, labels: { 'tenantry.dev/admin-uid': 'uid-ann' } },
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
})

test('The directory has the password of the acceptance, the one that was chosen after it, and after another acceptance that one', async (t) => {
  const world = ground()
  const accept = (sequence: number, acceptedAt: string) => {
    const admin = tenantAdmin({ name: 'ann', uid: 'uid-ann', spec: { username: 'ann', email: 'ann@example.com' } })
    const invite = { status: 'Accepted' as const, sequence, acceptedAt, address: admin.spec.email }
    world.cluster.put({ ...admin, status: { observedGeneration: 1, invite } })
    world.cluster.put(secret(`accept-uid-ann-${sequence}`, 'acceptance', { passwordHash: `accepted ${sequence}` }))
  }
  const hash = async () => {
    await world.settle()
    const rows = world.postgres.directories.get(world.tenant().status?.database?.name ?? '')
    return rows?.map(({ passwordHash }) => passwordHash)
  }
  world.cluster.put(tenant())
  accept(1, '2030-01-01T00:00:00Z')
  t.deepEqual(await hash(), ['accepted 1'])
  for (const day of ['02', '03']) {
    const changedAt = `2030-01-${day}T00:00:00Z`
    world.cluster.put(secret('password-uid-ann', 'password', { hash: `chosen on ${day}`, changedAt }))
    t.deepEqual(await hash(), [`chosen on ${day}`])
  }
  accept(2, '2030-01-04T00:00:00Z')
  t.deepEqual(await hash(), ['accepted 2'])
})
