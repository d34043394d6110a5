/**
 * The contested fields of each tenant: another writer, or an admission plugin, does not leave them as written. They are
 * put back at once a few times, then with growing pauses. In memory, for one leadership: nothing depends on it but the
 * number of writes and the report.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../runtime/base/clock.ts'
import { afterOther, afterPutBack, afterRefusedWrite, dueAt, isOver, mayWrite, toldUntil } from './contest-history.ts'
import { findingOf } from './contest-words.ts'
import { isGuard } from './contested-thing.ts'
import type { Thing } from './contested-thing.ts'
import { Postponed } from '../model/errors.ts'
import type { Finding, ToldFinding } from '../model/finding.ts'
import { Attempt } from './attempt.ts'
import type { Known } from './contested-fields.ts'
import {
  distinct,
  fieldOf,
  idOf,
  isOfPolicy,
  isTold,
  keyOf,
  postpone,
  untilNext,
  valuesOf,
} from './contested-fields.ts'

/**
 * While one field waits, the object is looked at this often at most for another one that must not wait: milliseconds.
 */
const lookInterval = 1_000
/** Per tenant, so that objects that come and go cannot fill the memory. */
const mostThings = 256
export class Contests {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #tenants = new Map<string, Map<string, Known>>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Called before an action. Throws {@link Postponed} where it is too early for another look at the object. */
  begin(uid: string, thing: Thing): Attempt {
    const now = this.#clock.monotonic()
    this.#prune(uid, now)
    const known = this.#known(uid, thing)
    if (
      known !== undefined &&
      thing.server === undefined &&
      [...known.fields.values()].some(({ history }) => !mayWrite(history, now))
    ) {
      if (now < known.lookedAt + lookInterval) {
        postpone(known, [...known.fields.keys()], now)
        known.lookDue = known.lookedAt + lookInterval
        throw new Postponed(`${thing.id} is contested`)
      }
      known.lookedAt = now
      known.lookDue = undefined
    }
    return new Attempt(thing, known, now)
  }

  /**
   * After an action that wrote. `isRepair`: the wanted state had not changed. Returns the differences in the answer.
   */
  end(uid: string, { thing, before, after }: Attempt, isRepair: boolean): boolean {
    const now = this.#clock.monotonic()
    const known = this.#known(uid, thing)
    const next = { thing, lookedAt: now, fields: new Map(known?.fields) }
    for (const { difference, by } of distinct(before, (each) => each.difference)) {
      const [id, old] = fieldOf(next, difference)
      const isRepeat = (known !== undefined || isRepair) && (old?.history.refusedWrites ?? 0) === 0
      const history = afterPutBack(old?.history, { isRepeat, guards: isGuard(thing, difference), now })
      if (history.putBack === 0) next.fields.delete(id)
      else if (old !== undefined && isTold(old, now)) next.fields.set(id, { ...old, history })
      else next.fields.set(id, { finding: findingOf(thing, difference, by), history })
    }
    const answers = valuesOf(after)
    for (const difference of distinct(after, (each) => each)) {
      const id = idOf(difference)
      const old = known?.fields.get(id)
      const finding = findingOf(thing, difference, { admission: true })
      const isSame = old !== undefined && (isOfPolicy(old, now) || isDeepStrictEqual(old.finding, finding))
      const history = afterRefusedWrite(old?.history, isGuard(thing, difference), now)
      next.fields.set(id, { ...(isSame ? old : { finding }), answered: answers.get(id), history })
    }
    // Most objects are never contested, and a digest takes time.
    this.#noteWritten(uid, { ...next, wanted: next.fields.size === 0 ? '' : thing.wanted() })
    return after.length > 0
  }

  /**
   * After a pass. `planned`: the things to be repaired; everything else is as it should be. A waiting thing may come
   * from a lagging cache that still shows the state before the last write: it counts once the wait is over, so that the
   * report does not alternate.
   */
  resolve(uid: string, planned: ReadonlySet<string>): void {
    const now = this.#clock.monotonic()
    this.#prune(uid, now)
    for (const known of this.#tenants.get(uid)?.values() ?? []) {
      for (const [id, field] of known.fields) {
        const { history } = field
        const isRight = !planned.has(known.thing.id)
        if (isRight && history.refusedWrites > 0) known.fields.set(id, { ...field, history: afterOther(history) })
        else if (isRight && history.postponed && mayWrite(history, now))
          known.fields.set(id, { ...field, history: { ...history, postponed: false } })
      }
      if (!planned.has(known.thing.id)) known.lookDue = undefined
      this.#noteWritten(uid, known)
    }
  }

  /** The findings in the present report. */
  told(uid: string): readonly ToldFinding[] {
    const now = this.#clock.monotonic()
    const all = [...(this.#tenants.get(uid)?.values() ?? [])].flatMap(({ thing, fields }) =>
      [...fields.values()].map(({ history, finding }) => ({ history, finding: { ...finding, target: thing.target } })),
    )
    return all
      .filter(({ history }) => now < (toldUntil(history) ?? 0))
      .map(({ finding }) => finding)
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  }

  /** The findings that were not logged yet, each once. */
  untold(uid: string): readonly Finding[] {
    const now = this.#clock.monotonic()
    return [...(this.#tenants.get(uid)?.values() ?? [])].flatMap(({ fields }) =>
      [...fields].flatMap(([id, field]) => {
        if (field.logged === true || !isTold(field, now)) return []
        fields.set(id, { ...field, logged: true })
        return [field.finding]
      }),
    )
  }

  /** Milliseconds until something is to be written, or is over. */
  dueIn(uid: string): number | undefined {
    const now = this.#clock.monotonic()
    const times = [...(this.#tenants.get(uid)?.values() ?? [])]
      .flatMap(({ fields, lookDue }) => [lookDue, ...[...fields.values()].map(({ history }) => dueAt(history, now))])
      .filter((time) => time !== undefined)
      .map((time) => untilNext(time, now))
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** No Tenant with this uid exists any more. */
  forget(uid: string): void {
    this.#tenants.delete(uid)
  }

  /** Fields that were quiet for long are forgotten. */
  #prune(uid: string, now: number): void {
    for (const known of this.#tenants.get(uid)?.values() ?? []) {
      for (const [id, { history }] of known.fields) if (isOver(history, now)) known.fields.delete(id)
      this.#noteWritten(uid, known)
    }
  }

  /** Nothing where the wanted object has changed. */
  #known(uid: string, thing: Thing): Known | undefined {
    const known = this.#tenants.get(uid)?.get(thing.id)
    return known !== undefined && known.wanted === thing.wanted() ? known : undefined
  }

  #noteWritten(uid: string, known: Known): void {
    const things = this.#tenants.get(uid) ?? new Map<string, Known>()
    if (known.fields.size === 0) things.delete(known.thing.id)
    else if (things.has(known.thing.id) || things.size < mostThings) things.set(known.thing.id, known)
    if (things.size === 0) this.#tenants.delete(uid)
    else this.#tenants.set(uid, things)
  }
}
