/**
 * The wanted state of each tenant when a pass of it last finished, as digests: so that the next pass can distinguish a
 * change of the wanted state from drift. In memory, for one leadership.
 */
import type { Target } from '../model/action.ts'
import type { WantedState } from '../model/decision.ts'
import type { Outcome } from '../model/outcome.ts'

/** `Unknown`: no pass has finished since the wanted state changed, or since this process leads. */
export type PartSince = 'Same' | 'Changed' | 'Unknown'

export type Since = { readonly [Part in keyof WantedState]: PartSince }

export class Wanted {
  readonly #content = new Map<string, string>()
  readonly #database = new Map<string, string>()

  /** Called before a pass. A change ends the earlier knowledge, as the pass may be cut off half way. */
  begin(uid: string, wanted: WantedState | undefined): Since {
    return {
      content: compare(this.#content, uid, wanted?.content),
      database: compare(this.#database, uid, wanted?.database),
    }
  }

  /** Called after a pass that did everything that was due. */
  end(uid: string, wanted: WantedState, { failures, skipped }: Pick<Outcome, 'failures' | 'skipped'>): void {
    const undone = new Set([...failures.map(({ target }) => target), ...skipped])
    const isDone = (targets: readonly Target[]) => targets.every((target) => !undone.has(target))
    if (isDone(['Tenant', 'Claims', 'Namespace', 'Content'])) this.#content.set(uid, wanted.content)
    if (wanted.database !== undefined && isDone(['Tenant', 'Claims', 'Database']))
      this.#database.set(uid, wanted.database)
  }

  forget(uid: string): void {
    this.#content.delete(uid)
    this.#database.delete(uid)
  }
}

function compare(ended: Map<string, string>, uid: string, wanted: string | undefined): PartSince {
  const before = ended.get(uid)
  if (before === undefined || wanted === undefined) return 'Unknown'
  if (before === wanted) return 'Same'
  ended.delete(uid)
  return 'Changed'
}
