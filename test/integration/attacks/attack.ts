/** What somebody tries, as a sentence and a request. */
import type { Household, Verb } from '../security-scene.ts'

export interface Cast {
  readonly mine: Household
  readonly neighbour: Household
  readonly msp: Household
}

export type Attempt = readonly [verb: Verb, path: string, body?: object]
/** `refusal`: words of whatever refuses it, a policy's or the schema's. Without them it is RBAC that does not let it come so far. */
export type Attack = readonly [sentence: string, attempt: (cast: Cast) => Attempt, refusal?: string]
