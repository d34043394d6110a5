/** A technician who becomes admin of a customer, for a time or without an end. */
import test from 'ava'

import { accessGrant, tenantAdmin } from '../../gen.ts'
import { at, customer, day, hour, scene } from './scene.ts'
import type { Scene } from './scene.ts'

const inForce = 'Active True Granted'
const worker = 'oidc:tom@acme.example.com tenantry-tenant-granted'

test('an open end: bound, said, listed, told once on the AccessGrant and on the Tenant', async (t) => {
  const made = await scene()
  made.put(accessGrant({ spec: { reason: 'Ticket 4711' } }))
  await made.settle()
  t.deepEqual(made.bound(), [worker])
  t.is(made.said(), inForce)
  t.like(made.grant()?.status, { user: 'oidc:tom@acme.example.com', startedAt: at(0), endsAt: undefined })
  t.is(made.message(), 'oidc:tom@acme.example.com has access to the Tenant globex until this AccessGrant is deleted.')
  t.deepEqual(made.events, ['AccessGrant grant: Normal AccessGranted', 'Tenant globex: Normal AccessGranted'])
  t.deepEqual(made.told(), [
    { type: 'Delegation', grant: 'tenant-acme/grant', uid: 'uid-grant', user: 'oidc:tom@acme.example.com' },
  ])
  t.is(
    made.list()?.data?.['access.txt'],
    [
      'gus (oidc:gus@globex.example.com): of this tenant, bound to tenantry-tenant-admin, without an end.',
      'jane (oidc:jane@example.com): admin of the MSP acme, which has all its customers, bound to tenantry-tenant-admin, without an end.',
      'tom (oidc:tom@acme.example.com): technician of the MSP acme, by the AccessGrant tenant-acme/grant, bound to tenantry-tenant-granted, without an end. Reason: Ticket 4711',
      '',
    ].join('\n'),
  )
  t.is(made.due.get('tenant-acme/grant'), undefined)
  const before = made.world.effects.length
  await made.after(day)
  t.is(made.world.effects.length, before, 'nothing changed, nothing is written')
  t.is(made.events.length, 2)
})

test('until a time: it is due then, the binding goes, the password changes, and it is said once', async (t) => {
  const made = await scene()
  made.put(accessGrant({ spec: { until: at(2 * hour) } }))
  await made.settle()
  t.is(made.said(), inForce)
  t.is(made.grant()?.status?.endsAt, at(2 * hour))
  t.is(made.login(), 'a')
  t.true((made.due.get('tenant-acme/grant') ?? 0) <= 2 * hour)
  t.true((made.world.due.get(customer) ?? Infinity) <= 2 * hour, "the tenant's own pass takes the binding away")
  await made.after(2 * hour)
  t.deepEqual(made.bound(), [])
  t.is(made.binding(), undefined)
  t.is(made.said(), 'Ended True Ended')
  t.is(made.login(), 'b', 'somebody who could read the Secret has no access any more')
  t.deepEqual(
    made.entries().map(({ username }) => username),
    ['gus', 'jane'],
  )
  t.deepEqual(made.events.slice(2), ['AccessGrant grant: Normal AccessEnded', 'Tenant globex: Normal AccessEnded'])
  await made.after(day)
  t.is(made.events.length, 4)
  t.truthy(made.grant(), 'a GitOps tool declares it: it stays')
})

test('an end that is over at creation: Ended at once, and nobody had anything', async (t) => {
  const made = await scene()
  made.put(accessGrant({ spec: { until: at(-hour) } }))
  await made.settle()
  t.is(made.said(), 'Ended True Ended')
  t.is(made.grant()?.status?.startedAt, undefined)
  t.is(made.login(), 'a')
  t.deepEqual(made.bound(), [])
})

test('an earlier end counts; a deletion ends it at once', async (t) => {
  const made = await scene()
  made.put(accessGrant())
  await made.settle()
  made.put(accessGrant({ spec: { until: at(hour) } }))
  await made.settle()
  t.is(made.grant()?.status?.endsAt, at(hour))
  made.world.cluster.remove('AccessGrant', 'tenant-acme/grant')
  await made.settle()
  t.deepEqual(made.bound(), [])
  t.is(made.login(), 'b')
})

