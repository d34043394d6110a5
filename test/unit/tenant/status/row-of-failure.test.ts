import test from 'ava'
import { KubeError } from '../../../../operator/kube/port.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import type { Action } from '../../../../operator/tenant/model/action.ts'
import type { BindingInputs } from '../../../../operator/tenant/model/binding-secret.ts'
import { DeadlineExceeded } from '../../../../operator/runtime/base/deadline.ts'
import { StaleRead } from '../../../../operator/tenant/model/errors.ts'
import { explain } from '../../../../operator/tenant/status/row-of-failure.ts'
import { databaseTarget } from '../../../database-target.ts'

const target = databaseTarget()

const refused = (quota?: string) =>
  explain({
    target: 'Namespace',
    action: { kind: 'DeleteNamespace', namespace: 'tenant-acme', uid: 'u' },
    error: new KubeError('Forbidden', 'exceeded quota: x', 403, quota === undefined ? {} : { quota }),
  })

test('a quota in the way is named, with what it refused; it is no matter of the API server', (t) => {
  const told = refused('theirs')
  t.is(told.reason, 'QuotaExceeded')
  t.regex(told.message, /The ResourceQuota theirs leaves no room/)
  t.false(told.stalled)
})

test('where it is the plan’s own quota, the way out is in the namespace or in the plan', (t) => {
  t.regex(refused('tenantry-quota').message, /Delete unneeded objects in the namespace, or raise spec\.quota/)
})

const toldOf = (error: KubeError, kind: 'DeleteNamespace' | 'EnsureBinding' = 'DeleteNamespace') => {
  const action: Action =
    kind === 'DeleteNamespace'
      ? { kind, namespace: 'tenant-acme', uid: 'u' }
      : { kind, certainlyAbsent: false, inputs: { namespace: 'tenant-acme' } as BindingInputs }
  return explain({ target: 'Namespace', action, error })
}

test('what the API server refuses is told in its words, on one line, and needs a person', (t) => {
  const refusal =
    'admission webhook "validate.example.com" denied the request: \n\nrequire-team:\n  label team is missing'
  const { reason, message, stalled } = toldOf(new KubeError('Forbidden', refusal, 403, { refusal }))
  t.is(reason, 'ApiServerRefused')
  t.true(stalled)
  t.regex(
    message,
    /refuses the deletion of the Namespace tenant-acme: admission webhook "validate\.example\.com" denied the request: require-team: label team is missing\. /,
  )
})

test('a refusal as long as one likes is told as long as people read', (t) => {
  const refusal = 'no '.repeat(10_000)
  t.true(toldOf(new KubeError('Forbidden', refusal, 403, { refusal })).message.length < 1_300)
})

test('a policy that quotes a Secret brings no password into the status', (t) => {
  const password = 'Zk3v-9sQ_xT0aLbM2nRyUw7cEfGhJdPo'
  const quoted = [password, Buffer.from(password).toString('base64'), `postgres://u:${password}@h/d`]
  const refusal = `ValidatingAdmissionPolicy 'secrets-of-tenants-need-a-team-label' denied request: ${quoted.join(' ')}`
  const { message } = toldOf(new KubeError('Invalid', refusal, 422, { refusal }), 'EnsureBinding')
  for (const each of quoted) t.false(message.includes(each))
  t.regex(message, /secrets-of-tenants-need-a-team-label/)
})

test('a webhook that does not answer is named, and nobody is asked to change anything', (t) => {
  const { reason, message, stalled } = toldOf(new KubeError('Unavailable', 'x', 500, { webhook: 'check.example.com' }))
  t.deepEqual([reason, stalled], ['ApiServerUnavailable', false])
  t.regex(
    message,
    /^The deletion of the Namespace tenant-acme failed, because the admission webhook check\.example\.com does not answer/,
  )
})

