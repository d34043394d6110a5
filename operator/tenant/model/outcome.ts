/** What the actions of a decision came to. Data. */
import type { Why } from '../../api/whys.ts'
import type { Action, Target } from './action.ts'
import type { Tenant } from '../../api/tenant.ts'

/** What an action did outside, as the ports noted it. */
export type Did = 'Created' | 'Changed' | 'Deleted'

/** An action that changed something. */
export interface Effect {
  readonly action: Action
  readonly did: Did
  readonly why: Why
  /** The admin directory was gone, and was made anew on the way. */
  readonly directoryLost?: boolean
  /** Parameters of the former login that the next one does without. */
  readonly notCarried?: readonly string[]
  /** The answer was something else than was written: nothing was put right. */
  readonly contested?: boolean
}

export interface Failure {
  readonly target: Target
  readonly action: Action
  readonly error: unknown
}

export interface Outcome {
  /** What was changed outside, in the order in which it was done. */
  readonly effects: readonly Effect[]
  readonly failures: readonly Failure[]
  /** What was not begun, because something before it failed. */
  readonly skipped: readonly Target[]
  /** The actions that failed, and those that were not begun. */
  readonly undone: readonly Action[]
  readonly refused?: RefusedParameters | undefined
  /** The Tenant as it was written last; undefined once its finalizer is gone. */
  readonly tenant: Tenant | undefined
}

/** Declared parameters that a server does not take. All else was done. */
export interface RefusedParameters {
  readonly server: string
  readonly names: readonly string[]
}
