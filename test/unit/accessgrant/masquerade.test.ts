/** A superadmin who acts as a tenant's admin for a time. */
import test from 'ava'

import { accessGrant } from '../../gen.ts'
import { at, customer, day, hour, masquerade, minute, retention, scene } from './scene.ts'

const inForce = 'Active True Granted'
const ended = 'Ended True Ended'
const refused = 'Refused False GrantNotAllowed Stalled'

test('a masquerade: bound under its own user for its time, with both identities in binding, list and Events', async (t) => {
  const made = await scene()
  made.put(masquerade({ spec: { duration: '30m' } }))
  await made.settle()
  t.is(made.said(), inForce)
  t.deepEqual(made.bound(), ['root tenantry-tenant-granted'])
  t.like(made.grant()?.status, { user: 'root', startedAt: at(0), endsAt: at(30 * minute) })
  t.deepEqual(made.told(), [
    {
      type: 'Masquerade',
      grant: 'tenant-acme/grant',
      uid: 'uid-grant',
      user: 'root',
      as: 'gus',
      reason: 'Ticket 1',
      until: at(30 * minute),
    },
  ])
  t.deepEqual(made.entries().at(-1), {
    user: 'root',
    username: 'root',
    origin: 'Masquerade',
    grant: 'tenant-acme/grant',
    as: 'gus',
    reason: 'Ticket 1',
    until: at(30 * minute),
    roles: ['tenantry-tenant-granted'],
  })
  t.deepEqual(made.events, ['AccessGrant grant: Normal MasqueradeBegan', 'Tenant globex: Normal MasqueradeBegan'])
  t.is(made.notes[0], `root acts as the admin gus of the Tenant globex until ${at(30 * minute)}. Reason: Ticket 1`)
  await made.after(30 * minute)
  t.is(made.said(), ended)
  t.deepEqual(made.bound(), [])
  t.is(made.login(), 'b')
  t.deepEqual(made.events.slice(2), [
    'AccessGrant grant: Normal MasqueradeEnded',
    'Tenant globex: Normal MasqueradeEnded',
  ])
})

test('without a duration it lasts as long as it may; its object is collected later', async (t) => {
  const made = await scene()
  made.put(masquerade())
  await made.settle()
  t.is(made.grant()?.status?.endsAt, at(hour))
  await made.after(hour)
  t.is(made.said(), ended)
  const due = made.due.get('tenant-acme/grant') ?? 0
  t.true(due > retention - minute && due <= retention)
  await made.after(retention)
  t.is(made.grant(), undefined)
})

test('its time is counted from its creation, whatever the tenant does meanwhile', async (t) => {
  const made = await scene()
  made.world.edit({ state: 'Deactivated' }, customer)
  made.put(masquerade({ spec: { duration: '30m' } }))
  await made.settle()
  t.is(made.said(), '- True Deactivated')
  t.deepEqual(made.bound(), ['root tenantry-tenant-reader'])
  made.world.edit({ state: 'Active' }, customer)
  await made.after(20 * minute)
  t.is(made.said(), inForce)
  t.is(made.grant()?.status?.endsAt, at(30 * minute))
  await made.after(10 * minute)
  t.is(made.said(), ended)
})

test('a shorter duration ends it earlier', async (t) => {
  const made = await scene()
  made.put(masquerade())
  await made.after(20 * minute)
  made.put({ ...masquerade({ spec: { duration: '10m' } }), status: made.grant()?.status ?? { observedGeneration: 1 } })
  await made.settle()
  t.is(made.said(), ended)
  t.deepEqual(made.bound(), [])
})

test('once ended it stays so: a clock that was ahead and is set back revives no masquerade', async (t) => {
  const made = await scene()
  made.put(masquerade())
  await made.settle()
  made.world.clock.setWall(made.world.clock.now() + day)
  await made.settle()
  t.is(made.said(), ended)
  made.world.clock.setWall(made.world.clock.now() - day)
  await made.settle()
  t.is(made.said(), ended)
  t.deepEqual(made.bound(), [])
})

test('longer than the limit: refused, told on the AccessGrant alone, and collected later', async (t) => {
  const made = await scene()
  made.put(masquerade({ spec: { duration: '2h' } }))
  await made.settle()
  t.is(made.said(), refused)
  t.is(
    made.message(),
    'spec.duration 2h is longer than a masquerade may last, which is 1h (settings.masqueradeLimit). Delete this AccessGrant and create another.',
  )
  t.deepEqual(made.bound(), [])
  t.deepEqual(made.events, ['AccessGrant grant: Warning GrantRefused'])
  await made.after(retention + hour)
  t.is(made.grant(), undefined)
})

test('no person: refused, also where no policy stands before it', async (t) => {
  const made = await scene()
  made.put(masquerade({ spec: { username: 'system:serviceaccount:ci:robot' } }))
  await made.settle()
  t.is(made.said(), refused)
})

test('one at a time: the second is refused for good, also when the first has ended', async (t) => {
  const made = await scene()
  made.put(
    masquerade({
      namespace: 'home',
      name: 'first',
      uid: 'uid-1',
      spec: { tenantRef: { name: 'acme' }, duration: '10m' },
    }),
  )
  await made.settle()
  t.is(made.said('first', 'home'), inForce)
  t.deepEqual(made.bound('tenant-acme'), ['root tenantry-tenant-granted'])
  t.deepEqual(made.bound(), [], 'an MSP that somebody masquerades in does not hand its customers on')
  made.put(masquerade({ uid: 'uid-2' }))
  await made.settle()
  t.is(made.said(), refused)
  t.is(
    made.message(),
    'spec.username root masquerades already, by the AccessGrant first in the namespace home. End that one first, then create another.',
  )
  await made.after(20 * minute)
  t.is(made.said('first', 'home'), ended)
  t.is(made.said(), refused)
  made.put(masquerade({ name: 'third', uid: 'uid-3', creationTimestamp: at(20 * minute) }))
  await made.settle()
  t.is(made.said('third'), inForce)
})

test('two at the same moment: one of them, and the same one in every pass', async (t) => {
  const made = await scene()
  made.put(masquerade({ name: 'one', uid: 'uid-b' }))
  made.put(masquerade({ name: 'two', uid: 'uid-a' }))
  await made.settle()
  t.deepEqual([made.said('one'), made.said('two')], [refused, inForce])
  t.deepEqual(made.bound(), ['root tenantry-tenant-granted'])
})

test('several persons at once, and a delegation beside them', async (t) => {
  const made = await scene()
  made.put(masquerade({ name: 'one', uid: 'uid-1' }))
  made.put(masquerade({ name: 'two', uid: 'uid-2', spec: { username: 'rita' } }))
  made.put(accessGrant())
  await made.settle()
  t.deepEqual(
    made.binding()?.subjects?.map(({ name }) => name),
    ['oidc:tom@acme.example.com', 'rita', 'root'],
  )
  t.is(made.world.tenant(customer).status?.database?.readers?.length, 5)
  await made.after(hour)
  t.deepEqual(made.bound(), ['oidc:tom@acme.example.com tenantry-tenant-granted'])
  t.is(made.login(), 'b', 'one rotation for both')
})

test('who has access otherwise too loses nothing by the end of a masquerade, and the password stays', async (t) => {
  const made = await scene()
  made.put(masquerade({ spec: { username: 'oidc:jane@example.com' } }))
  await made.settle()
  await made.after(hour)
  t.is(made.said(), ended)
  t.is(made.login(), 'a')
})
