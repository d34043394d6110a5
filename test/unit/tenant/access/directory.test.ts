/** Who stands in a tenant's admin directory. */
import test from 'ava'

import { tenant, tenantAdmin } from '../../../gen.ts'
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
