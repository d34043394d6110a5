/** The outcome of a decision's actions. Data. */
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
  /** The admin directory was gone, and this action recreated it. */
  readonly directoryLost?: boolean
  /** Parameters of the former login that the new one lacks. */
  readonly notCarried?: readonly string[]
  /** The answer differs from what was written: nothing was repaired. */
  readonly contested?: boolean
}

export interface Failure {
  readonly target: Target
  readonly action: Action
  readonly error: unknown
}

export interface Outcome {
  /** The changes outside, in the order in which they happened. */
  readonly effects: readonly Effect[]
  readonly failures: readonly Failure[]
  /** The targets that were not begun, because something before them failed. */
  readonly skipped: readonly Target[]
  /** The actions that failed, and the actions that were not begun. */
  readonly undone: readonly Action[]
  readonly refusedParameters?: RefusedParameters | undefined
  /** The Tenant as last written; undefined once its finalizer is gone. */
  readonly tenant: Tenant | undefined
}

/** Declared parameters that the server refuses. Everything else was done. */
export interface RefusedParameters {
  readonly server: string
  readonly names: readonly string[]
}
