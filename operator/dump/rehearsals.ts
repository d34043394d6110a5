/** Rehearsals of last dumps: taken, restored and compared like those, and not kept. One runs at a time. */
import type { Clock } from '../runtime/base/clock.ts'
import type { Logger } from '../runtime/logging/log.ts'
import { Background } from './background.ts'
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
  /** No answer, as the server was away for instance; milliseconds until the next attempt, with the pauses of a dump. */
  | { readonly kind: 'Waiting'; readonly dueIn: number }
  | { readonly kind: 'Ended'; readonly failure: RehearsalFailure | undefined }

export interface DumpRehearsalsPorts {
  readonly dumper: Pick<Dumper, 'rehearse'>
  /** Resolves once one may begin. */
  readonly cleared: () => Promise<void>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Logger
}

/** A temporary failure says nothing about the dump. */
const withoutAnswer: ReadonlySet<DumpFailure> = new Set(['ServerUnavailable', 'TargetUnavailable', 'Interrupted'])

export class DumpRehearsals {
  readonly #ports: DumpRehearsalsPorts
  readonly #rehearsals: Background<RehearsalFailure | undefined>

  constructor(ports: DumpRehearsalsPorts) {
    this.#ports = ports
    this.#rehearsals = new Background(ports.clock, { ...defaultDumpJobs, concurrency: 1 })
  }

  /** `wake` is called with the tenant's uid when a rehearsal of the tenant has ended. */
  onEnd(wake: (uid: string) => void): void {
    this.#rehearsals.onEnd(wake)
  }

  /** The progress of the rehearsal that `key` stands for; undefined where it has to begin. */
  readonly of = (uid: string, key: string): Rehearsal | undefined => {
    const progress = this.#rehearsals.of(uid, key)
    switch (progress?.kind) {
      case undefined:
        return undefined
      case 'UnderWay':
        return { kind: 'UnderWay' }
      case 'Waiting':
        return { kind: 'Waiting', dueIn: progress.dueIn }
      case 'Ended':
        return { kind: 'Ended', failure: progress.result }
    }
  }

  /** Returns at once. One of this tenant that is under way goes on, whatever it stands for. */
  readonly begin = (order: DumpOrder, key: string): void =>
    this.#rehearsals.begin(order.target.mark.uid, key, (signal) => this.#work(order, signal))

  /** Its end is recorded, or no longer of interest. */
  readonly forget = (uid: string): void => this.#rehearsals.forget(uid)

  /** Ends all, and waits until nothing of them is left. Others may be begun afterwards. */
  readonly stop = (): Promise<void> => this.#rehearsals.stop()

  async #work(order: DumpOrder, signal: AbortSignal): Promise<RehearsalFailure | undefined> {
    const { cleared, dumper, log } = this.#ports
    try {
      await cleared()
      await dumper.rehearse(order, signal)
      return undefined
    } catch (error) {
      const { path, server } = order
      if (!signal.aborted) log.warn('the rehearsal of a last dump failed', { path, server, error })
      const { reason, told } =
        error instanceof DumpError ? error : new DumpError('Unknown', 'The rehearsal failed.', error)
      if (withoutAnswer.has(reason)) throw error
      return { reason, told }
    }
  }
}
