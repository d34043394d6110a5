import test from 'ava'

import { databaseServer, tenant, tenantAdmin, tenantPlan } from '../../gen.ts'
import { World } from './world.ts'

/** A home namespace, a plan and a server. */
function ground(): World {
  const world = new World()
  world.cluster.put(tenantPlan())
  world.cluster.put(databaseServer())
  return world
}

test('declared with an accepted admin: everything in one pass, in eleven writes', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.pass()
  t.snapshot(world.effects)
  t.true(world.cluster.writes.length <= 11)
  t.deepEqual(world.conditions(), [
    'AdminAccepted=True Accepted',
    'Available=True Provisioned',
    'DatabaseReady=True Provisioned',
    'LicenseValid=True NoLicense',
    'NamespaceReady=True Provisioned',
    'Ready=True Provisioned',
  ])
})

test('converged: not one write, not one statement', async (t) => {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  const before = [world.effects.length, world.postgres.statements.length]
  for (let pass = 0; pass < 5; pass += 1) await world.pass()
  t.deepEqual([world.effects.length, world.postgres.statements.length], before)
})
