/** Whether an AccessGrant gives access now: for each rule the AccessGrant that breaks it. */
import test from 'ava'
import { judge } from '../../../../operator/accessgrant/terms/judge-grant.ts'
import type { GrantFacts } from '../../../../operator/accessgrant/terms/grant-problems.ts'
import { accessGrant, condition, tenant, tenantAdmin } from '../../../gen.ts'

const hour = 3_600_000
const start = Date.parse('2030-01-01T00:00:00Z')
const msp = tenant({ spec: { type: 'MSP' } })
const globex = tenant({ name: 'globex', uid: 'uid-globex', namespace: 'tenant-acme' })
const technician = { username: 'tom', email: 'tom@acme.example.com', role: 'Technician' }
const tom = tenantAdmin({ name: 'tom', uid: 'uid-tom', spec: technician })
const recorded = { observedGeneration: 1, tenantUid: 'uid-globex' } as const
const delegation = (spec = {}) => ({ ...accessGrant({ spec }), status: recorded })
const masquerade = (spec = {}, uid = 'uid-grant') => ({
  ...accessGrant({ uid, spec: { type: 'Masquerade', username: 'root', reason: 'Ticket 1', ...spec } }),
  status: recorded,
})

const facts = (given: Partial<GrantFacts>): GrantFacts => ({
  grant: delegation(),
  tenant: globex,
  uids: ['uid-globex'],
  named: true,
  home: { kind: 'Msp', parent: msp, ancestors: [msp] },
  staff: [tom],
  masquerades: given.grant?.spec.type === 'Masquerade' ? [given.grant] : [],
  settings: { userPrefix: 'oidc:', masqueradeLimit: hour },
  now: start,
  ...given,
})

const told = (given: Partial<GrantFacts>): string => {
  const judged = judge(facts(given))
  if (judged.kind === 'Not') return `${judged.verdict.kind} ${judged.verdict.reason}`
  const end = judged.end === undefined ? 'open' : `${(judged.end - start) / hour} h`
  return judged.kind === 'Ended' ? `Ended ${end}` : `${judged.user} ${end}`
}

const staff = (spec: Readonly<Record<string, unknown>>, over = {}) => [
  tenantAdmin({ name: 'tom', uid: 'uid-tom', ...over, spec: { ...technician, ...spec } }),
]
const earlier = masquerade({}, 'uid-earlier')
const running = { ...earlier, status: { ...recorded, phase: 'Active' as const } }

const rows: readonly (readonly [string, string, Partial<GrantFacts>])[] = [
  ['a technician of the MSP has access without an end', 'oidc:tom@acme.example.com open', {}],
  ['until a date', 'oidc:tom@acme.example.com 2 h', { grant: delegation({ until: '2030-01-01T02:00:00Z' }) }],
  [
    'at that date it has ended',
    'Ended 2 h',
    { grant: delegation({ until: '2030-01-01T02:00:00Z' }), now: start + 2 * hour },
  ],
  [
    'a TenantAdmin with a user of the cluster is bound by that user',
    'tom-of-acme open',
    { staff: staff({ user: 'tom-of-acme' }) },
  ],
  [
    'given to an earlier Tenant of the name it opens nothing',
    'Refused TenantReplaced',
    { uids: ['uid-new'], tenant: tenant({ name: 'globex', uid: 'uid-new' }) },
  ],
  [
    'a tenant that took the earlier one over keeps it',
    'oidc:tom@acme.example.com open',
    { uids: ['uid-new', 'uid-globex'] },
  ],
  ['not recorded yet, it waits', 'Reconciling Provisioning', { grant: accessGrant(), named: false }],
  ['only a customer of an MSP has technicians', 'Refused GrantNotAllowed', { home: { kind: 'Home' } }],
  ['no such person', 'Reconciling GranteeNotFound', { staff: [] }],
  ['an admin needs no delegation', 'Refused GrantNotAllowed', { staff: staff({ role: 'Admin' }) }],
  ['a deactivated technician', 'Ready Deactivated', { staff: staff({ state: 'Deactivated' }) }],
  ['a technician who has not accepted', 'Ready AwaitingAnswer', { staff: staff({}, { invite: 'Pending' }) }],
  ['a masquerade is for an hour at most', 'root 1 h', { grant: masquerade() }],
  ['or for less', 'root 0.5 h', { grant: masquerade({ duration: '30m' }) }],
  ['longer than the limit is refused', 'Refused GrantNotAllowed', { grant: masquerade({ duration: '2h' }) }],
  [
    'in force when the limit was lowered, it ends by the new limit',
    'root 1 h',
    { grant: { ...masquerade({ duration: '2h' }), status: { ...recorded, startedAt: '2030-01-01T00:00:00Z' } } },
  ],
  ['a system user is no person', 'Refused GrantNotAllowed', { grant: masquerade({ username: 'system:admin' }) }],
  [
    'one that was refused does not begin later',
    'Refused GrantNotAllowed',
    { grant: { ...masquerade(), status: { ...recorded, phase: 'Refused' } } },
  ],
  [
    'one that has ended stays ended, also when the clock goes back',
    'Ended 1 h',
    { grant: { ...masquerade(), status: { ...recorded, phase: 'Ended', endsAt: '2030-01-01T01:00:00Z' } } },
  ],
  [
    'a second one of the same user is refused',
    'Refused GrantNotAllowed',
    { grant: masquerade(), masquerades: [masquerade(), running] },
  ],
  [
    'once the first has ended the second begins',
    'root 1 h',
    { grant: masquerade(), masquerades: [masquerade(), { ...earlier, status: { ...recorded, phase: 'Ended' } }] },
  ],
]
for (const [sentence, expected, given] of rows) test(`${expected}: ${sentence}`, (t) => t.is(told(given), expected))

test('a refusal that was reported keeps its words', (t) => {
  const said = condition('Ready', 'False', 'TenantReplaced', 'Said before.')
  const judged = judge(
    facts({ grant: { ...masquerade(), status: { ...recorded, phase: 'Refused', conditions: [said] } } }),
  )
  t.like(judged, { verdict: { reason: 'TenantReplaced', message: 'Said before.' } })
})
