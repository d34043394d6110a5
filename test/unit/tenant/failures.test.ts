import test from 'ava'
import { databaseNames } from '../../../operator/api/names.ts'
import { KubeError } from '../../../operator/kube/port.ts'
import { PostgresError } from '../../../operator/postgres/port.ts'
import type { TenantDatabase } from '../../../operator/postgres/port.ts'
import { explain } from '../../../operator/tenant/failures.ts'

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
  t.regex(refused('tenantry-quota').message, /Delete what is not needed in the namespace, or raise spec\.quota/)
})

test('another refusal says that the API server refuses, whatever its text is', (t) => {
  t.is(refused().reason, 'ApiServerUnavailable')
})

const target: TenantDatabase = {
  names: databaseNames('i', 'u'),
  mark: { installation: 'i', tenant: 'home/acme', uid: 'u' },
  isolation: 'Database',
  connectionLimit: 1,
  loginAllowed: true,
  currentLogin: 'a',
}

const refusals: readonly (readonly ['SetPassword' | 'EnsureDatabase', PostgresError, RegExp])[] = [
  [
    'SetPassword',
    new PostgresError('Refused', 'PostgreSQL at db:5432: SQLSTATE 22023.', '22023'),
    /^SetPassword .* is refused\. .*SQLSTATE 22023\. If the server checks new passwords, .* SCRAM-SHA-256 verifiers/,
  ],
  [
    'SetPassword',
    new PostgresError('Refused', 'PostgreSQL at db:5432: not plain text (SQLSTATE 0A000).', '0A000'),
    /SQLSTATE 0A000.* verifiers/,
  ],
  [
    'EnsureDatabase',
    new PostgresError('Refused', 'PostgreSQL at db:5432: SQLSTATE 22023.', '22023'),
    /^EnsureDatabase \S+ on main is refused\. PostgreSQL at db:5432: SQLSTATE 22023\.$/,
  ],
  [
    'EnsureDatabase',
    new PostgresError('InsufficientPrivilege', 'PostgreSQL at db:5432: permission denied (SQLSTATE 42501).', '42501'),
    /permission denied \(SQLSTATE 42501\)\. .* WITH ADMIN TRUE/,
  ],
]

for (const [kind, error, message] of refusals)
  test(`${kind} that a server refuses for good needs a person, and says why: ${error.sqlstate}`, (t) => {
    const passwordOf = { namespace: 'n', name: 's' }
    const action =
      kind === 'SetPassword'
        ? { kind, server: 'main', target, passwordOf }
        : { kind, server: 'main', target, fresh: false }
    const told = explain({ target: 'Database', action, error })
    t.is(told.reason, 'DatabaseRefused')
    t.true(told.stalled)
    t.regex(told.message, message)
  })
