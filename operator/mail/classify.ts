/**
 * The meaning of an SMTP client's failure: by the relay's reply code (RFC 5321, section 4.2) and its enhanced status
 * code, by nodemailer's `code` and `command`, by the system's or TLS's error code; never by a text.
 */
import { MailError } from './port.ts'
import type { MailErrorClass, MailErrorScope } from './port.ts'
import { judgeRelayRefusal, slowVerdict, statusOf } from './relay-refusal.ts'
import type { RelayRefusalMeaning } from './relay-refusal.ts'

/** What nodemailer adds to its errors. */
export interface SmtpFailure {
  readonly code?: string | undefined
  /** The system's code (`ECONNREFUSED`) where `code` is nodemailer's own. */
  readonly originalCode?: string | undefined
  /** The SMTP command that was answered: `MAIL FROM`, `RCPT TO`, `DATA`, `AUTH PLAIN`, `STARTTLS`, `CONN`. */
  readonly command?: string | undefined
  readonly responseCode?: number | undefined
  readonly response?: string | undefined
}

const verdict = (errorClass: MailErrorClass, scope: MailErrorScope, words: string): RelayRefusalMeaning => ({
  class: errorClass,
  scope,
  words,
})

/** An unknown name stays unknown; a failing resolver recovers (`EAI_AGAIN`, `ETIMEOUT`, `ESERVFAIL`). */
const unknownHost: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])

/** Replies that ask for authentication or refuse it, at any command (RFC 4954, section 6). */
const authenticationReplies: ReadonlySet<number> = new Set([530, 534, 535, 538])

/** The error to throw for `failure`. Its message names the step and has the relay's own words, nothing of the mail. */
export function classify(failure: SmtpFailure): MailError {
  const { responseCode, response } = failure
  const { class: errorClass, scope, words, slow = false } = judge(failure)
  const said = response === undefined ? cause(failure) : quote(response)
  const status = statusOf(response)
  return new MailError(errorClass, `${words}${said}`, responseCode, scope, { status, slow, response })
}

function judge(failure: SmtpFailure): RelayRefusalMeaning {
  return failure.responseCode === undefined ? withoutReply(failure) : byReply(failure, failure.responseCode)
}

function byReply({ command = '', code, response }: SmtpFailure, reply: number): RelayRefusalMeaning {
  if (reply === 421) return verdict('transient', 'relay', 'The mail relay is closing its connections for now')
  if (authenticationReplies.has(reply))
    return verdict('configuration', 'relay', 'The mail relay wants other credentials')
  if (code === 'EAUTH')
    return reply >= 500
      ? verdict('configuration', 'relay', 'The mail relay refused the credentials')
      : verdict('transient', 'relay', 'The mail relay cannot check the credentials for now')
  const refusal = { command, reply, status: statusOf(response) }
  const early = beforeRecipient(command)
  const slow = slowVerdict(refusal)
  if (slow !== undefined) return slow
  if (reply < 500) return verdict('transient', early ? 'relay' : 'message', 'The mail relay put the mail off')
  if (command === 'STARTTLS') return verdict('configuration', 'relay', 'The mail relay refused STARTTLS')
  if (command === 'MAIL FROM') return verdict('configuration', 'relay', 'The mail relay refused the sender address')
  if (early) return verdict('configuration', 'relay', 'The mail relay refused the connection')
  return judgeRelayRefusal(refusal)
}

/** RCPT and DATA concern one message; everything earlier would have happened to any. */
const beforeRecipient = (command: string) => command !== 'RCPT TO' && command !== 'DATA'

function withoutReply({ code = '', originalCode = '', command }: SmtpFailure): RelayRefusalMeaning {
  if (unknownHost.has(originalCode)) return verdict('configuration', 'relay', 'The name of the mail relay is unknown')
  if (isCertificateProblem(originalCode))
    return verdict('configuration', 'relay', 'The certificate of the mail relay cannot be verified')
  if (code === 'ETLS' && command === 'STARTTLS')
    return verdict('configuration', 'relay', 'No TLS connection with a valid certificate could be made')
  if (code === 'EAUTH')
    return verdict('configuration', 'relay', 'The mail relay offers no authentication that can be used')
  if (code === 'EENVELOPE') return verdict('permanent', 'message', 'The address is not one that SMTP can carry')
  if (code === 'EMESSAGE') return verdict('permanent', 'message', 'The mail relay takes no message of this size')
  if (code === 'EPROTOCOL')
    return verdict('transient', 'relay', 'The server that answers there does not speak SMTP correctly')
  if (code === 'ETIMEDOUT') return verdict('transient', 'relay', 'The mail relay did not answer in time')
  return verdict('transient', 'relay', 'The connection to the mail relay failed')
}

/** OpenSSL's X509_V_ERR_* names as Node gives them, and Node's own for the host name and for a peer without TLS. */
function isCertificateProblem(code: string): boolean {
  return (
    /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH)/.test(
      code,
    ) || code === 'EPROTO'
  )
}

const cause = (failure: SmtpFailure) =>
  failure.originalCode === undefined || failure.originalCode === failure.code ? '.' : ` (${failure.originalCode}).`

/** One line of printable ASCII, at most 300 characters: it goes into a status. */
function quote(response: string): string {
  const line = response
    .replace(/[^\x21-\x7e]+/g, ' ')
    .trim()
    .slice(0, 300)
  return line === '' ? '.' : `: ${line}`
}
