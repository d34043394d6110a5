/** The failures of a connection, by the codes of the system and of TLS. Pure. */
import { DeadlineExceeded } from '../../runtime/base/deadline.ts'
import { DirectoryFailure } from './ldap-outcome.ts'

/** `name`: the directory, as `host:port`. */
export function unreachable(name: string, error: unknown): DirectoryFailure {
  const code = codeOf(error)
  const words = code === 'ENOTFOUND' ? `The name of ${name} is unknown` : `No connection to ${name} could be made`
  return new DirectoryFailure('Connection', `${words} (${code}).`, { cause: error })
}

export function cut(name: string, error?: unknown): DirectoryFailure {
  const why = error === undefined ? '' : ` (${codeOf(error)})`
  return new DirectoryFailure('Connection', `The connection to ${name} was closed${why}.`, { cause: error })
}

export function withoutTls(name: string, error: unknown): DirectoryFailure {
  const code = codeOf(error)
  const words = certificateCodes.test(code)
    ? `The certificate of ${name} cannot be verified (${code}): check host and rootCA`
    : `No TLS connection to ${name} could be made (${code})`
  return new DirectoryFailure('TLS', `${words}.`, { cause: error })
}

/** OpenSSL's X509_V_ERR_* names as Node gives them, and Node's own for the host name. */
const certificateCodes =
  /^(?:ERR_TLS_CERT_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH)/

/** Why `signal` ended the work. */
export function aborted(signal: AbortSignal, name: string): DirectoryFailure {
  return signal.reason instanceof DeadlineExceeded
    ? new DirectoryFailure('Timeout', `${name} did not answer in time: ${signal.reason.message}.`)
    : new DirectoryFailure('Stopped', `The sign-in with ${name} was stopped.`)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no code'
}
