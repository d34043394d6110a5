/**
 * Rehearsals of last dumps: taken, restored and compared as those are, and nothing is kept. No pass waits for one: it begins
 * it, and is woken when it has ended. One at a time; ends with its leadership.
 */
import { semaphore } from '../postgres/model/semaphore.ts'
import { doubled } from '../runtime/base/backoff.ts'
import type { Clock } from '../runtime/base/clock.ts'
import type { Logger } from '../runtime/logging/log.ts'
import { defaultDumpJobs } from './jobs.ts'
import { DumpError } from './port.ts'
import type { Dumper, DumpFailure, DumpOrder } from './port.ts'

/** `told`: as that of a DumpError. */
export interface RehearsalFailure {
  readonly reason: DumpFailure
  readonly told: string | undefined
}

export type Rehearsal =
  | { readonly kind: 'UnderWay' }
  /** It came to no answer, as the server was away for instance; milliseconds until the next try, with the pauses of a dump. */
  | { readonly kind: 'Waiting'; readonly dueIn: number }
  | { readonly kind: 'Ended'; readonly failure: RehearsalFailure | undefined }

export interface DumpRehearsalsPorts {
  readonly dumper: Pick<Dumper, 'rehearse'>
  /** Resolves once one may begin. */
  readonly cleared: () => Promise<void>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Logger
}

/** What may pass by itself says nothing of the dump. */
const withoutAnswer: ReadonlySet<DumpFailure> = new Set(['ServerUnavailable', 'TargetUnavailable', 'Interrupted'])

interface Known {
  readonly key: string
  readonly times: number
  /** Monotonic; of one that waits. */
  readonly due: number
  readonly state: 'UnderWay' | 'Waiting' | { readonly failure: RehearsalFailure | undefined }
}

export class DumpRehearsals {
  readonly #ports: DumpRehearsalsPorts
  readonly #room = semaphore(1)
  /** By the tenant's uid. */
  readonly #known = new Map<string, Known>()
  readonly #running = new Set<Promise<void>>()
  #stopping = new AbortController()
  #wake: (uid: string) => void = () => undefined

  constructor(ports: DumpRehearsalsPorts) {
    this.#ports = ports
  }

  /** Whom an end is told. */
  onEnd(wake: (uid: string) => void): void {
    this.#wake = wake
  }

  /** Of the rehearsal that `key` stands for; undefined where it has to begin. */
  readonly of = (uid: string, key: string): Rehearsal | undefined => {
    const known = this.#known.get(uid)
    if (known?.state === 'UnderWay') return { kind: 'UnderWay' }
    if (known === undefined || known.key !== key) return undefined
    if (known.state !== 'Waiting') return { kind: 'Ended', ...known.state }
    const dueIn = known.due - this.#ports.clock.monotonic()
    return dueIn > 0 ? { kind: 'Waiting', dueIn } : undefined
  }

  /** Returns at once. One of this tenant that is under way goes on, whatever it stands for. */
  readonly begin = (order: DumpOrder, key: string): void => {
    const { uid } = order.target.mark
    const before = this.#known.get(uid)
    if (before?.state === 'UnderWay') return
    const times = before?.key === key ? before.times : 0
    this.#known.set(uid, { key, times, due: 0, state: 'UnderWay' })
    const { signal } = this.#stopping
    const { cleared, dumper } = this.#ports
    const work = this.#room
      .pass(signal, () => cleared().then(() => dumper.rehearse(order, signal)))
      .then(
        () => this.#end(order, { key, times, due: 0, state: { failure: undefined } }, signal),
        (error: unknown) => this.#fail(order, { key, times: times + 1 }, error, signal),
      )
    this.#running.add(work)
    void work.finally(() => this.#running.delete(work))
  }

  /** Its end is written down, or nobody wants to know it any more. */
  readonly forget = (uid: string): void => {
    if (this.#known.get(uid)?.state !== 'UnderWay') this.#known.delete(uid)
  }

  /** Ends all, and waits until nothing of them is left. Others may be begun afterwards. */
  readonly stop = async (): Promise<void> => {
    this.#stopping.abort(new DumpError('Interrupted', 'The operator is stopping.'))
    this.#stopping = new AbortController()
    this.#known.clear()
    await Promise.allSettled(this.#running)
  }

  #fail(order: DumpOrder, { key, times }: Pick<Known, 'key' | 'times'>, error: unknown, signal: AbortSignal): void {
    const { clock, log } = this.#ports
    const { reason, told } =
      error instanceof DumpError ? error : new DumpError('Unknown', 'The rehearsal failed.', error)
    if (!signal.aborted)
      log.warn('the rehearsal of a last dump failed', { path: order.path, server: order.server, error })
    const waits = withoutAnswer.has(reason)
    const due = clock.monotonic() + doubled(times, defaultDumpJobs.retry)
    this.#end(order, { key, times, due, state: waits ? 'Waiting' : { failure: { reason, told } } }, signal)
  }

  #end({ target }: DumpOrder, known: Known, signal: AbortSignal): void {
    if (signal.aborted) return
    this.#known.set(target.mark.uid, known)
    this.#wake(target.mark.uid)
  }
}
