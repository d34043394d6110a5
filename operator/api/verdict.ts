/** Verdicts (a reason and a message), and ordered lists of rules that give one. */
import type { Reason } from './reasons.ts'

export interface Verdict {
  readonly reason: Reason
  /** Plain; names the field and the way out; the same from pass to pass. */
  readonly message: string
}

/** A rule: undefined when it is met. */
export type Check<Facts, Broken extends Verdict = Verdict> = (facts: Facts) => Broken | undefined

/** The first rule of an ordered list that is broken. */
export function firstOf<Facts, Broken extends Verdict = Verdict>(
  checks: readonly Check<Facts, Broken>[],
  facts: Facts,
): Broken | undefined {
  for (const check of checks) {
    const verdict = check(facts)
    if (verdict !== undefined) return verdict
  }
  return undefined
}
