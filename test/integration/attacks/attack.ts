/** What somebody tries, as a sentence and a request. */
import type { Household, Verb } from '../security-scene.ts'

export interface Cast {
  readonly mine: Household
  readonly neighbour: Household
  readonly msp: Household
}

export type Attempt = readonly [verb: Verb, path: string, body?: object]
export type Attack = readonly [sentence: string, attempt: (cast: Cast) => Attempt]
