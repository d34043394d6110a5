import test from 'ava'
import type { TenantAdmin } from '../../../operator/api/tenantadmin.ts'
import { adminProblemOf } from '../../../operator/tenantadmin/admin-problems.ts'
import type { Snapshot } from '../../../operator/tenantadmin/snapshot.ts'
import { tenant, tenantAdmin } from './gen.ts'
import { foundTenant, snapshot } from './snapshot.ts'

const rival = (over: Parameters<typeof tenantAdmin>[0], acceptedAt?: string): TenantAdmin => {
  const admin = tenantAdmin({ name: 'rival', ...over })
  return acceptedAt === undefined ? admin : { ...admin, status: { observedGeneration: 1, invite: { acceptedAt } } }
}

const subAdmin = (...permissions: string[]) => tenantAdmin({ spec: { role: 'SubAdmin', permissions } })
const technician = tenantAdmin({ spec: { role: 'Technician' } })

const table: readonly (readonly [string, Partial<Snapshot>, string | undefined])[] = [
  ['an admin as it should be', {}, undefined],
  ['a technician of a customer', { admin: technician }, 'Stalled TechnicianNotAllowed'],
  [
    'a technician of an MSP',
    { admin: technician, home: foundTenant({ tenant: tenant({ spec: { type: 'MSP' } }) }) },
    undefined,
  ],
  ['a sub-admin with a role that the plan offers', { admin: subAdmin('viewer') }, undefined],
  ['a sub-admin with one that it does not', { admin: subAdmin('viewer', 'root') }, 'Stalled RoleNotOffered'],
  [
    'a sub-admin while the plan is not known',
    { admin: subAdmin('viewer'), home: foundTenant({ offeredRoles: undefined }) },
    'Reconciling PlanNotFound',
  ],
  [
    'an older admin with the same username',
    { others: [rival({ created: '2029-01-01T00:00:00Z' })] },
    'Stalled UsernameTaken',
  ],
  ['a younger one', { others: [rival({ created: '2031-01-01T00:00:00Z' })] }, undefined],
  [
    'a younger one that has accepted',
    { others: [rival({ created: '2031-01-01T00:00:00Z' }, '2031-01-02T00:00:00Z')] },
    'Stalled UsernameTaken',
  ],
  [
    'the username in other letters',
    { others: [rival({ created: '2029-01-01T00:00:00Z', spec: { username: 'JANE' } })] },
    'Stalled UsernameTaken',
  ],
  [
    'an older one with another username',
    { others: [rival({ created: '2029-01-01T00:00:00Z', spec: { username: 'joe' } })] },
    undefined,
  ],
  ['as many admins as the plan allows', { ahead: 3 }, 'Stalled AdminLimitReached'],
  ['one fewer', { ahead: 2 }, undefined],
  [
    'as many, and this one is invited already',
    { ahead: 3, admin: { ...tenantAdmin(), status: { observedGeneration: 1, invite: { sequence: 1 } } } },
    undefined,
  ],
  ['a password Secret that is missing', { password: 'Missing' }, 'Reconciling SecretNotFound'],
  ['a password Secret of another type', { password: 'Invalid' }, 'Stalled PasswordSecretInvalid'],
]

for (const [title, facts, expected] of table) {
  test(`${title}: ${expected ?? 'no problem'}`, (t) => {
    const problem = adminProblemOf(snapshot(facts))
    t.is(problem === undefined ? undefined : `${problem.kind} ${problem.reason}`, expected)
    if (problem !== undefined) t.regex(problem.message, /spec\./)
  })
}

test('A rival that is being deleted holds nothing', (t) => {
  const leaving = rival({ created: '2029-01-01T00:00:00Z' })
  const others = [{ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } }]
  t.is(adminProblemOf(snapshot({ others })), undefined)
})
