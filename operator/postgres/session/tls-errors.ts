/**
 * Why no secured connection was established, by the code of the error: OpenSSL's of the verification (Node manual, tls,
 * "X509 certificate error codes") and Node's own.
 */
import type { PostgresErrorReason } from '../model/port.ts'

const byCode: Readonly<Record<string, PostgresErrorReason>> = {
  CERT_UNTRUSTED: 'CertificateUntrusted',
  CERT_SIGNATURE_FAILURE: 'CertificateUntrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'CertificateUntrusted',
  INVALID_CA: 'CertificateUntrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'CertificateUntrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'CertificateUntrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'CertificateUntrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'CertificateUntrusted',
  CERT_HAS_EXPIRED: 'CertificateOutOfDate',
  CERT_NOT_YET_VALID: 'CertificateOutOfDate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'CertificateForAnotherHost',
  HOSTNAME_MISMATCH: 'CertificateForAnotherHost',
}

/**
 * The rest of OpenSSL's and Node's codes: a chain too long, a revoked certificate, a handshake that fails. EPROTO is what
 * Node makes of an alert of the server (a version or a cipher that it does not offer); no plain socket has it.
 */
const others = /^(EPROTO$|ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|PATH_LENGTH_EXCEEDED$|INVALID_PURPOSE$)/

/** Undefined for a code that has nothing to do with TLS. */
export function tlsReasonOf(code: string): PostgresErrorReason | undefined {
  return byCode[code] ?? (others.test(code) ? 'TlsFailed' : undefined)
}
