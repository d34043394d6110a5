/** A pass writes the status at most twice: once before a step that is long or final, and at its end. */
import test from 'ava'
import { annotations } from '../../../../operator/api/names.ts'
import { tenant, tenantAdmin } from '../../../gen.ts'
import { ground } from '../world.ts'
import type { World } from '../world.ts'

function rotate(world: World): void {
  const { metadata, ...rest } = world.tenant()
  const asked = { ...metadata.annotations, [annotations.rotateRequestedAt]: 'one' }
  world.cluster.put({ ...rest, metadata: { ...metadata, annotations: asked } })
}

const loseSecret = (world: World) => world.cluster.remove('Secret', 'tenant-acme/tenantry-database')

const rows: readonly (readonly [what: string, happens: (world: World) => void, writes: number])[] = [
  ['drift is repaired', (world) => world.cluster.remove('NetworkPolicy', 'tenant-acme/tenantry-isolation'), 0],
  [
    'it is turned off',
    (world) => world.cluster.put({ ...world.tenant(), spec: tenant({ spec: { state: 'Deactivated' } }).spec }),
    1,
  ],
  ['its password is rotated', rotate, 2],
  ['its credentials are lost', loseSecret, 2],
  ['they are lost and a rotation is asked for', (world) => [loseSecret(world), rotate(world)], 2],
  ['it is deleted', (world) => world.cluster.remove('Tenant', 'home/acme'), 2],
]

for (const [what, happens, writes] of rows)
  test(`how often a pass writes the status, when ${what}: ${writes}`, async (t) => {
    const world = ground()
    world.cluster.put(tenantAdmin())
    world.cluster.put(tenant())
    await world.settle()
    t.true(world.mostStatusWrites <= 2, 'as it is made')
    world.mostStatusWrites = 0
    happens(world)
    await world.settle()
    t.is(world.mostStatusWrites, writes)
  })
