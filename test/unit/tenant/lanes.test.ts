/** What is made side by side, and what waits for what. */
import test from 'ava'

import { KubeError } from '../../../operator/kube/port.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { tenant, tenantAdmin } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

function declared(): World {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  return world
}

const passwordSet = ({ postgres }: World) =>
  postgres.statements.some((statement) => statement.startsWith('SetPassword'))

test('the password is on the server only once it is in the Secret, and the roles are there then', async (t) => {
  const world = declared()
  world.postgres.before = (statement) => {
    if (!statement.startsWith('SetPassword')) return
    t.truthy(world.cluster.find('Secret', 'tenant-acme/tenantry-database'))
    t.is(world.postgres.databases.size, 1)
  }
  await world.settle()
  t.true(passwordSet(world))
})

test('a Secret that cannot be made: no password, but the database and the rest of the namespace', async (t) => {
  const world = declared()
  world.cluster.before = (write) => {
    if (write.startsWith('create Secret')) throw new KubeError('Forbidden', 'not allowed', 403)
  }
  await t.throwsAsync(world.pass())
  t.false(passwordSet(world))
  t.true([...world.postgres.databases.values()][0]?.complete)
  t.truthy(world.cluster.find('NetworkPolicy', 'tenant-acme/tenantry-isolation'))
  t.true(world.conditions().includes('NamespaceReady=True Provisioned'))
  world.cluster.before = () => {}
  await world.settle()
  t.true(passwordSet(world))
  t.true(world.conditions().includes('Ready=True Provisioned'))
})

test('a namespace that cannot be made: nothing in it is begun', async (t) => {
  const world = declared()
  world.cluster.before = (write) => {
    if (write.startsWith('create Namespace')) throw new KubeError('Forbidden', 'not allowed', 403)
  }
  await t.throwsAsync(world.pass())
  t.deepEqual(
    world.cluster.writes.filter((write) => write.includes(' tenant-acme/')),
    [],
  )
})

test('roles that cannot be made: no database, no password, but the namespace with its Secret', async (t) => {
  const world = declared()
  world.postgres.before = (statement) => {
    if (statement.startsWith('EnsureRoles')) throw new PostgresError('Timeout', 'too slow')
  }
  await t.throwsAsync(world.pass())
  t.deepEqual(
    world.postgres.statements.filter((statement) => /^(Ensure|Set)/.test(statement)),
    [],
  )
  t.truthy(world.cluster.find('Secret', 'tenant-acme/tenantry-database'))
  t.true(world.conditions().includes('DatabaseReady=False DatabaseUnavailable'))
})
