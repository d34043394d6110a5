/** What was decided for one tenant: what is done, in which order, and what is said when it is done. Pure. */
import type { SizeBound } from '../../api/size.ts'
import type { Action, Stage } from './action.ts'
import type { Outlook } from './outlook.ts'

export interface Decision {
  readonly stages: readonly Stage[]
  /** What is true once every action has succeeded. Undefined when the Tenant itself is let go. */
  readonly outlook: Outlook | undefined
  /** Milliseconds until it is looked at again although nothing was heard. */
  readonly requeueAfter?: number
  /** Something stands in the way of which nothing may be heard when it goes: it is looked at ever more seldom. */
  readonly stuck?: true
  /** The DatabaseServer that cannot be used now, and keeps something from being done. */
  readonly waitsFor?: string
  /** What a look at the server compares the size of the data with; undefined where that is as it was. */
  readonly size?: { readonly server: string; readonly bound: SizeBound | undefined }
  /** Until this has succeeded the tenant goes on, and what is missing of it is mended first. */
  readonly keeps?: true
  /** Digests of all that it wants to be there; undefined where the tenant is not made or mended. */
  readonly wanted?: WantedState
}

/** The stages without those that would do nothing. */
export function stagesOf(...stages: readonly Stage[]): readonly Stage[] {
  return stages.map((stage) => stage.filter(({ actions }) => actions.length > 0)).filter((stage) => stage.length > 0)
}

/** One thing after the other, on one target. */
export function lane(target: Stage[number]['target'], actions: readonly Action[]): Stage {
  return [{ target, actions }]
}

/** The nearest of the times at which something is due, in milliseconds from now; nothing where none is. */
export function requeue(...times: readonly (number | undefined)[]): { readonly requeueAfter?: number } {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? {} : { requeueAfter: Math.min(...known) }
}

/** Digests of what is wanted: in Kubernetes, and of the database and its Secret; undefined where that is not known now. */
export interface WantedState {
  readonly content: string
  readonly database: string | undefined
}
