/** Tells when something in a tenant's namespace that was deleted or edited is as declared again. */
import type { Change } from '../../operator/runtime/cache/object-store.ts'
import type { ChildKind, Fingerprint } from '../../operator/domain/fingerprint.ts'
import type { News } from './news.ts'

interface Wound {
  readonly since: number
  readonly digest: string
  readonly what: 'deleted' | 'edited'
}

/** Milliseconds after which it was no wound: its plan changed, say. */
const longest = 30_000

export class Healing {
  readonly #wounds = new Map<string, Wound>()

  /** `now`: monotonic milliseconds. What is not healed is told of by nobody: its tenant may be on its way out. */
  note(kind: ChildKind, { key, before, after }: Change<Fingerprint>, now: number): News | undefined {
    const id = `${kind} ${key}`
    const wound = this.#wounds.get(id)
    const healed = wound !== undefined && after !== undefined && signature(after) === wound.digest
    if (healed) {
      this.#wounds.delete(id)
      const milliseconds = Math.round(now - wound.since)
      // Below that it is the time between two lines of the watch, and says nothing.
      const when = milliseconds < 20 ? 'at once' : `after ${milliseconds} ms`
      return { tone: 'good', subject: id, text: `was ${wound.what}, and is as declared again ${when}` }
    }
    const isOpen = wound !== undefined && now - wound.since < longest
    if (before !== undefined && !isOpen && (after === undefined || signature(after) !== signature(before)))
      this.#wounds.set(id, {
        since: now,
        digest: signature(before),
        what: after === undefined ? 'deleted' : 'edited',
      })
    return undefined
  }
}

/** A Secret that is made anew has a new password, and is as declared all the same. */
function signature({ digest }: Fingerprint): string {
  return digest
}
