/** The answers to people who have to wait: after too many attempts, and while too many passwords are hashed. */
import type { FastifyReply } from 'fastify'
import { HashingBusy } from '../sign-in/hash-slots.ts'

export const busy = 'Many people are signing in at this moment. Please try again in a few seconds.'

/** What `work` gives, or that too many attempts wait for their hash. */
export async function unlessBusy<T>(work: () => Promise<T>): Promise<T | { readonly kind: 'Busy' }> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HashingBusy) return { kind: 'Busy' }
    throw error
  }
}

/** The status and the sentence of an answer; sets its header. */
export function paused(seconds: number, reply: FastifyReply): readonly [number, string] {
  void reply.header('retry-after', seconds)
  return [429, `Too many attempts. Please try again in ${inWords(seconds)}.`]
}

/** A pause in words: `40 seconds`, `3 minutes`. */
function inWords(seconds: number): string {
  const [count, unit] = seconds < 90 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
