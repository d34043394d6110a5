/** The rows of the table of failures for PostgreSQL and dumps, one for each meaning of an SQLSTATE. Pure. */
import { needsPerson, needsPersonRetriedSeldom, retriedAutomatically } from './failure-row.ts'
import type { FailureRow } from './failure-row.ts'

const unavailable = { reason: 'DatabaseUnavailable', ...retriedAutomatically } as const

export const failuresOfPostgres = {
  DatabaseTaken: {
    when: "The database or a role is there and is not the tenant's (42P04, 42710, 42P06, 23505)",
    reason: 'DatabaseConflict',
    ...needsPersonRetriedSeldom,
    sentence: '{words} (DatabaseServer {server})',
  },
  DataMissing: {
    when: 'The database or schema was there once and is gone',
    reason: 'DatabaseMissing',
    ...needsPerson,
    sentence: 'The {words} is gone from the DatabaseServer {server}. Tenantry creates no empty one in its place.',
    remedy: 'Restore it under this name, and the tenant goes on with it; or let the tenant begin empty: {name}.',
  },
  LocaleRefused: {
    when: 'The creation of a database with its locale is refused',
    reason: 'LocaleRefused',
    ...needsPerson,
    sentence: '{words}',
    remedy:
      'Name a locale in spec.locale of the DatabaseServer {server} that exists there and goes with UTF8, such as C.UTF-8.',
  },
  InUse: {
    when: 'A database or role cannot be dropped (2BP01, 55006): the message names the databases with what depends on it, or the slot, subscription, prepared transaction or sessions, with the statement that ends each',
    reason: 'DatabaseInUse',
    ...needsPerson,
    sentence: '{words}',
  },
  RightMissing: {
    when: "The operator's account lacks a right (42501): the message has the ALTER ROLE and the GRANT that give it",
    reason: 'DatabaseRefused',
    ...needsPerson,
    sentence: '{Action} is refused. {words}',
  },
  PasswordRefused: {
    when: 'A check of the server refuses a new password (22, 0A, P0)',
    reason: 'DatabaseRefused',
    ...needsPerson,
    sentence: '{Action} is refused. {words}',
    remedy:
      "If the server checks new passwords, let the operator's account set SCRAM-SHA-256 verifiers: it never sends a password, which such a check cannot read.",
  },
  StatementRefused: {
    when: 'The server refuses any other statement for good (0A, 0L, 0P, 22, 2F, 38, 39, 42, 44, P0)',
    reason: 'DatabaseRefused',
    ...needsPerson,
    sentence: '{Action} is refused. {words}',
  },
  AnotherServer: {
    when: 'Another PostgreSQL server answers than before',
    reason: 'DatabaseServerNotReady',
    told: 'Retried',
    again: 'Backoff',
    sentence:
      'Another PostgreSQL server answers than that of the DatabaseServer {server}. Nothing is done there, and the Secret of the tenant stays as it is, until the DatabaseServer is corrected; its conditions say how.',
  },
  ConnectionsUsedUp: {
    when: 'The server has no free connection (53300)',
    ...unavailable,
    sentence: 'The DatabaseServer {server} has no free connections.',
  },
  ReadOnly: {
    when: 'The server is read-only (25006)',
    ...unavailable,
    sentence: 'The DatabaseServer {server} is read-only.',
  },
  LoginRefused: {
    when: "The server refuses the operator's login (28000, 28P01)",
    ...unavailable,
    sentence: "The DatabaseServer {server} refuses the operator's login.",
  },
  CertificateRefused: {
    when: 'The certificate is of another authority or host, or out of date',
    ...unavailable,
    sentence: 'The DatabaseServer {server} shows a certificate that its spec.tls does not accept.',
  },
  TlsNotOffered: {
    when: 'The server has no TLS',
    ...unavailable,
    sentence: 'The DatabaseServer {server} offers no TLS, which its spec.tls asks for.',
  },
  TlsFailed: {
    when: 'TLS does not come about',
    ...unavailable,
    sentence: 'The DatabaseServer {server} makes no TLS connection as its spec.tls asks for.',
  },
  ServerTooSlow: {
    when: 'A statement or a connection takes too long (55P03, 57014)',
    ...unavailable,
    sentence: 'The DatabaseServer {server} did not answer in time.',
  },
  ServerSilent: {
    when: 'The server does not answer (08, 53, 57, 58, 40001, 40P01)',
    ...unavailable,
    sentence: 'The DatabaseServer {server} does not answer.',
  },
  ServerFailed: {
    when: 'The server answers with any other SQLSTATE',
    ...unavailable,
    sentence: 'The DatabaseServer {server} failed.',
  },
  ServerUnusable: {
    when: 'A look at the server found that it cannot be used',
    ...unavailable,
    sentence: 'The DatabaseServer {server} cannot be used now; its conditions say why.',
  },
  ParameterRefused: {
    when: 'The server refuses the value of a parameter in spec.database.parameters',
    reason: 'ParameterRefused',
    ...needsPersonRetriedSeldom,
    sentence:
      'The DatabaseServer {server} refuses {words} with the value from the Tenant, or else from its TenantPlan.',
    remedy: 'Everything else is in place, and the logins go without it. Correct the value, or remove it.',
  },
  ReferenceMissing: {
    when: 'The Secret or ConfigMap of a DatabaseServer is not there, or lacks a key',
    reason: 'SecretNotFound',
    ...retriedAutomatically,
    sentence: '{words}',
  },
  DumpFailed: {
    when: 'The last dump could not be taken, kept or restored',
    reason: 'DumpFailed',
    ...needsPersonRetriedSeldom,
    sentence: '{words}',
  },
} as const satisfies Record<string, FailureRow>
