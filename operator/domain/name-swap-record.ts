/**
 * What is written on the claim that leads an exchange once that is decided: which tenant gets which name. From then on it
 * is carried out, whatever anybody wants by then. Pure.
 */
import { z } from 'zod'

/** What one claim of an exchange is to say in the end. */
export interface Handover {
  /** The name of the claim. */
  readonly claim: string
  /** Its data, those of the new holder. */
  readonly data: Readonly<Record<string, string>>
  /** The Cloud ID in its label. */
  readonly cloudId: string
}

const journal = z.array(z.object({ claim: z.string(), data: z.record(z.string(), z.string()), cloudId: z.string() }))

export function journalText(handovers: readonly Handover[]): string {
  return JSON.stringify(handovers)
}

/** None where nothing readable is written: then nothing was decided. */
export function handoversIn(text: string | undefined): readonly Handover[] {
  if (text === undefined) return []
  try {
    return journal.safeParse(JSON.parse(text)).data ?? []
  } catch {
    return []
  }
}
