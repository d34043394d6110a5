/**
 * Last dumps, taken in the background. After a failure the next attempt waits, each time longer, so that a dump which
 * cannot work is not a permanent load.
 */
import type { Clock } from '../runtime/base/clock.ts'
import type { Logger } from '../runtime/logging/log.ts'
import { Background } from './background.ts'
import type { BackgroundOptions } from './background.ts'
import type { Dumper, DumpOrder } from './port.ts'
import type { DumpRecord } from './record.ts'

export const defaultDumpJobs: BackgroundOptions = {
  concurrency: 2,
  retry: { base: 60_000, cap: 3_600_000 },
}

export interface DumpJobsPorts {
  readonly dumper: Dumper
  readonly clock: Clock
  readonly log: Logger
}

export class DumpJobs {
  readonly #ports: DumpJobsPorts
  readonly #dumps: Background<DumpRecord>
  /** While files of an earlier leader are being removed. */
  #clearing: Promise<void> | undefined

  constructor(ports: DumpJobsPorts, options: BackgroundOptions = defaultDumpJobs) {
    this.#ports = ports
    this.#dumps = new Background(ports.clock, options)
  }

  /** `wake` is called with the tenant's uid when a dump of the tenant has ended. */
  onEnd(wake: (uid: string) => void): void {
    this.#dumps.onEnd(wake)
  }

  /**
   * The dump's record, returned once; undefined while the dump is under way, which begins here where it has not.
   * Returns at once. Throws {@link DumpError}: the last failure, until an attempt succeeds.
   */
  readonly take = (order: DumpOrder): DumpRecord | undefined => {
    const { uid } = order.target.mark
    const progress = this.#dumps.of(uid, order.path) ?? this.#begin(order)
    if (progress.kind === 'Ended') {
      // The next pass finds the dump at the target, or takes it again where it is gone.
      this.#dumps.forget(uid)
      return progress.result
    }
    if (progress.failure !== undefined) throw progress.failure
    return undefined
  }

  /** Whether a whole dump is kept under this path. Throws {@link DumpError}, or the signal's reason. */
  readonly isThere = (path: string, signal: AbortSignal): Promise<boolean> => this.#ports.dumper.isThere(path, signal)

  /** The Tenant is gone. */
  readonly forget = (uid: string): void => this.#dumps.forget(uid)

  /** Called when this process begins to lead: the remains of an earlier leader are removed before anything is begun. */
  readonly lead = (): void => {
    const { dumper, log } = this.#ports
    this.#clearing = dumper
      .clear()
      .catch((error: unknown) => log.warn('files of unfinished dumps are not removed yet', { error }))
      .finally(() => (this.#clearing = undefined))
  }

  /** Resolves once no remains of an earlier leader are in the way. */
  readonly cleared = async (): Promise<void> => this.#clearing

  /** Ends the dumps under way, and waits until nothing of them is left. Others may be begun afterwards. */
  readonly stop = (): Promise<void> => this.#dumps.stop()

  #begin(order: DumpOrder) {
    const { uid } = order.target.mark
    this.#dumps.begin(uid, order.path, (signal) => this.#work(order, signal))
    return this.#dumps.of(uid, order.path) ?? ({ kind: 'UnderWay', failure: undefined } as const)
  }

  async #work(order: DumpOrder, signal: AbortSignal): Promise<DumpRecord> {
    const { dumper, log } = this.#ports
    try {
      await this.#clearing
      return await dumper.take(order, signal)
    } catch (error) {
      const { path, server } = order
      if (!signal.aborted) log.error('the last dump of a tenant failed', { path, server, error })
      throw error
    }
  }
}
