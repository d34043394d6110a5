import type { Socket } from 'node:net'

/** How the relay misbehaves, from when it is set until it is removed. */
export interface MailFault {
  /** Which command it answers so; `rcpt` by default. `data`: after the whole message. */
  readonly at?: 'connect' | 'mail' | 'rcpt' | 'data'
  /** Only mail to this address; default all. Nothing is known of it before RCPT. */
  readonly recipient?: string
  /** How often; default until it is removed. */
  readonly times?: number
  /**
   * `reply`: this SMTP code (421 closes the connection too), with an enhanced status code where `text` begins with one; `hang`: no answer, ever; `drop`: the connection is cut
   * instead of an answer.
   */
  readonly effect: { readonly reply: number; readonly text?: string } | 'hang' | 'drop'
}

/** How smtp-server takes an answer: an error with the code, or none. */
export type Answer = (error?: Error | null) => void

/** The faults that are set, in the order in which they were. */
export class MailFaults {
  #faults: { readonly fault: MailFault; left: number }[] = []

  /** Sets one; the answer removes it. */
  add(fault: MailFault): () => void {
    const entry = { fault, left: fault.times ?? Infinity }
    this.#faults.push(entry)
    return () => {
      this.#faults = this.#faults.filter((other) => other !== entry)
    }
  }

  clear(): void {
    this.#faults = []
  }

  /** Counts a fault that applies as used, and answers it; undefined: answer as a good relay does. */
  take(at: NonNullable<MailFault['at']>, recipients: readonly string[] = []): MailFault | undefined {
    const entry = this.#faults.find(({ fault, left }) => {
      const addressed = fault.recipient === undefined || recipients.includes(fault.recipient)
      return left > 0 && (fault.at ?? 'rcpt') === at && addressed
    })
    if (entry) entry.left -= 1
    return entry?.fault
  }
}

/** Does what the fault says instead of the answer. */
export function misbehave({ effect }: MailFault, socket: Socket | undefined, answer: Answer): void {
  if (effect === 'hang') return
  if (effect === 'drop') {
    socket?.destroy()
    return
  }
  answer(Object.assign(new Error(effect.text ?? `told to answer ${effect.reply}`), { responseCode: effect.reply }))
}
