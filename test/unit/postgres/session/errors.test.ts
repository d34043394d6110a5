import test from 'ava'
import { DatabaseError } from 'pg'
import { reasonOf, translate } from '../../../../operator/postgres/session/errors.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import type { PostgresErrorReason } from '../../../../operator/postgres/model/port.ts'

const states: readonly (readonly [string, PostgresErrorReason])[] = [
  ['08006', 'Unavailable'],
  ['57P01', 'Unavailable'],
  ['57P03', 'Unavailable'],
  ['53100', 'Unavailable'],
  ['53300', 'TooManyConnections'],
  ['40001', 'Unavailable'],
  ['25006', 'ReadOnly'],
  ['28P01', 'AuthenticationFailed'],
  ['28000', 'AuthenticationFailed'],
  ['42501', 'InsufficientPrivilege'],
  ['42P04', 'Conflict'],
  ['42710', 'Conflict'],
  ['23505', 'Conflict'],
  ['55006', 'InUse'],
  ['2BP01', 'InUse'],
  ['57014', 'Timeout'],
  ['55P03', 'Timeout'],
  ['0A000', 'Refused'],
  ['22023', 'Refused'],
  ['42883', 'Refused'],
  ['P0001', 'Refused'],
  ['42704', 'Unknown'],
  ['XX000', 'Unknown'],
]
for (const [sqlstate, reason] of states)
  test(`SQLSTATE ${sqlstate} is ${reason}`, (t) => t.is(reasonOf(sqlstate), reason))

function database(code: string, message: string): DatabaseError {
  return Object.assign(new DatabaseError(message, message.length, 'error'), { code })
}

function translated(t: { true(value: boolean): void }, error: unknown): PostgresError {
  const result = translate(error, 'db:5432')
  t.true(result instanceof PostgresError)
  return result instanceof PostgresError ? result : new PostgresError('Unknown', '')
}

test('names are told; texts that may hold a value are not', (t) => {
  const { message } = translated(t, database('42501', 'permission denied for database x'))
  t.is(message, 'PostgreSQL at db:5432: permission denied for database x (SQLSTATE 42501).')
  for (const code of ['42601', '22P02', '23514', 'XX000'])
    t.false(translated(t, database(code, 'near "secret"')).message.includes('secret'))
})

for (const [code, reason] of [
  ['ECONNREFUSED', 'Unavailable'],
  ['ENOTFOUND', 'Unavailable'],
  ['EAI_AGAIN', 'Unavailable'],
  ['ECONNRESET', 'Unavailable'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CertificateUntrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'CertificateUntrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'CertificateUntrusted'],
  ['CERT_HAS_EXPIRED', 'CertificateOutOfDate'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CertificateUntrusted'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'CertificateForAnotherHost'],
  ['CERT_REVOKED', 'TlsFailed'],
  ['UNABLE_TO_GET_CRL', 'TlsFailed'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'TlsFailed'],
  ['EPROTO', 'TlsFailed'],
] as const)
  test(`${code} of the socket is ${reason}`, (t) => {
    const error = translated(t, Object.assign(new Error('connect 10.0.0.1'), { code }))
    t.is(error.reason, reason)
    t.true(error.message.includes(code))
    t.false(error.message.includes('10.0.0.1'))
  })

test('several addresses that all refuse are one error', (t) => {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  t.is(translated(t, new AggregateError([refused])).reason, 'Unavailable')
})

test('a connection that ends without a code is Unavailable, a mistake of ours stays one', (t) => {
  t.is(translated(t, new Error('Connection terminated unexpectedly')).reason, 'Unavailable')
  const mistake = new TypeError('x is not a function')
  t.is(translate(mistake, 'db:5432'), mistake)
})
