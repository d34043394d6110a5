/**
 * The loop over a queue: takes a key, reconciles it, and acts on the outcome. The only place where failures are logged
 * and counted and where backoff is decided.
 */
import { KubeError } from '../../kube/port.ts'
import type { Clock, Random } from '../base/clock.ts'
import { deadline } from '../base/deadline.ts'
import type { Logger } from '../logging/log.ts'
import type { ControllerMetrics, Metrics, ReconcileOutcome } from '../metrics/metrics.ts'
import { Queue } from '../queue/queue.ts'
import type { BackoffOptions } from '../base/backoff.ts'
import { ReportedFailure, type Key, type Reconcile, type Result } from '../queue/reconcile.ts'
import { LostLeadership } from '../base/effect-check.ts'

/** The registration of a reconciler. */
export interface ControllerSpec {
  readonly name: string
  readonly reconcile: Reconcile
  /** How many keys are processed at a time. Default 4. */
  readonly concurrency?: number
  /** Milliseconds after which the signal of a reconcile aborts. Default two minutes. */
  readonly timeout?: number
  readonly backoff?: BackoffOptions
}

/** Milliseconds after which a pass goes on without its worker, which takes the next key (docs/decisions/0038-fair-to-people.md). */
const longPass = 2_000
/** How many passes may go on so, for each worker. */
const longPerWorker = 3

export interface ControllerPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
}

export class Controller {
  readonly name: string
  readonly queue: Queue
  readonly #spec: ControllerSpec
  readonly #concurrency: number
  readonly #clock: Clock
  readonly #log: Logger
  readonly #metrics: ControllerMetrics
  readonly #stopping = new AbortController()
  /** The passes that go on without a worker. */
  readonly #long = new Set<Promise<void>>()
  #workers: Promise<unknown> | undefined

  constructor(spec: ControllerSpec, ports: ControllerPorts) {
    this.name = spec.name
    this.#spec = spec
    this.#concurrency = spec.concurrency ?? 4
    this.#clock = ports.clock
    this.#log = ports.log.with({ controller: spec.name })
    this.#metrics = ports.metrics.controller(spec.name, this.#concurrency)
    this.queue = new Queue({
      clock: ports.clock,
      random: ports.random,
      workers: this.#concurrency,
      observer: this.#metrics.queue,
      ...(spec.backoff === undefined ? {} : { backoff: spec.backoff }),
    })
    this.#metrics.watch(this.queue)
  }

  /** Starts the workers; keys that were added before are processed now. */
  start(): void {
    this.#workers ??= Promise.all(Array.from({ length: this.#concurrency }, () => this.#work()))
  }

  /**
   * Takes no more keys and waits for those in progress; after `grace` milliseconds their signal aborts, and it waits
   * the same time again at most.
   */
  async stop(grace: number): Promise<void> {
    this.queue.close()
    const workers = Promise.resolve(this.#workers).then(() => Promise.all(this.#long))
    const cancel = this.#clock.after(grace, () => this.#stopping.abort(new Error('the operator is stopping')))
    let giveUp = () => {}
    const late = new Promise<void>((resolve) => (giveUp = this.#clock.after(2 * grace, resolve)))
    await Promise.race([workers, late])
    cancel()
    giveUp()
  }

  async #work(): Promise<void> {
    for (let key = await this.queue.take(); key !== undefined; key = await this.queue.take()) {
      await this.#untilLong(key, this.#pass(key))
    }
  }

  async #pass(key: Key): Promise<void> {
    await this.#reconcile(key)
    this.queue.done(key)
  }

  /** Resolves when the pass has ended, or goes on without its worker. */
  #untilLong(key: Key, pass: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const letGo = (): void => {
        if (this.#long.size >= longPerWorker * this.#concurrency) return wait()
        this.#long.add(pass)
        this.queue.letGo(key)
        resolve()
      }
      let cancel = () => {}
      const wait = (): void => void (cancel = this.#clock.after(longPass, letGo))
      wait()
      void pass.finally(() => {
        cancel()
        this.#long.delete(pass)
        resolve()
      })
    })
  }

  async #reconcile(key: Key): Promise<void> {
    const started = this.#clock.monotonic()
    this.#metrics.started()
    let outcome: ReconcileOutcome = 'error'
    try {
      using limit = deadline(this.#clock, this.#spec.timeout ?? 120_000, this.#stopping.signal)
      outcome = this.#succeed(key, await this.#spec.reconcile(key, limit.signal))
    } catch (error) {
      this.#fail(key, error)
    } finally {
      this.#metrics.finished(outcome, this.#clock.monotonic() - started)
    }
  }

  #succeed(key: Key, result: Result): ReconcileOutcome {
    const { requeueAfter, stuck, postponed } = result
    if (stuck !== undefined) this.queue.retryStuck(key, stuck)
    else if (postponed !== true) this.queue.forget(key)
    if (requeueAfter !== undefined) this.queue.addAfter(key, requeueAfter)
    return requeueAfter === undefined && stuck === undefined ? 'success' : 'requeue_after'
  }

  #fail(key: Key, error: unknown): void {
    if (error instanceof LostLeadership) {
      this.#log.info('reconcile given up: this process is not the leader any more', { key })
      return
    }
    if (error instanceof ReportedFailure) {
      this.#fail(key, error.cause)
      if (error.dueIn !== undefined) this.queue.addAfter(key, error.dueIn)
      return
    }
    this.queue.retry(key, error instanceof KubeError ? error.retryAfter : undefined)
    const fields = { key, error, failures: this.queue.failures(key) }
    if (error instanceof KubeError && error.reason === 'Conflict') {
      this.#log.debug('the object changed meanwhile, reconciling again', fields)
    } else this.#log.error('reconcile failed, will be retried', fields)
  }
}
