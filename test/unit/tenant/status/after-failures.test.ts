/** What the status says after failures: each in the condition of its part, the gravest in Ready, and what was made stays. */
import test from 'ava'
import { KubeError } from '../../../../operator/kube/port.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import type { Action, Target } from '../../../../operator/tenant/model/action.ts'
import type { Failure, Outcome } from '../../../../operator/tenant/model/outcome.ts'
import type { Outlook, Part } from '../../../../operator/tenant/model/outlook.ts'
import { afterFailures } from '../../../../operator/tenant/status/outlook-after-failures.ts'
import { databaseTarget } from '../../../database-target.ts'
import { outlook as inOrder } from '../outlook.ts'

const planned = inOrder({
  fields: {
    cloudId: 'acme',
    namespace: 'tenant-acme',
    url: 'https://x',
    plan: 'standard',
    planRevision: '1',
    database: { server: 'main' },
  },
})
const write: Action = { kind: 'DeleteNamespace', namespace: 'tenant-acme', uid: 'u' }
const database = databaseTarget()
const onServer: Action = { kind: 'EnsureDatabase', server: 'main', target: database, certainlyAbsent: false }
const failed = (target: Target, action: Action, error: unknown): Failure => ({ target, action, error })
const outage = failed('Content', write, new KubeError('Unavailable', 'x', 503))
const refusal = failed('Content', write, new KubeError('Forbidden', 'x', 403, { refusal: 'no' }))
const silent = failed('Database', onServer, new PostgresError('Unavailable', 'x'))
const none: Pick<Outcome, 'failures' | 'skipped' | 'undone' | 'refusedParameters'> = {
  failures: [],
  skipped: [],
  undone: [],
}
const stalled = { reason: 'PlanNotAllowed', message: '' } as const

type Row = readonly [
  sentence: string,
  outcome: Partial<typeof none>,
  outlook: Partial<Outlook>,
  phase: Outlook['phase'],
  /** Ready, Reconciling, Stalled, namespace, database. */
  said: string,
]
const rows: readonly Row[] = [
  ['nothing failed', {}, {}, 'Active', 'Provisioned - - Done Done'],
  [
    'an outage is retried',
    { failures: [outage] },
    {},
    'Provisioning',
    'ApiServerUnavailable ApiServerUnavailable - ApiServerUnavailable Done',
  ],
  [
    'a refusal needs a person',
    { failures: [refusal] },
    {},
    'Provisioning',
    'ApiServerRefused - ApiServerRefused ApiServerRefused Done',
  ],
  [
    'a failure that needs a person is told before one that is retried',
    { failures: [silent, refusal] },
    {},
    'Provisioning',
    'ApiServerRefused - ApiServerRefused ApiServerRefused DatabaseUnavailable',
  ],
  [
    'of two that are retried the first is told',
    { failures: [silent, outage] },
    {},
    'Provisioning',
    'DatabaseUnavailable DatabaseUnavailable - ApiServerUnavailable DatabaseUnavailable',
  ],
  [
    'a part that was not begun has the reason of the failure before it',
    { failures: [outage], skipped: ['Database'] },
    {},
    'Provisioning',
    'ApiServerUnavailable ApiServerUnavailable - ApiServerUnavailable ApiServerUnavailable',
  ],
  [
    'a problem of the spec stays in Ready, and the retry is told beside it',
    { failures: [outage] },
    { stalled },
    'Provisioning',
    'PlanNotAllowed ApiServerUnavailable PlanNotAllowed ApiServerUnavailable Done',
  ],
  [
    'a tenant that was Active stays Active',
    { failures: [silent] },
    { wasActive: true },
    'Active',
    'DatabaseUnavailable DatabaseUnavailable - Done DatabaseUnavailable',
  ],
  [
    'a suspended tenant is not being made',
    { failures: [silent] },
    { phase: 'Deactivated' },
    'Deactivated',
    'DatabaseUnavailable DatabaseUnavailable - Done DatabaseUnavailable',
  ],
  [
    'a tenant that keeps its old name is not being made',
    { failures: [failed('Names', write, new KubeError('Unavailable', 'x', 503))] },
    {},
    'Active',
    'ApiServerUnavailable ApiServerUnavailable - Done Done',
  ],
  [
    'refused parameters are no failure: all else is in order',
    { refusedParameters: { server: 'main', names: ['jit'] } },
    {},
    'Active',
    'ParameterRefused - ParameterRefused Done Done',
  ],
]

