/**
 * The record on the leading claim of a decided swap: which tenant gets which name. A decided swap is carried out,
 * whatever the specs say by then. Pure.
 */
import { z } from 'zod'

/** What one claim of a swap says in the end. */
export interface Handover {
  /** The name of the claim. */
  readonly claim: string
  /** The claim's data, which are the new holder's. */
  readonly data: Readonly<Record<string, string>>
  /** The Cloud ID in its label. */
  readonly cloudId: string
}

const journal = z.array(z.object({ claim: z.string(), data: z.record(z.string(), z.string()), cloudId: z.string() }))

export function journalText(handovers: readonly Handover[]): string {
  return JSON.stringify(handovers)
}

/** The handovers in a record; none where it cannot be read: then no swap was decided. */
export function handoversIn(text: string | undefined): readonly Handover[] {
  if (text === undefined) return []
  try {
    return journal.safeParse(JSON.parse(text)).data ?? []
  } catch {
    return []
  }
}
