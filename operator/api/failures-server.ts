/** The rows of the table of failures for a look at a DatabaseServer: what its own status says. Pure. */
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
    when: 'A look at a server: its version is not supported',
    reason: 'ServerUnsupported',
    ...needsCorrection,
    sentence: 'The server is PostgreSQL {name}.',
    remedy: 'Tenantry needs 15 or later.',
  },
  ServerAccountUnfit: {
    when: 'A look at a server: the admin login lacks rights',
    reason: 'ServerPrivilegesMissing',
    ...needsCorrection,
    sentence: 'The login of spec.admin.secretRef needs a correction: {words}',
  },
  ServerOpenToPublic: {
    when: 'A look at a server: every login may connect to a foreign database',
    reason: 'PublicMayConnect',
    ...needsCorrection,
    sentence: 'Every tenant could connect to {name}.',
    remedy:
      'If that is intended, or cannot be changed, name the database in spec.publicDatabases. Otherwise, as an administrator of the server, run: {words}',
  },
  ServerReadOnly: {
    when: 'A look at a server: it is read-only',
    ...mayPass,
    sentence: 'The server is read-only: a standby, or configured so.',
  },
  ServerUnreachable: {
    when: 'A look at a server: it does not answer, or with any other SQLSTATE',
    ...mayPass,
    sentence: '{server} does not answer as it should.',
    remedy: 'Check spec.endpoint, and the server itself. Tenantry retries automatically.',
  },
  ServerFull: {
    when: 'A look at a server: it has no free connection (53300)',
    ...mayPass,
    sentence: '{server} has no free connections.',
    remedy:
      'From PostgreSQL 16 on it can reserve some for the operator (reserved_connections). Tenantry retries automatically.',
  },
  ServerLate: {
    when: 'A look at a server: it takes too long',
    ...mayPass,
    sentence: '{server} did not answer in time.',
  },
  ServerLoginRefused: {
    when: 'A look at a server: it refuses the admin login (28000, 28P01)',
    reason: 'ServerLoginFailed',
    ...needsCorrection,
    sentence: '{server} refuses the login of spec.admin.secretRef.',
    remedy: 'Correct the Secret, or the server.',
  },
  ServerCatalogueRefused: {
    when: 'A look at a server: the admin login may not read the catalogue (42501)',
    reason: 'ServerPrivilegesMissing',
    ...needsCorrection,
    sentence: '{server} does not let the login of spec.admin.secretRef read the catalogue.',
    remedy: 'The login needs CREATEDB and CREATEROLE. {words}',
  },
  ServerQueryRefused: {
    when: 'A look at a server: it refuses the queries for good',
    reason: 'DatabaseRefused',
    ...needsCorrection,
    sentence: '{server} permanently refuses the queries of the operator. {words}',
  },
  ServerCertificateUntrusted: {
    when: 'A look at a server: its certificate is of another authority',
    ...tls,
    sentence: '{server} presents a certificate of another authority than {name}.',
    remedy: "Correct that, or the server's certificate.",
  },
  ServerCertificateForAnotherHost: {
    when: 'A look at a server: its certificate is for another host name',
    ...tls,
    sentence: '{server} presents a certificate for another host name, which {tls}.mode verify-full does not accept.',
    remedy: 'Correct {host}, or have the certificate name it.',
  },
  ServerCertificateOutOfDate: {
    when: 'A look at a server: its certificate is out of date',
    ...tls,
    sentence: '{server} presents a certificate that has expired or is not valid yet.',
    remedy: 'Renew it on the server.',
  },
  ServerTlsNotOffered: {
    when: 'A look at a server: it has no TLS',
    ...tls,
    sentence: '{server} offers no TLS, which {tls}.mode {mode} asks for.',
    remedy: 'Turn it on in the server (ssl = on and a certificate), or set {tls}.mode to disable.',
  },
  ServerTlsFailed: {
    when: 'A look at a server: TLS does not come about',
    ...tls,
    sentence: '{server} makes no TLS connection as {tls}.mode {mode} asks for.',
    remedy: "Check the server's log and its certificate, and correct {tls} or the server.",
  },
  ServerIsAnother: {
    when: 'A look at a server: another PostgreSQL server answers than before',
    reason: 'AnotherServer',
    ...needsCorrection,
    sentence: '{server} {name}. Tenantry does nothing there, and leaves the Secrets of tenants as they are.',
    remedy: 'Correct spec.endpoint, the DNS record or the server; if the data was moved there on purpose, run: {words}',
  },
  ServerIsDuplicate: {
    when: 'A look at a server: an older DatabaseServer is the same PostgreSQL server',
    reason: 'DuplicateServer',
    ...needsCorrection,
    sentence:
      'The DatabaseServer {name} is the same PostgreSQL server (system identifier {words}). No further tenant is placed here; its present tenants keep working.',
    remedy: 'Point spec.endpoint to another server, or move them and delete this DatabaseServer.',
  },
  ServerCredentialUnfit: {
    when: 'A look at a server: the Secret of the admin login has no usable name or password',
    reason: 'ServerLoginFailed',
    ...needsCorrection,
    sentence: '{words}',
  },
  ServerReferenceMissing: {
    when: 'A look at a server: a Secret or ConfigMap that it names is not there, or lacks a key',
    reason: 'SecretNotFound',
    told: 'Retried',
    ...looked,
    sentence: '{words}',
  },
} as const satisfies Record<string, FailureRow>
