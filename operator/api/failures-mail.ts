/** The rows of the table of failures for mail: the status of a TenantAdmin whose invite the relay did not accept. Pure. */
import type { FailureRow } from './failure-row.ts'
import { annotations } from './names.ts'

/** `kubectl annotate … ` is too long for a condition; this names the way. */
export const resendHint = `To send it again, annotate the TenantAdmin with ${annotations.resendRequestedAt} and the present time.`

const mailed = { again: 'Mail' } as const

export const failuresOfMail = {
  MailAddressRefused: {
    when: 'An invite: the relay refuses the address (550 5.1.1, …)',
    reason: 'MailPermanentError',
    told: 'Stalled',
    ...mailed,
    sentence: 'The mail relay refused the address; status.invite.lastError has its words.',
    remedy: `Correct spec.email. Tenantry retries automatically, hours later. ${resendHint}`,
  },
  MailSenderRefused: {
    when: 'An invite: the relay refuses this installation, or cannot be used with its settings (535, 554 5.7.1, …)',
    reason: 'MailConfigurationError',
    told: 'Stalled',
    ...mailed,
    sentence: 'The mail relay refuses this installation, or cannot be used with its settings; {name} tells the cause.',
    remedy: 'Tenantry sends the invite automatically once that is corrected.',
  },
  MailPutOff: {
    when: 'An invite: the relay defers the mail (4xx, a full mailbox, a quota)',
    reason: 'MailTransientError',
    told: 'Retried',
    ...mailed,
    sentence: 'The mail relay did not take the mail; status.invite.lastError has its words.',
    remedy: 'Tenantry retries automatically.',
  },
  MailRelayDown: {
    when: 'An invite: the relay fails for all mails',
    reason: 'RelayUnavailable',
    told: 'Retried',
    ...mailed,
    sentence: 'The mail relay fails for all mails; the invite goes out when it works again.',
  },
} as const satisfies Record<string, FailureRow>
