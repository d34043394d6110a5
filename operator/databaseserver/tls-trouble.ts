/** The cause of a failed TLS connection, and the field that corrects it. Pure. */
import type { DatabaseServerSpec } from '../api/databaseserver.ts'
import type { FailureFacts } from '../api/failures.ts'
import type { failuresOfServers } from '../api/failures-server.ts'
import type { PostgresErrorReason } from '../postgres/model/port.ts'

type Tls = DatabaseServerSpec['tls']

/** The fields of host and TLS. */
interface AddressFields {
  readonly tls: string
  readonly host: string
}

const ofServer: AddressFields = { tls: 'spec.tls', host: 'spec.endpoint.host' }

interface TlsTrouble {
  readonly row: keyof typeof failuresOfServers
  readonly facts: FailureFacts
}

const rows: Readonly<Partial<Record<PostgresErrorReason, TlsTrouble['row']>>> = {
  CertificateUntrusted: 'ServerCertificateUntrusted',
  CertificateForAnotherHost: 'ServerCertificateForAnotherHost',
  CertificateOutOfDate: 'ServerCertificateOutOfDate',
  TlsNotOffered: 'ServerTlsNotOffered',
  TlsFailed: 'ServerTlsFailed',
}

/** The row of the table of failures, and the facts beside the server; undefined where TLS is not the cause. */
export function tlsTrouble(reason: PostgresErrorReason, tls: Tls, fields = ofServer): TlsTrouble | undefined {
  const row = rows[reason]
  return row && { row, facts: { ...fields, mode: tls.mode, name: trusted(tls, fields) } }
}

function trusted({ caSecretRef, caConfigMapRef }: Tls, { tls }: AddressFields): string {
  if (caSecretRef !== undefined) return entryOf('Secret', caSecretRef, `${tls}.caSecretRef`)
  if (caConfigMapRef !== undefined) return entryOf('ConfigMap', caConfigMapRef, `${tls}.caConfigMapRef`)
  return `those that the operator's system trusts, as neither ${tls}.caConfigMapRef nor ${tls}.caSecretRef is given`
}

function entryOf(kind: string, { name, key }: { readonly name: string; readonly key: string }, field: string): string {
  return `those in the ${kind} ${name}, entry ${key} (${field})`
}
