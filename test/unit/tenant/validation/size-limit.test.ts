/** Which limit on the size of its data a Tenant may ask for. */
import test from 'ava'
import { tenant, tenantPlan } from '../../../gen.ts'
import { ground } from '../world.ts'

for (const [what, own, plan, reason] of [
  ['more than the plan gives', { maxSize: '11Gi' }, { maxSize: '10Gi' }, 'DatabaseSizeNotAllowed'],
  ['as much as the plan gives', { maxSize: '10240Mi' }, { maxSize: '10Gi' }, undefined],
  ['less', { maxSize: '1Gi' }, { maxSize: '10Gi' }, undefined],
  ['a bound where the plan has none', { maxSize: '1Gi' }, {}, undefined],
  ['less to be done than the plan does', { overSize: 'Warn' }, { overSize: 'Off' }, 'DatabaseSizeNotAllowed'],
  ['more to be done than the plan does', { overSize: 'Off' }, {}, undefined],
] as const)
  test(`a customer of an MSP asks for ${what}`, async (t) => {
    const world = ground()
    world.cluster.put(tenantPlan({ spec: { database: plan } }))
    world.cluster.put(tenant({ name: 'northwind', uid: 'uid-northwind', spec: { type: 'MSP' } }))
    await world.settle('home/northwind')
    world.cluster.put(tenant({ namespace: 'tenant-northwind', spec: { database: own } }))
    await world.settle('tenant-northwind/acme')
    const stalled = world.tenant('tenant-northwind/acme').status?.conditions?.find(({ type }) => type === 'Stalled')
    t.is(stalled?.reason, reason)
  })
