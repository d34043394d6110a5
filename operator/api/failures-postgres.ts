/**
 * The rows of the table of failures for PostgreSQL: one for each meaning of an SQLSTATE, and one for each cause that has
 * none, such as TLS, a missing Secret or an unusable server. The ALTER ROLE and GRANT statements in the `{words}` of
 * RightMissing come from postgres/actions/rights.ts. The meaning of an SQLSTATE: postgres/session/errors.ts; the row of each:
 * tenant/status/row-of-failure.ts. Pure.
 */
import { needsPerson, needsPersonRetriedSeldom, retriedAutomatically, retriesWithPauses } from './failure-row.ts'
import type { FailureRow } from './failure-row.ts'

const unavailable = { reason: 'DatabaseUnavailable', ...retriedAutomatically } as const
/** The settings of the DatabaseServer or of the server are wrong, which its own status tells in full. */
const toldByServer = {
  ...unavailable,
  remedy: `The Ready condition of the DatabaseServer {server} says what to correct. ${retriedAutomatically.remedy}`,
} as const

export const failuresOfPostgres = {
  DatabaseTaken: {
    when: 'The database or a role exists and does not belong to the tenant (42P04, 42710, 42P06, 23505)',
    reason: 'DatabaseConflict',
    ...needsPersonRetriedSeldom,
    sentence: '{words} (DatabaseServer {server})',
  },
  DataMissing: {
    when: 'The database or schema is missing although it existed before',
    reason: 'DatabaseMissing',
    ...needsPerson,
    sentence:
      'The {words} is missing from the DatabaseServer {server}. Tenantry does not create an empty one in its place.',
    remedy: 'Restore it under this name, or let the tenant start with an empty one: {name}.',
  },
  LocaleRefused: {
    when: 'The server refuses to create a database with its locale',
    reason: 'LocaleRefused',
    ...needsPerson,
    sentence: '{words}',
    remedy:
      'Set spec.locale of the DatabaseServer {server} to a locale that exists there and supports UTF8, such as C.UTF-8.',
  },
  InUse: {
    when: 'A database or role cannot be dropped (2BP01, 55006). The message names what uses it (dependent objects and their databases, a replication slot, a subscription, a prepared transaction or sessions) and the statement that removes each',
    reason: 'DatabaseInUse',
    ...needsPerson,
    sentence: '{words}',
  },
  RightMissing: {
    when: "The operator's account lacks a privilege (42501). The message has the ALTER ROLE and GRANT statements that give it, or the role that needs what the server names",
    reason: 'DatabaseRefused',
    ...needsPerson,
    sentence: '{Action} is refused. {words}',
  },
  PasswordRefused: {
    when: 'A password check on the server refuses a new password (22, 0A, P0)',
    reason: 'DatabaseRefused',
    ...needsPerson,
    sentence: '{Action} is refused. {words}',
    remedy:
      "If the server checks new passwords, allow the operator's account to set SCRAM-SHA-256 verifiers: the operator never sends a password that such a check could read.",
  },
  StatementRefused: {
    when: 'The server permanently refuses any other statement (0A, 0L, 0P, 22, 2F, 38, 39, 42, 44, P0)',
    reason: 'DatabaseRefused',
    ...needsPerson,
    sentence: '{Action} is refused. {words}',
  },
  LookRefused: {
    when: 'The server permanently refuses the query that reads the database of the tenant (42501, 0A, 22, 42, …)',
    reason: 'DatabaseRefused',
    ...needsPerson,
    sentence: 'The DatabaseServer {server} does not let Tenantry read what the tenant has there. {words}',
    remedy: `Give the login of its spec.admin.secretRef the privilege that is missing, or correct what the server names; the conditions of the DatabaseServer say more. ${retriesWithPauses}`,
  },
  AnotherServer: {
    when: 'A different PostgreSQL server answers than before',
    reason: 'DatabaseServerNotReady',
    told: 'Retried',
    again: 'Backoff',
    sentence:
      'A different PostgreSQL server answers than the one recorded for the DatabaseServer {server}. Tenantry does nothing there, and leaves the Secret of the tenant unchanged, until the DatabaseServer is corrected; its conditions say how.',
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
    ...toldByServer,
    sentence: "The DatabaseServer {server} refuses the operator's login.",
  },
  TenantLoginRefused: {
    when: "The server refuses the login of the tenant, after Tenantry has set the password of the tenant's Secret again",
    reason: 'DatabaseLoginFailed',
    ...retriedAutomatically,
    sentence:
      'The DatabaseServer {server} refuses the credentials of the Secret {name}, although Tenantry set them again.',
    remedy: `Check the server's pg_hba.conf and the address that applications use. ${retriedAutomatically.remedy}`,
  },
  CertificateRefused: {
    when: 'The certificate is from another authority, for another host, or expired',
    ...toldByServer,
    sentence: 'The DatabaseServer {server} presents a certificate that its spec.tls does not accept.',
  },
  TlsNotOffered: {
    when: 'The server has no TLS',
    ...toldByServer,
    sentence: 'The DatabaseServer {server} offers no TLS, which its spec.tls requires.',
  },
  TlsFailed: {
    when: 'The TLS handshake fails',
    ...toldByServer,
    sentence: 'The TLS connection to the DatabaseServer {server}, which its spec.tls requires, fails.',
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
    when: 'A check of the server found that it cannot be used',
    ...unavailable,
    sentence: 'The DatabaseServer {server} cannot be used now; its conditions say why.',
  },
  ParameterRefused: {
    when: 'The server refuses the value of a parameter in spec.database.parameters',
    reason: 'ParameterRefused',
    ...needsPersonRetriedSeldom,
    sentence: 'The DatabaseServer {server} refuses {words} with the value from the Tenant or its TenantPlan.',
    remedy: 'Everything else is in place; the logins do not have this parameter. Correct or remove the value.',
  },
  ReferenceMissing: {
    when: 'The Secret or ConfigMap of a DatabaseServer does not exist, or lacks a key',
    reason: 'SecretNotFound',
    ...retriedAutomatically,
    sentence: '{words}',
  },
  DumpFailed: {
    when: 'The last dump could not be taken, stored or restored',
    reason: 'DumpFailed',
    ...needsPersonRetriedSeldom,
    sentence: '{words}',
  },
} as const satisfies Record<string, FailureRow>
