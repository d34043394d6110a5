/** Why something is not as it should be, in a word for machines and a sentence for people. */
import type { Reason } from '../api/reasons.ts'

export interface Verdict {
  readonly reason: Reason
  /** Plain, names the field and the way out, and is the same from pass to pass. */
  readonly message: string
}

/** A rule: undefined when it is kept. */
export type Check<Facts> = (facts: Facts) => Verdict | undefined

/** The first rule of an ordered list that is broken. */
export function firstOf<Facts>(checks: readonly Check<Facts>[], facts: Facts): Verdict | undefined {
  for (const check of checks) {
    const verdict = check(facts)
    if (verdict !== undefined) return verdict
  }
  return undefined
}
