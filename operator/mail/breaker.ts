/**
 * A circuit breaker around the mail port: a dead relay is one alert, not a thousand failed invites. After `threshold`
 * failures in a row that would have met any message, nothing is tried until a backoff has passed; then one send is let
 * through as a probe. A refused recipient says nothing about the relay and closes the breaker like a success. A refusal
 * that a tenant's own words may be the reason of counts once a tenant: no tenant alone stops the mail of others.
 */
import type { Clock, Random } from '../runtime/clock.ts'
import { MailError } from './port.ts'
import type { MailErrorClass, Mailer, Message } from './port.ts'
import { SameAnswers } from './same-answer.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerMetrics {
  /** Called at each change, and once at the start. */
  readonly state: (state: BreakerState) => void
  readonly sent: (outcome: 'sent' | MailErrorClass | 'paused') => void
}

export interface BreakerSettings {
  readonly threshold: number
  /** Milliseconds until the first probe; doubled after each that fails, up to `maxPause`. */
  readonly pause: number
  readonly maxPause: number
}

export const defaultBreaker: BreakerSettings = { threshold: 5, pause: 10_000, maxPause: 300_000 }

/** Why nothing is sent, and in how many milliseconds it is worth asking again. */
export interface Pause {
  readonly class: MailErrorClass
  readonly message: string
  readonly retryAfter: number
}

/** Thrown instead of trying; it is no attempt and does not count as one. */
export class MailPausedError extends MailError {
  readonly retryAfter: number
  constructor(pause: Pause) {
    super(pause.class, pause.message, undefined, 'relay')
    this.retryAfter = pause.retryAfter
  }
}

export interface GuardedMailer extends Mailer {
  /** Undefined while a send would be tried. */
  readonly paused: () => Pause | undefined
}

export interface BreakerPorts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly random: Pick<Random, 'fraction'>
  readonly metrics: BreakerMetrics
}

export function withBreaker(mailer: Mailer, ports: BreakerPorts, settings = defaultBreaker): GuardedMailer {
  const breaker = new Breaker(ports, settings)
  const answers = new SameAnswers()
  return {
    paused: () => breaker.paused(),
    close: mailer.close,
    send: async (message, signal) => {
      const closeGate = breaker.enter()
      try {
        const sent = await mailer.send(message, signal)
        breaker.recovered()
        answers.taken(message.to)
        ports.metrics.sent('sent')
        return sent
      } catch (caught) {
        const error = caught instanceof MailError ? answers.judge(caught, message.to) : caught
        // A send that we stopped ourselves says nothing about the relay.
        if (error instanceof MailError && !signal.aborted) breaker.failed(error, message)
        ports.metrics.sent(error instanceof MailError ? error.class : 'transient')
        throw error
      } finally {
        closeGate()
      }
    },
  }
}

interface Trouble {
  failures: number
  /** Whose mail was refused with an answer that counts once a tenant. */
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
  #trouble: Trouble | undefined

  constructor(ports: BreakerPorts, settings: BreakerSettings) {
    this.#ports = ports
    this.#settings = settings
    ports.metrics.state('closed')
  }

  paused(): Pause | undefined {
    const trouble = this.#trouble
    if (trouble?.openUntil === undefined) return undefined
    const left = trouble.openUntil - this.#ports.clock.monotonic()
    if (left <= 0 && !trouble.probing) return undefined
    return { class: trouble.last.class, message: trouble.last.message, retryAfter: Math.max(left, 1000) }
  }

  /** Lets a send through, or throws {@link MailPausedError}. The answer is to be called when the send is over. */
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
    // Failures of sends that were under way when it opened do not prolong it.
    if (trouble.openUntil !== undefined && !trouble.probing) return
    if (trouble.probing) trouble.pause = Math.min(trouble.pause * 2, maxPause)
    if (error.slow) trouble.pause = maxPause
    const jitter = 0.75 + this.#ports.random.fraction() / 4
    trouble.openUntil = this.#ports.clock.monotonic() + trouble.pause * jitter
    this.#ports.metrics.state('open')
  }
}