const refusals: readonly (readonly ['SetPassword' | 'EnsureDatabase', PostgresError, RegExp])[] = [
  [
    'SetPassword',
    new PostgresError('Refused', 'PostgreSQL at db:5432: SQLSTATE 22023.', '22023'),
    /^The change of the password of .* is refused\. .*SQLSTATE 22023\. If the server checks new passwords, .* SCRAM-SHA-256 verifiers/,
  ],
  [
    'SetPassword',
    new PostgresError('Refused', 'PostgreSQL at db:5432: not plain text (SQLSTATE 0A000).', '0A000'),
    /SQLSTATE 0A000.* verifiers/,
  ],
  [
    'EnsureDatabase',
    new PostgresError('Refused', 'PostgreSQL at db:5432: SQLSTATE 22023.', '22023'),
    /^The creation of \S+ on the DatabaseServer main is refused\. PostgreSQL at db:5432: SQLSTATE 22023\.$/,
  ],
  [
    'EnsureDatabase',
    new PostgresError('InsufficientPrivilege', 'PostgreSQL at db:5432: permission denied (SQLSTATE 42501).', '42501'),
    /^The creation of \S+ on the DatabaseServer main is refused\. .* permission denied \(SQLSTATE 42501\)\.$/,
  ],
]

for (const [kind, error, message] of refusals)
  test(`${kind} that a server refuses for good needs a person, and says why: ${error.sqlstate}`, (t) => {
    const passwordOf = { namespace: 'n', name: 's' }
    const action =
      kind === 'SetPassword'
        ? { kind, server: 'main', target, passwordOf }
        : { kind, server: 'main', target, certainlyAbsent: false }
    const told = explain({ target: 'Database', action, error })
    t.is(told.reason, 'DatabaseRefused')
    t.true(told.stalled)
    t.regex(told.message, message)
  })

const namesOfPostgres: readonly (readonly [PostgresError['reason'], RegExp])[] = [
  ['TooManyConnections', /^The DatabaseServer main has no free connections\. Tenantry retries automatically\.$/],
  ['ReadOnly', /main is read-only\./],
  [
    'AuthenticationFailed',
    /main refuses the operator's login\. The Ready condition of the DatabaseServer main says what to correct\./,
  ],
  ['CertificateOutOfDate', /main presents a certificate that its spec\.tls does not accept\. The Ready condition of/],
  ['TlsNotOffered', /main offers no TLS.* The Ready condition of the DatabaseServer main says what/],
  ['TlsFailed', /TLS connection to the DatabaseServer main, .* fails\. The Ready condition of/],
  ['Timeout', /main did not answer in time\./],
  ['Unavailable', /main does not answer\./],
  ['Unknown', /main failed\./],
]

for (const [reason, message] of namesOfPostgres)
  test(`a server that fails with ${reason} is retried, and called by its name`, (t) => {
    const action = { kind: 'EnsureDatabase', server: 'main', target, certainlyAbsent: false } as const
    const told = explain({ target: 'Database', action, error: new PostgresError(reason, 'x') })
    t.deepEqual([told.reason, told.stalled], ['DatabaseUnavailable', false])
    t.regex(told.message, message)
  })

const errors: readonly (readonly [string, unknown, string, boolean])[] = [
  ['a TypeError', new TypeError('x is not a function'), 'InternalError', true],
  ['something that is no error', 'no', 'InternalError', true],
  ['the end of the time of a pass', new DeadlineExceeded('late'), 'Retrying', false],
  ['an object that changed meanwhile', new KubeError('Conflict', 'x', 409), 'Retrying', false],
  [
    'a namespace that is being deleted',
    new KubeError('Forbidden', 'x', 403, { ending: true }),
    'NamespaceTerminating',
    false,
  ],
  ['a plugin of the API server that begins', new KubeError('Forbidden', 'x', 403), 'ApiServerUnavailable', false],
  ['a proxy that refuses', new KubeError('Forbidden', 'x', 403, { refusal: 'HTTP 403' }), 'ApiServerRefused', true],
]

for (const [what, error, reason, stalled] of errors)
  test(`${what} is told as ${reason}`, (t) => {
    const action: Action = { kind: 'DeleteNamespace', namespace: 'tenant-acme', uid: 'u' }
    const told = explain({ target: 'Namespace', action, error })
    t.deepEqual([told.reason, told.stalled], [reason, stalled])
  })

test('a refusal at a change of names is told as such, and what is out of date only is decided anew', (t) => {
  const action: Action = { kind: 'AddFinalizer' }
  const refusal = new KubeError('Forbidden', 'x', 403, { refusal: 'denied request: no', refusedBy: 'Policy' })
  t.is(explain({ target: 'Names', action, error: refusal }).reason, 'ApiServerRefused')
  t.is(explain({ target: 'Names', action, error: new StaleRead('x') }).reason, 'Renaming')
})