const reasonOf = (part: Part | undefined) => (part === undefined ? '-' : part === 'Done' ? part : part.reason)

for (const [sentence, outcome, outlook, phase, said] of rows)
  test(`${phase} ${said}: ${sentence}`, (t) => {
    const after = afterFailures({ ...planned, ...outlook }, { ...none, ...outcome })
    t.is(after.phase, phase)
    t.is([after.ready, after.reconciling, after.stalled, after.namespace, after.database].map(reasonOf).join(' '), said)
  })

const fields: readonly (readonly [string, Partial<typeof none>, readonly string[]])[] = [
  ['nothing failed', {}, ['cloudId', 'database', 'namespace', 'plan', 'planRevision', 'url']],
  ['the plan is not followed yet', { failures: [outage] }, ['cloudId', 'database', 'namespace', 'plan', 'url']],
  ['the namespace is not there', { failures: [failed('Namespace', write, outage.error)] }, ['cloudId', 'database']],
  ['the database is not complete', { failures: [silent] }, ['cloudId', 'namespace', 'plan', 'url']],
  [
    'the database was not begun',
    { failures: [outage], skipped: ['Database'] },
    ['cloudId', 'namespace', 'plan', 'url'],
  ],
  ['no name is held', { failures: [failed('Claims', write, outage.error)] }, []],
  [
    'refused parameters: the plan is not followed',
    { refusedParameters: { server: 'main', names: ['jit'] } },
    ['cloudId', 'database', 'namespace', 'plan', 'url'],
  ],
]
for (const [sentence, outcome, expected] of fields)
  test(`only what was made is told: ${sentence}`, (t) => {
    t.deepEqual(Object.keys(afterFailures(planned, { ...none, ...outcome }).fields).toSorted(), [...expected])
  })

const usable: readonly (readonly [string, Failure, boolean, true | undefined])[] = [
  ['a failed write in Kubernetes takes nothing that exists', outage, true, true],
  ['nor does a bug outside the database', failed('Content', write, new TypeError('x')), true, true],
  ['a failure of the database may', silent, true, undefined],
  ['a tenant that could not be used stays so', outage, false, undefined],
]
for (const [sentence, failure, wasUsable, expected] of usable)
  test(`${expected === true ? 'usable' : 'not told usable'}: ${sentence}`, (t) => {
    t.is(afterFailures({ ...planned, wasUsable }, { ...none, failures: [failure] }).usable, expected)
  })

test('the size is told once its consequences were carried out, whatever else failed', (t) => {
  const size = { reason: 'DatabaseOverSize', message: '' } as const
  const outlook = { ...planned, size, closed: size }
  t.like(afterFailures(outlook, { ...none, failures: [outage] }), { size, closed: size })
  const roles: Action = {
    kind: 'EnsureRoles',
    server: 'main',
    target: database,
    secret: { namespace: 'n', name: 's' },
    certainlyAbsent: false,
  }
  const before = afterFailures(outlook, { ...none, failures: [outage], undone: [roles] })
  t.deepEqual([before.size, before.closed], [undefined, undefined])
})

test('a part of a life that was not finished is told as it was', (t) => {
  const outlook = {
    ...planned,
    life: { revivedAt: '2030-01-01T00:00:00Z' },
    unfinished: { suspendedAt: '2029-01-01T00:00:00Z' },
  }
  t.is(afterFailures(outlook, none).life, outlook.life)
  t.is(afterFailures(outlook, { ...none, failures: [outage] }).life, outlook.unfinished)
})
