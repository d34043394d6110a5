/** The breaker's metrics in Prometheus' form. */
import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { BreakerMetrics, BreakerState } from './breaker.ts'

const states: readonly BreakerState[] = ['closed', 'open', 'half-open']
const outcomes = ['sent', 'transient', 'permanent', 'configuration', 'paused'] as const

/** `tenantry_mail_relay_breaker{state}` is 1 for the state it is in; `tenantry_mail_messages_total{outcome}` counts sends. */
export function createMailMetrics(registry: Registry): BreakerMetrics {
  const breaker = new Gauge({
    name: 'tenantry_mail_relay_breaker',
    help: 'State of the circuit breaker of the mail relay: 1 for the current state.',
    labelNames: ['state'],
    registers: [registry],
  })
  const messages = new Counter({
    name: 'tenantry_mail_messages_total',
    help: 'Mails handed to the relay, by outcome; paused mails were not tried.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  for (const outcome of outcomes) messages.inc({ outcome }, 0)
  return {
    state: (now) => {
      for (const state of states) breaker.set({ state }, state === now ? 1 : 0)
    },
    sent: (outcome) => messages.inc({ outcome }),
  }
}
