/** The attempt of one action on its object: the differences that it found, and whether it may write now. */
import type { ObjectMeta } from '../../kube/port.ts'
import { afterOther, mayWrite } from './contest-history.ts'
import type { By } from './contest-words.ts'
import type { Thing } from './contested-thing.ts'
import { missing } from '../namespace/object-differences.ts'
import type { Difference } from '../namespace/object-differences.ts'
import { Postponed } from '../model/errors.ts'
import { writerOf } from './writer.ts'
import { fieldOf, idOf, isOther, postpone, valuesOf } from './contested-fields.ts'
import type { Known } from './contested-fields.ts'

/** What one action learns of its object, and asks before it writes. */
export interface Dispute {
  /** The object is not as it should be, and is about to be written. Throws {@link Postponed}. */
  found(differences: readonly Difference[], metadata?: ObjectMeta): void
  /** The differences in the answer to the write. */
  answered(differences: readonly Difference[]): void
}

/** One attempt to repair an object. */
export class Attempt implements Dispute {
  readonly thing: Thing
  readonly #known: Known | undefined
  readonly #now: number
  before: readonly { readonly difference: Difference; readonly by: By }[] = []
  after: readonly Difference[] = []

  constructor(thing: Thing, known: Known | undefined, now: number) {
    this.thing = thing
    this.#known = known
    this.#now = now
  }

  found(differences: readonly Difference[], metadata?: ObjectMeta): void {
    const { id } = this.thing
    this.before = differences.map((difference) => ({ difference, by: { writer: writer(difference, metadata) } }))
    if (this.#known === undefined || this.thing.server !== undefined) return
    const known = this.#known
    const values = valuesOf(differences)
    const waits = differences.filter((difference) => {
      const [path, field] = fieldOf(known, difference)
      if (field === undefined) return false
      const history = isOther(field, values.get(path)) ? afterOther(field.history) : field.history
      known.fields.set(path, { ...field, history })
      return !mayWrite(history, this.#now)
    })
    if (waits.length === 0 || waits.length < differences.length) return
    postpone(known, waits.map(idOf), this.#now)
    throw new Postponed(`${id} is contested`)
  }

  answered(differences: readonly Difference[]): void {
    this.after = differences
  }
}

function writer(difference: Difference, metadata: ObjectMeta | undefined): string | undefined {
  return difference === missing || metadata === undefined ? undefined : writerOf(metadata, difference.path)
}
