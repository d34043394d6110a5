/** A finding about fields that other writers change repeatedly. Data. */
import type { Target } from './action.ts'

/** One contested object or field, in words for people. */
export interface Finding {
  /** `Kind name`. */
  readonly object: string
  readonly namespace: string | undefined
  /** Undefined: the object itself. */
  readonly field: string | undefined
  readonly writer: string
  readonly sentence: string
}

export interface ToldFinding extends Finding {
  readonly target: Target
}
