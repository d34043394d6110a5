/**
 * Dumps that outlast a pass: a pass starts one or joins it, waits for a while, and another pass hears how it ended. After a
 * failure the next try waits, each time longer, so that a dump which cannot work is not a load for ever. Ends with its
 * leadership.
 */
import { semaphore } from '../postgres/model/semaphore.ts'
import type { Semaphore } from '../postgres/model/semaphore.ts'
import { doubled } from '../runtime/base/backoff.ts'
import type { BackoffOptions } from '../runtime/base/backoff.ts'
import type { Clock } from '../runtime/base/clock.ts'
import { within } from '../runtime/base/deadline.ts'
import type { Logger } from '../runtime/logging/log.ts'
import { DumpError } from './port.ts'
import type { Dumper, DumpOrder } from './port.ts'
import type { DumpRecord } from './record.ts'

export interface DumpJobsOptions {
  /** How many at once. */
  readonly places: number
  /** Milliseconds that a pass waits. */
  readonly joinTimeout: number
  /** Milliseconds until a failed one is tried again; doubled each time, up to the last. */
  readonly retry: BackoffOptions
}

export const defaultDumpJobs: DumpJobsOptions = {
  places: 2,
  joinTimeout: 30_000,
  retry: { base: 60_000, cap: 3_600_000 },
}

interface Job {
  readonly work: Promise<DumpRecord>
  ended: boolean
}

interface Failed {
  readonly error: unknown
  readonly times: number
  /** Monotonic. */
  readonly due: number
}

export interface DumpJobsPorts {
  readonly dumper: Dumper
  readonly clock: Clock
  readonly log: Logger
}

export class DumpJobs {
  readonly #ports: DumpJobsPorts
  readonly #options: DumpJobsOptions
  readonly #room: Semaphore
  readonly #running = new Map<string, Job>()
  readonly #failed = new Map<string, Failed>()
  #stopping = new AbortController()
  /** While files of an earlier leader are being removed. */
  #clearing: Promise<void> | undefined

  constructor(ports: DumpJobsPorts, options: DumpJobsOptions = defaultDumpJobs) {
    this.#ports = ports
    this.#options = options
    this.#room = semaphore(options.places)
  }

  /**
   * The dump's record, or undefined while it is under way. Throws {@link DumpError}, the last one while the next try is
   * not due, and the signal's reason.
   */
  readonly join = async (order: DumpOrder, signal: AbortSignal): Promise<DumpRecord | undefined> => {
    const { clock } = this.#ports
    const job = this.#running.get(order.path)
    const failed = this.#failed.get(order.path)
    if (job === undefined && failed !== undefined && clock.monotonic() < failed.due) throw failed.error
    return joined(job ?? this.#start(order), clock, this.#options.joinTimeout, signal)
  }

  /** Whether a whole dump is kept under this path. Throws {@link DumpError}, or the signal's reason. */
  readonly isThere = (path: string, signal: AbortSignal): Promise<boolean> => this.#ports.dumper.isThere(path, signal)

  /** Called when this process begins to lead: what a leader before it left unfinished is removed before anything is begun. */
  readonly lead = (): void => {
    const { dumper, log } = this.#ports
    this.#clearing = dumper
      .clear()
      .catch((error: unknown) => log.warn('files of unfinished dumps are not removed yet', { error }))
      .finally(() => (this.#clearing = undefined))
  }

  /** Once nothing of an earlier leader is in the way of what is begun. */
  readonly cleared = async (): Promise<void> => this.#clearing

  /** Ends those under way, and waits until nothing of them is left. Others may be begun afterwards. */
  readonly stop = async (): Promise<void> => {
    this.#stopping.abort(new DumpError('Interrupted', 'The operator is stopping.'))
    this.#stopping = new AbortController()
    this.#failed.clear()
    await Promise.allSettled([...this.#running.values()].map(({ work }) => work))
  }

  #start(order: DumpOrder): Job {
    const { signal } = this.#stopping
    const take = () => this.#ports.dumper.take(order, signal)
    const work = this.#room.pass(signal, () => this.#clearing?.then(take) ?? take())
    const job: Job = { work, ended: false }
    const end = () => {
      job.ended = true
      if (this.#running.get(order.path) === job) this.#running.delete(order.path)
    }
    this.#running.set(order.path, job)
    work.then(
      () => {
        end()
        this.#failed.delete(order.path)
      },
      (error: unknown) => {
        end()
        if (!signal.aborted) this.#fail(order, error)
      },
    )
    return job
  }

  #fail({ path, server }: DumpOrder, error: unknown): void {
    const { clock, log } = this.#ports
    const times = (this.#failed.get(path)?.times ?? 0) + 1
    this.#failed.set(path, { error, times, due: clock.monotonic() + doubled(times, this.#options.retry) })
    log.error('the last dump of a tenant failed', { path, server, error })
  }
}

async function joined(
  job: Job,
  clock: Clock,
  joinTimeout: number,
  signal: AbortSignal,
): Promise<DumpRecord | undefined> {
  const aborted = Promise.withResolvers<never>()
  aborted.promise.catch(() => undefined)
  const abort = () => aborted.reject(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  try {
    return await within(clock, joinTimeout, Promise.race([job.work, aborted.promise]))
  } catch (error) {
    if (job.ended || signal.aborted) throw error
    return undefined
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
