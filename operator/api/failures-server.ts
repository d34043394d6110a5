/** The rows of the table of failures for the check of a DatabaseServer, which its own status reports. Pure. */
import type { FailureRow } from './failure-row.ts'

/** `{server}`: PostgreSQL at its address. */
const looked = { again: 'Look' } as const
const needsCorrection = { told: 'Stalled', ...looked } as const
const mayPass = {
  reason: 'DatabaseUnavailable',
  told: 'Retried',
  ...looked,
  remedy: 'Tenantry retries automatically.',
} as const
const tls = { reason: 'TlsVerificationFailed', ...needsCorrection } as const

export const failuresOfServers = {
  ServerOutdated: {
    when: 'A check of a DatabaseServer: the version of the server is not supported',
    reason: 'ServerUnsupported',
    ...needsCorrection,
    sentence: 'The server is PostgreSQL {name}.',
    remedy: 'Tenantry needs 15 or later.',
  },
  ServerAccountUnfit: {
    when: 'A check of a DatabaseServer: the admin login has wrong attributes, such as SUPERUSER',
    reason: 'ServerPrivilegesMissing',
    ...needsCorrection,
    sentence: 'The login of spec.admin.secretRef has wrong attributes. {words}',
  },
  ServerOpenToPublic: {
    when: 'A check of a DatabaseServer: every login may connect to a foreign database',
    reason: 'PublicMayConnect',
    ...needsCorrection,
    sentence: 'Every tenant could connect to {name}.',
    remedy:
      'If that is intended, or cannot be changed, name the database in spec.publicDatabases. Otherwise, as an administrator of the server, run: {words}',
  },
  ServerReadOnly: {
    when: 'A check of a DatabaseServer: the server is read-only',
    ...mayPass,
    sentence: 'The server is read-only: a standby, or configured so.',
  },
  ServerUnreachable: {
    when: 'A check of a DatabaseServer: the server does not answer, or answers with another SQLSTATE',
    ...mayPass,
    sentence: '{server} does not answer as it should.',
    remedy: 'Check spec.endpoint, and the server itself. Tenantry retries automatically.',
  },
  ServerFull: {
    when: 'A check of a DatabaseServer: the server has no free connection (53300)',
    ...mayPass,
    sentence: '{server} has no free connections.',
    remedy:
      'From PostgreSQL 16 on it can reserve some for the operator (reserved_connections). Tenantry retries automatically.',
  },
  ServerLate: {
    when: 'A check of a DatabaseServer: the server takes too long',
    ...mayPass,
    sentence: '{server} did not answer in time.',
  },
  ServerLoginRefused: {
    when: 'A check of a DatabaseServer: the server refuses the admin login (28000, 28P01)',
    reason: 'ServerLoginFailed',
    ...needsCorrection,
    sentence: '{server} refuses the login of spec.admin.secretRef.',
    remedy: 'Correct the Secret, or the server.',
  },
  ServerCatalogueRefused: {
    when: 'A check of a DatabaseServer: the admin login may not read the catalogue (42501)',
    reason: 'ServerPrivilegesMissing',
    ...needsCorrection,
    sentence: '{server} does not let the login of spec.admin.secretRef read the catalogue.',
    remedy: 'The login needs CREATEDB and CREATEROLE. {words}',
  },
  ServerQueryRefused: {
    when: 'A check of a DatabaseServer: the server permanently refuses the queries',
    reason: 'DatabaseRefused',
    ...needsCorrection,
    sentence: '{server} permanently refuses the queries of the operator. {words}',
  },
  ServerCertificateUntrusted: {
    when: 'A check of a DatabaseServer: the certificate is from another authority',
    ...tls,
    sentence: '{server} presents a certificate of another authority than {name}.',
    remedy: "Correct that, or the server's certificate.",
  },
  ServerCertificateForAnotherHost: {
    when: 'A check of a DatabaseServer: the certificate is for another host name',
    ...tls,
    sentence: '{server} presents a certificate for another host name, which {tls}.mode verify-full does not accept.',
    remedy: 'Correct {host}, or have the certificate name it.',
  },
  ServerCertificateOutOfDate: {
    when: 'A check of a DatabaseServer: the certificate has expired or is not valid yet',
    ...tls,
    sentence: '{server} presents a certificate that has expired or is not valid yet.',
    remedy: 'Renew it on the server.',
  },
  ServerTlsNotOffered: {
    when: 'A check of a DatabaseServer: the server has no TLS',
    ...tls,
    sentence: '{server} offers no TLS, which {tls}.mode {mode} asks for.',
    remedy: 'Turn it on in the server (ssl = on and a certificate), or set {tls}.mode to disable.',
  },
  ServerTlsFailed: {
    when: 'A check of a DatabaseServer: the TLS handshake fails',
    ...tls,
    sentence: '{server} makes no TLS connection as {tls}.mode {mode} asks for.',
    remedy: "Check the server's log and its certificate, and correct {tls} or the server.",
  },
  ServerIsAnother: {
    when: 'A check of a DatabaseServer: a different PostgreSQL server answers than before',
    reason: 'AnotherServer',
    ...needsCorrection,
    sentence:
      '{server} is another server: {name}. Tenantry does nothing there, and leaves the Secrets of tenants as they are.',
    remedy: 'Correct spec.endpoint, the DNS record or the server; if the data was moved there on purpose, run: {words}',
  },
  ServerIsDuplicate: {
    when: 'A check of a DatabaseServer: an older DatabaseServer refers to the same PostgreSQL server',
    reason: 'DuplicateServer',
    ...needsCorrection,
    sentence:
      'The DatabaseServer {name} is the same PostgreSQL server (system identifier {words}). No further tenant is placed here; its current tenants keep working.',
    remedy: 'Point spec.endpoint to another server, or move them and delete this DatabaseServer.',
  },
  ServerCredentialUnfit: {
    when: 'A check of a DatabaseServer: the Secret of the admin login has no usable user name or password',
    reason: 'ServerLoginFailed',
    ...needsCorrection,
    sentence: '{words}',
  },
  ServerReferenceMissing: {
    when: 'A check of a DatabaseServer: a Secret or ConfigMap in its spec does not exist, or lacks a key',
    reason: 'SecretNotFound',
    told: 'Retried',
    ...looked,
    sentence: '{words}',
  },
} as const satisfies Record<string, FailureRow>
