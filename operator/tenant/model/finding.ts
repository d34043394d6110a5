/** What others do not leave alone, in words for people. Data. */
import type { Target } from './action.ts'

/** What is contested, in words for people. */
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
