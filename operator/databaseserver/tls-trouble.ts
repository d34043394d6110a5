/** The cause of a failed TLS connection, and the field that corrects it. Pure. */
import type { DatabaseServerSpec } from '../api/databaseserver.ts'
import type { PostgresErrorReason } from '../postgres/model/port.ts'

type Tls = DatabaseServerSpec['tls']

/** The fields of host and TLS. */
interface AddressFields {
  readonly tls: string
  readonly host: string
}

const ofServer: AddressFields = { tls: 'spec.tls', host: 'spec.endpoint.host' }

type Words = (tls: Tls, fields: AddressFields) => string

/** The end of a sentence that begins with the server, without its full stop. */
const words: Readonly<Partial<Record<PostgresErrorReason, Words>>> = {
  CertificateUntrusted: (tls, fields) =>
    `presents a certificate of another authority than ${trusted(tls, fields)}. Correct that, or the server's certificate`,
  CertificateForAnotherHost: (_, fields) =>
    `presents a certificate for another host name, which ${fields.tls}.mode verify-full does not accept. Correct ${fields.host}, or have the certificate name it`,
  CertificateOutOfDate: () => 'presents a certificate that has expired or is not valid yet. Renew it on the server',
  TlsNotOffered: ({ mode }, fields) =>
    `offers no TLS, which ${fields.tls}.mode ${mode} asks for. Turn it on in the server (ssl = on and a certificate), or set ${fields.tls}.mode to disable`,
  TlsFailed: ({ mode }, fields) =>
    `makes no TLS connection as ${fields.tls}.mode ${mode} asks for. Check the server's log and its certificate, and correct ${fields.tls} or the server`,
}

/** Undefined where TLS is not the cause. */
export function tlsWords(reason: PostgresErrorReason, tls: Tls, fields = ofServer): string | undefined {
  return words[reason]?.(tls, fields)
}

function trusted({ caSecretRef, caConfigMapRef }: Tls, { tls }: AddressFields): string {
  if (caSecretRef !== undefined) return entryOf('Secret', caSecretRef, `${tls}.caSecretRef`)
  if (caConfigMapRef !== undefined) return entryOf('ConfigMap', caConfigMapRef, `${tls}.caConfigMapRef`)
  return `those that the operator's system trusts, as neither ${tls}.caConfigMapRef nor ${tls}.caSecretRef is given`
}

function entryOf(kind: string, { name, key }: { readonly name: string; readonly key: string }, field: string): string {
  return `those in the ${kind} ${name}, entry ${key} (${field})`
}
