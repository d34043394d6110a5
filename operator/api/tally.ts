/** A count that belongs to one day. */
import { z } from 'zod'

export function tally(what: string) {
  return z.object({
    day: z.string().max(10).describe('The day (UTC), such as 2030-01-31.'),
    count: z.int().min(0).max(1_000_000).describe(what),
  })
}

export interface Tally {
  readonly day: string
  readonly count: number
}
