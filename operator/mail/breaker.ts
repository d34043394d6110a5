/**
 * A circuit breaker around the mail port: a dead relay is one alert, not a thousand failed invites. After `threshold`
 * failures in a row that would have met any message, nothing is sent until a backoff has passed; then one send is let
 * through as a probe. A refused recipient says nothing about the relay and closes the breaker like a success. A refusal
 * that a tenant's own words may have caused counts once per tenant: no tenant alone stops the mail of others.
 */
import type { Clock, Random } from '../runtime/base/clock.ts'
import { MailError } from './port.ts'
import type { MailErrorClass, Mailer, Message, Sent } from './port.ts'
import { SameAnswers } from './same-answer.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerMetrics {
  /** Called at each change, and once at the start. */
  readonly state: (state: BreakerState) => void
  readonly sent: (outcome: 'sent' | MailErrorClass | 'paused') => void
}

export interface BreakerSettings {
  readonly threshold: number
  /** Milliseconds until the first probe; doubled after each failed one, up to `maxPause`. */
  readonly pause: number
  readonly maxPause: number
}

export const defaultBreaker: BreakerSettings = { threshold: 5, pause: 10_000, maxPause: 300_000 }

export interface Trouble {
  readonly class: MailErrorClass
  readonly message: string
}

/** Why nothing is sent, and the milliseconds until it is worth asking again. */
export interface Pause extends Trouble {
  readonly retryAfter: number
}

/** Thrown instead of sending; it does not count as an attempt. */
export class MailPausedError extends MailError {
  readonly retryAfter: number
  constructor(pause: Pause) {
    super(pause.class, pause.message, undefined, 'relay')
    this.retryAfter = pause.retryAfter
  }
}

export interface GuardedMailer extends Mailer {
  /**
   * `first` runs once the mail is let through, and before it is sent. Throws {@link MailError}, or the error of
   * `first`.
   */
  readonly send: (message: Message, signal: AbortSignal, first?: () => Promise<void>) => Promise<Sent>
  /** Undefined while a send would be tried. */
  readonly paused: () => Pause | undefined
  /** Why nothing was sent lately, also while a probe may go; undefined once a mail was taken. */
  readonly trouble: () => Trouble | undefined
}

export interface BreakerPorts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly random: Pick<Random, 'fraction'>
  readonly metrics: BreakerMetrics
}

export function withBreaker(mailer: Mailer, ports: BreakerPorts, settings = defaultBreaker): GuardedMailer {
  const breaker = new Breaker(ports, settings)
  const answers = new SameAnswers()
  const attempt = async (message: Message, signal: AbortSignal) => {
    try {
      const sent = await mailer.send(message, signal)
      breaker.recovered()
      answers.taken(message.to)
      ports.metrics.sent('sent')
      return sent
    } catch (caught) {
      const error = caught instanceof MailError ? answers.judge(caught, message.to) : caught
      // A send that this process stopped itself says nothing about the relay.
      if (error instanceof MailError && !signal.aborted) breaker.failed(error, message)
      ports.metrics.sent(error instanceof MailError ? error.class : 'transient')
      throw error
    }
  }
  return {
    paused: () => breaker.paused(),
    trouble: () => breaker.trouble(),
    close: mailer.close,
    send: async (message, signal, first) => {
      const closeGate = breaker.enter()
      try {
        await first?.()
        return await attempt(message, signal)
      } finally {
        closeGate()
      }
    },
  }
}

interface Failing {
  failures: number
  /** The tenants whose mail got an answer that counts once per tenant. */
  readonly tenants: Set<string>
  last: MailError
  /** Monotonic milliseconds; undefined while the breaker is closed. */
  openUntil: number | undefined
  pause: number
  probing: boolean
}

class Breaker {
  readonly #ports: BreakerPorts
  readonly #settings: BreakerSettings
  #trouble: Failing | undefined

  constructor(ports: BreakerPorts, settings: BreakerSettings) {
    this.#ports = ports
    this.#settings = settings
    ports.metrics.state('closed')
  }

  trouble(): Trouble | undefined {
    if (this.#trouble?.openUntil === undefined) return undefined
    const { class: errorClass, message } = this.#trouble.last
    return { class: errorClass, message }
  }

  paused(): Pause | undefined {
    const told = this.trouble()
    const { openUntil = 0, probing = false } = this.#trouble ?? {}
    const left = openUntil - this.#ports.clock.monotonic()
    if (told === undefined || (left <= 0 && !probing)) return undefined
    return { ...told, retryAfter: Math.max(left, 1000) }
  }

  /**
   * Lets a send through, or throws {@link MailPausedError}. The returned function is to be called when the send is
   * over.
   */
  enter(): () => void {
    const pause = this.paused()
    if (pause !== undefined) {
      this.#ports.metrics.sent('paused')
      throw new MailPausedError(pause)
    }
    const probe = this.#trouble?.openUntil === undefined ? undefined : this.#trouble
    if (probe === undefined) return () => {}
    probe.probing = true
    this.#ports.metrics.state('half-open')
    return () => {
      probe.probing = false
    }
  }

  recovered(): void {
    if (this.#trouble?.openUntil !== undefined) this.#ports.metrics.state('closed')
    this.#trouble = undefined
  }

  failed(error: MailError, { tenant }: Pick<Message, 'tenant'>): void {
    if (error.scope === 'message') return this.recovered()
    const { pause, maxPause, threshold } = this.#settings
    const trouble = (this.#trouble ??= {
      failures: 0,
      tenants: new Set(),
      last: error,
      openUntil: undefined,
      pause,
      probing: false,
    })
    if (error.scope === 'tenant' && trouble.tenants.has(tenant) && !trouble.probing) return
    if (error.scope === 'tenant') trouble.tenants.add(tenant)
    trouble.last = error
    trouble.failures += 1
    if (trouble.failures < threshold) return
    // Failures of sends that were in progress when it opened do not prolong it.
    if (trouble.openUntil !== undefined && !trouble.probing) return
    if (trouble.probing) trouble.pause = Math.min(trouble.pause * 2, maxPause)
    if (error.slow) trouble.pause = maxPause
    const jitter = 0.75 + this.#ports.random.fraction() / 4
    trouble.openUntil = this.#ports.clock.monotonic() + trouble.pause * jitter
    this.#ports.metrics.state('open')
  }
}
