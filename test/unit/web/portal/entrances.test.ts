/** Who can enter which tenant, as the RoleBindings of the tenants have it. */
import test from 'ava'
import type { AccessGrant } from '../../../../operator/api/accessgrant.ts'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import { entrancesOf } from '../../../../operator/web/portal/entrances.ts'
import type { Person } from '../../../../operator/web/identity/identity.ts'
import { People, person } from '../people.ts'

function scene() {
  const people = new People()
  const msp = people.tenant('msp', { spec: { type: 'MSP' } })
  const customers = ['harbor', 'atlas'].map((name) => people.tenant(name, { namespace: 'tenant-msp' }))
  const other = people.tenant('other')
  const enter = (as: Partial<Person> = {}) =>
    entrancesOf(person(as), people.caches, people.clock.now()).map(
      ({ tenant, way, until }) =>
        `${way} ${tenant.metadata.name}${until === undefined ? '' : ` until ${new Date(until).toISOString()}`}`,
    )
  return { people, msp, harbor: customers[0] as Tenant, other, enter }
}

function grant(
  name: string,
  of: Tenant,
  spec: Partial<AccessGrant['spec']>,
  status: Partial<AccessGrant['status']> = {},
): AccessGrant {
  return {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'AccessGrant',
    metadata: { name, namespace: of.metadata.namespace ?? '' },
    spec: { type: 'Delegation', tenantRef: { name: of.metadata.name }, username: 'tess', ...spec },
    status: {
      observedGeneration: 1,
      phase: 'Active',
      tenantUid: of.metadata.uid ?? '',
      user: 'oidc:tess@example.com',
      ...status,
    },
  }
}

test('An admin of an MSP enters it and its customers, and no other tenant', (t) => {
  const { people, msp, enter } = scene()
  people.admin('jane', msp)
  t.deepEqual(enter(), ['Own msp', 'Inherited atlas', 'Inherited harbor'])
  t.deepEqual(enter({ user: 'oidc:john@example.com' }), [])
})

test('A sub-admin of an MSP inherits nothing', (t) => {
  const { people, msp, enter } = scene()
  people.admin('jane', msp, { role: 'SubAdmin', permissions: ['billing'] })
  t.deepEqual(enter(), ['Own msp'])
})

test('One’s own access comes before an inherited one', (t) => {
  const { people, msp, harbor, enter } = scene()
  people.admin('jane', msp)
  people.admin('jane', harbor)
  t.deepEqual(enter(), ['Own harbor', 'Own msp', 'Inherited atlas'])
})

test('A local session enters through the TenantAdmins of its password only', (t) => {
  const { people, msp, other, enter } = scene()
  people.admin('jane', msp)
  people.admin('jane', other)
  t.deepEqual(enter({ admins: ['uid-other-jane'] }), ['Own other'])
  people.put(grant('m', other, { type: 'Masquerade', username: 'oidc:jane@example.com', reason: 'help' }))
  people.put(grant('n', msp, { type: 'Masquerade', username: 'oidc:jane@example.com', reason: 'help' }))
  t.deepEqual(enter({ admins: ['uid-other-jane'] }), ['Own other'])
})

test('A technician enters customers while a delegation is in force, and not the MSP', (t) => {
  const { people, msp, harbor, enter } = scene()
  const tess = people.admin('tess', msp, { role: 'Technician', username: 'Tess', email: 'tess@example.com' })
  people.put({ ...tess, status: { ...tess.status, user: 'oidc:tess@example.com' } })
  const as = { user: 'oidc:tess@example.com', email: 'tess@example.com' }
  t.deepEqual(enter(as), [])
  const until = '2030-01-02T00:00:00Z'
  const given = grant('g', harbor, { until }, { endsAt: until })
  const cases: readonly (readonly [AccessGrant, readonly string[]])[] = [
    [given, ['Delegated harbor until 2030-01-02T00:00:00.000Z']],
    [grant('g', harbor, {}), ['Delegated harbor']],
    [grant('g', harbor, { until: '2029-12-31T00:00:00Z' }), []],
    [grant('g', harbor, {}, { phase: 'Refused' }), []],
    [grant('g', harbor, {}, { phase: 'Ended' }), []],
    [grant('g', harbor, {}, { tenantUid: 'another' }), []],
    [grant('g', harbor, {}, { user: 'oidc:another-tess@example.com' }), []],
    [grant('g', harbor, { username: 'tom' }), []],
    [{ ...given, metadata: { ...given.metadata, deletionTimestamp: until } }, []],
  ]
  for (const [each, expected] of cases) {
    people.put(each)
    t.deepEqual(enter(as), expected, JSON.stringify(each))
  }
  people.put(given)
  people.put(grant('longer', harbor, { until: '2030-01-03T00:00:00Z' }))
  t.deepEqual(enter(as), ['Delegated harbor until 2030-01-03T00:00:00.000Z'])
})

test('A masquerade opens its tenant to the user who acts, until it ends', async (t) => {
  const { people, other, enter } = scene()
  const endsAt = '2030-01-01T01:00:00Z'
  people.put(grant('m', other, { type: 'Masquerade', username: 'tenantry:root', reason: 'help' }, { endsAt }))
  const root = { user: 'tenantry:root', root: true }
  t.deepEqual(enter(root), ['Masquerade other until 2030-01-01T01:00:00.000Z'])
  t.deepEqual(enter(), [])
  await people.clock.advance(3_600_000)
  t.deepEqual(enter(root), [])
})

test('A TenantAdmin that is off opens nothing', (t) => {
  const { people, msp, enter } = scene()
  people.admin('jane', msp, { state: 'Deactivated' })
  t.deepEqual(enter(), [])
})
