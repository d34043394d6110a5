/** The decision for one tenant: what is done, in which order, and what the status says afterwards. Pure. */
import type { SizeBound } from '../../api/size.ts'
import type { Action, Stage } from './action.ts'
import type { Outlook } from './outlook.ts'

export interface Decision {
  readonly stages: readonly Stage[]
  /** What is true once every action has succeeded; undefined when the Tenant itself is released. */
  readonly outlook: Outlook | undefined
  /** Milliseconds until the next pass, without an event. */
  readonly requeueAfter?: number
  /** No event may report the end of the blocker: the tenant is looked at with growing pauses. */
  readonly stuck?: true
  /** The DatabaseServer that cannot be used now, and holds an action up. */
  readonly waitsFor?: string
  /** The bound that the next look at the server compares the data's size with; undefined where it is unchanged. */
  readonly size?: { readonly server: string; readonly bound: SizeBound | undefined }
  /** Until this has succeeded the tenant lives on, and drift is repaired first. */
  readonly keeps?: true
  /** Digests of all wanted objects; undefined where the tenant is neither made nor repaired. */
  readonly wanted?: WantedState
}

/** The stages without the empty ones. */
export function stagesOf(...stages: readonly Stage[]): readonly Stage[] {
  return stages.map((stage) => stage.filter(({ actions }) => actions.length > 0)).filter((stage) => stage.length > 0)
}

/** One action after the other, on one target. */
export function lane(target: Stage[number]['target'], actions: readonly Action[]): Stage {
  return [{ target, actions }]
}

/** The nearest of the times at which something is due, in milliseconds from now; nothing where none is. */
export function requeue(...times: readonly (number | undefined)[]): { readonly requeueAfter?: number } {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? {} : { requeueAfter: Math.min(...known) }
}

/**
 * Digests of the wanted objects: in Kubernetes, and of the database and its Secret; undefined where that is unknown
 * now.
 */
export interface WantedState {
  readonly content: string
  readonly database: string | undefined
}