test('a clock that was ahead and is set back: what was ended by it is in force again, as its time has not come', async (t) => {
  const made = await scene()
  made.put(accessGrant({ spec: { until: at(day) } }))
  await made.settle()
  made.world.clock.setWall(made.world.clock.now() + 2 * day)
  await made.settle()
  t.is(made.said(), 'Ended True Ended')
  t.deepEqual(made.bound(), [])
  made.world.clock.setWall(made.world.clock.now() - 2 * day)
  await made.settle()
  t.is(made.said(), inForce)
  t.deepEqual(made.bound(), [worker])
})

test('a restart forgets nothing: the end is waited for again', async (t) => {
  const made = await scene()
  made.put(accessGrant({ spec: { until: at(hour) } }))
  await made.settle()
  made.restart()
  await made.settle()
  t.true((made.due.get('tenant-acme/grant') ?? Infinity) <= hour)
  await made.world.clock.advance(hour)
  made.restart()
  await made.settle()
  t.is(made.said(), 'Ended True Ended')
  t.is(made.login(), 'b')
})

test('a status that is lost is found again from the spec', async (t) => {
  const made = await scene()
  made.put(accessGrant({ spec: { until: at(hour) } }))
  await made.after(2 * hour)
  made.put(accessGrant({ spec: { until: at(hour) } }))
  await made.settle()
  t.is(made.said(), 'Ended True Ended')
  t.deepEqual(made.bound(), [])
})

const persons: readonly (readonly [string, (made: Scene) => void, string])[] = [
  [
    'nobody of that username',
    (made) => made.world.cluster.remove('TenantAdmin', 'home/tom'),
    '- False GranteeNotFound Reconciling',
  ],
  ['an admin of the MSP', (made) => made.technician({ role: 'Admin' }), 'Refused False GrantNotAllowed Stalled'],
  [
    'a sub-admin of the MSP',
    (made) => made.technician({ role: 'SubAdmin', permissions: ['view'] }),
    'Refused False GrantNotAllowed Stalled',
  ],
  ['who has not accepted', (made) => made.technician({}, { invite: 'Pending' }), '- True AwaitingAnswer'],
  ['who is deactivated', (made) => made.technician({ state: 'Deactivated' }), '- True Deactivated'],
  ['who is archived', (made) => made.technician({ state: 'Archived' }), '- True Archived'],
  [
    "whose user is Kubernetes' own",
    (made) => made.technician({ user: 'system:admin' }),
    'Refused False GrantNotAllowed Stalled',
  ],
]

for (const [who, change, said] of persons) {
  test(`${who}: no access, and the reason is said; as a technician again it is back`, async (t) => {
    const made = await scene()
    made.put(accessGrant())
    await made.settle()
    t.is(made.said(), inForce)
    change(made)
    await made.settle()
    t.deepEqual(made.bound(), [])
    t.is(made.said(), said)
    t.is(made.login(), who === 'an admin of the MSP' ? 'a' : 'b', 'it changes where somebody lost access')
    made.technician()
    await made.settle()
    t.is(made.said(), inForce)
    t.deepEqual(made.bound(), [worker])
    t.is(made.grant()?.status?.startedAt, at(0))
  })
}

test('the username counts in whatever case; of another MSP nobody counts', async (t) => {
  const made = await scene()
  made.put(accessGrant({ spec: { username: 'TOM' } }))
  await made.settle()
  t.is(made.said(), inForce)
  made.world.cluster.remove('TenantAdmin', 'home/tom')
  made.technician({ tenantRef: { name: 'other' } })
  await made.settle()
  t.is(made.said(), '- False GranteeNotFound Reconciling')
  made.world.cluster.put(
    tenantAdmin({
      name: 'tom',
      uid: 'uid-tom-2',
      namespace: 'tenant-acme',
      spec: { tenantRef: undefined, username: 'tom', email: 'tom@acme.example.com', role: 'Technician' },
    }),
  )
  await made.settle()
  t.is(made.said(), inForce, "a technician in the MSP's own namespace")
})
