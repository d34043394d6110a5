/** What is wrong where no secured connection comes about, and the field that mends it. Pure. */
import type { DatabaseServerSpec } from '../api/databaseserver.ts'
import type { PostgresErrorReason } from '../postgres/port.ts'

type Tls = DatabaseServerSpec['tls']

/** The end of a sentence that begins with the server, without its full stop. */
const words: Readonly<Partial<Record<PostgresErrorReason, (tls: Tls) => string>>> = {
  CertificateUntrusted: (tls) =>
    `shows a certificate of another authority than ${trusted(tls)}. Correct that, or the server's certificate`,
  CertificateForAnotherHost: () =>
    'shows a certificate for another host name, which spec.tls.mode verify-full does not accept. Correct spec.endpoint.host, or have the certificate name it',
  CertificateOutOfDate: () => 'shows a certificate that has expired or is not valid yet. Renew it on the server',
  TlsNotOffered: ({ mode }) =>
    `offers no TLS, which spec.tls.mode ${mode} asks for. Turn it on in the server (ssl = on and a certificate), or set spec.tls.mode to disable`,
  TlsFailed: ({ mode }) =>
    `makes no TLS connection as spec.tls.mode ${mode} asks for. See the server's log and its certificate, and correct spec.tls or the server`,
}

/** Undefined where TLS is not what failed. */
export function tlsWords(reason: PostgresErrorReason, tls: Tls): string | undefined {
  return words[reason]?.(tls)
}

function trusted({ caSecretRef, caConfigMapRef }: Tls): string {
  if (caSecretRef !== undefined) return entryOf('Secret', caSecretRef, 'spec.tls.caSecretRef')
  if (caConfigMapRef !== undefined) return entryOf('ConfigMap', caConfigMapRef, 'spec.tls.caConfigMapRef')
  return "those that the operator's system trusts, as neither spec.tls.caConfigMapRef nor spec.tls.caSecretRef is given"
}

function entryOf(kind: string, { name, key }: { readonly name: string; readonly key: string }, field: string): string {
  return `those in the ${kind} ${name}, entry ${key} (${field})`
}
