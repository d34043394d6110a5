/**
 * A relay that gives one answer for different addresses does not judge the addresses, whatever its code says. Kept in
 * memory: after a restart it takes two addresses to find out again.
 */
import { MailError } from './port.ts'

/** Addresses that are known to be refused for themselves; the oldest is forgotten first. */
const mostKnown = 1_000

export class SameAnswers {
  /** The addresses that got an answer since a mail was last taken. */
  readonly #refusedRecipients = new Map<string, Set<string>>()
  /** Refused while mail to others was taken. */
  readonly #own = new Set<string>()

  /** The error to throw: `error`, or one that blames the relay. */
  judge(error: MailError, address: string): MailError {
    const recipient = address.toLowerCase()
    if (error.class !== 'permanent' || error.response === undefined || this.#own.has(recipient)) return error
    const answer = withoutNames(error.response, recipient)
    const recipients = this.#refusedRecipients.get(answer) ?? new Set()
    this.#refusedRecipients.set(answer, recipients.add(recipient))
    if (recipients.size === 1) return error
    const message = `The mail relay gives one answer for different addresses. ${error.message}`
    const { code, status, response } = error
    return new MailError('configuration', message, code, 'tenant', { status, response })
  }

  /** A mail to this address was taken: refusals so far concern their addresses. */
  taken(address: string): void {
    for (const recipients of this.#refusedRecipients.values()) for (const each of recipients) this.#own.add(each)
    this.#refusedRecipients.clear()
    this.#own.delete(address.toLowerCase())
    for (const each of this.#own) {
      if (this.#own.size <= mostKnown) return
      this.#own.delete(each)
    }
  }
}

/**
 * The answer without the parts that differ from mail to mail: the address, and every word with a digit in it except the
 * codes.
 */
function withoutNames(response: string, recipient: string): string {
  const [head = '', ...rest] = response.toLowerCase().split(/\s+/)
  const words = rest.map((word) => (isName(word, recipient) ? '*' : word))
  return [head, ...words].join(' ')
}

function isName(word: string, recipient: string): boolean {
  if (isStatus(word)) return false
  const [local = '', domain = ''] = recipient.split('@')
  return isId(word) || word.includes(domain) || word.replace(/[^\w.+-]/g, '') === local
}

const isStatus = (word: string) => /^[245]\.\d{1,3}\.\d{1,3}$/.test(word)
const isId = (word: string) => /[@<\d]/.test(word)

/** Whether two answers to one mail say the same, except for the ids in them. */
export function areSameWords(one: string, other: string): boolean {
  const said = (text: string) => text.split(/\s+/).filter((word) => isStatus(word) || !isId(word))
  return said(one).join(' ') === said(other).join(' ')
}
