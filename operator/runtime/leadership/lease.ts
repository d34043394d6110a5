/**
 * Leader election by a Lease, as client-go does it: another replica's renewals are timed by when they are seen to
 * change, never by the times written in them, so that skewed clocks do not matter; every write has the resourceVersion
 * that was read as its precondition. Whether this process leads follows from the local monotonic clock.
 */
import { KubeError, type KubeReader, type KubeWriter } from '../../kube/port.ts'
import { leases, type Lease } from '../../kube/resources.ts'
import type { KubeWatcher } from '../../kube/watcher.ts'
import type { Clock, Random } from '../base/clock.ts'
import { pause, within } from '../base/deadline.ts'
import type { Leadership } from './fence.ts'
import { claimed, holderOf, released, renewed, renewalOf, termOf, type LeaseName } from './lease-record.ts'
import type { Logger } from '../logging/log.ts'
import { Source } from '../cache/reflector.ts'

export interface LeaseOptions extends LeaseName {
  /** The identity of this process: the pod's uid. A process that finds its own identity here succeeds itself. */
  readonly identity: string
  /** Milliseconds without a renewal after which other replicas may take over. Default 15 s. */
  readonly leaseDuration?: number
  /** Milliseconds without a renewal after which this process gives up itself; shorter than the former. Default 10 s. */
  readonly renewDeadline?: number
  /** Milliseconds between renewals, and between looks at another replica's lease. Default 2 s. */
  readonly retryPeriod?: number
}

export interface LeasePorts {
  readonly kube: Pick<KubeReader, 'get'> & Pick<KubeWriter, 'create' | 'replace'>
  readonly watcher: KubeWatcher
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** This process leads from now on. `term` is greater than that of any leader before. */
  readonly onLeading: (term: number) => void
  /** Called when this process no longer leads. The fence refuses effects already. */
  readonly onLost: () => void
}

interface Held {
  readonly term: number
  readonly lease: Lease
  /** Monotonic. */
  readonly validUntil: number
}

export class LeaseElection implements Leadership {
  readonly #options: Required<LeaseOptions>
  readonly #ports: LeasePorts
  readonly #log: Logger
  #held: Held | undefined
  /** The last renewal of a holder, and when this process first saw it. */
  #seen: { readonly sign: string; readonly holder: string; readonly at: number; readonly duration: number } | undefined
  #lastTerm = -1
  #cancelLoss: () => void = () => {}
  #poke: () => void = () => {}
  #poked = false
  #released = false

  constructor(options: LeaseOptions, ports: LeasePorts) {
    this.#options = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000, ...options }
    if (this.#options.renewDeadline >= this.#options.leaseDuration) {
      throw new TypeError('renewDeadline has to be shorter than leaseDuration')
    }
    this.#ports = ports
    this.#log = ports.log.with({ lease: options.name, identity: options.identity })
  }

  isLeader(): boolean {
    return this.#held !== undefined && this.#ports.clock.monotonic() < this.#held.validUntil
  }

  /** The fencing number of this leadership; undefined while this process does not lead. */
  get term(): number | undefined {
    return this.isLeader() ? this.#held?.term : undefined
  }

  /** The holder of the lease, as far as known; empty without a holder. */
  get holder(): string {
    return this.isLeader() ? this.#options.identity : (this.#seen?.holder ?? '')
  }

  /**
   * Stands for election until {@link release} is called, or `signal` aborts; after the latter a held leadership
   * expires.
   */
  async run(signal: AbortSignal): Promise<void> {
    const watching = this.#watchLease(signal)
    while (!signal.aborted && !this.#released) {
      try {
        await (this.#held === undefined ? this.#acquire() : this.#renew(this.#held))
      } catch (error) {
        this.#log.warn('the lease could not be written or read', { error })
      }
      await this.#wait(signal)
    }
    this.#cancelLoss()
    await watching
  }

  /**
   * Gives up the leadership and announces that, so that another replica takes over at once. For the end of a shutdown.
   */
  async release(): Promise<void> {
    const held = this.#held
    this.#released = true
    this.#drop()
    this.#poke()
    if (held === undefined) return
    try {
      await this.#handOver(held)
      this.#log.info('the lease is released', { term: held.term })
    } catch (error) {
      this.#log.warn('the lease could not be released, others wait until it has run out', { error })
    }
  }

  /** Once more when a renewal in progress arrived first. */
  async #handOver({ lease, term }: Held): Promise<void> {
    const { kube, clock } = this.#ports
    let current: Lease | undefined = lease
    while (current !== undefined && holderOf(current) === this.#options.identity && termOf(current) === term) {
      const written = await this.#write(kube.replace(leases, released(current, clock.now())))
      if (written !== undefined) return
      current = await this.#within(kube.get(leases, this.#options))
    }
  }

  async #acquire(): Promise<void> {
    const { kube, clock } = this.#ports
    const { namespace, name, identity, leaseDuration } = this.#options
    const found = await this.#within(kube.get(leases, { namespace, name }))
    if (found !== undefined) this.#observe(found)
    if (found !== undefined && !this.#mayTake(found)) return
    const sent = clock.monotonic()
    const term = Math.max(this.#lastTerm, found === undefined ? -1 : termOf(found)) + 1
    const lease = claimed({ namespace, name }, { identity, leaseDuration, term, now: clock.now() }, found)
    const written = await this.#write(found === undefined ? kube.create(leases, lease) : kube.replace(leases, lease))
    if (written === undefined || this.#released) return
    this.#hold(written, sent)
    this.#log.info('this process leads', { term })
    this.#call(() => this.#ports.onLeading(term))
  }

  async #renew(held: Held): Promise<void> {
    const { kube, clock } = this.#ports
    const sent = clock.monotonic()
    const written = await this.#write(kube.replace(leases, renewed(held.lease, clock.now())))
    if (this.#held !== held) return
    if (written !== undefined) return this.#hold(written, sent)
    // Either another replica holds it now, or the answer to an earlier renewal was lost.
    const found = await this.#within(kube.get(leases, this.#options))
    if (this.#held !== held) return
    if (found === undefined || holderOf(found) !== this.#options.identity || termOf(found) !== held.term) this.#lose()
    else {
      this.#held = { ...held, lease: found }
      this.#poked = true
    }
  }

  #hold(lease: Lease, sent: number): void {
    const term = termOf(lease)
    const validUntil = sent + this.#options.renewDeadline
    this.#lastTerm = Math.max(this.#lastTerm, term)
    this.#held = { term, lease, validUntil }
    this.#cancelLoss()
    this.#cancelLoss = this.#ports.clock.after(validUntil - this.#ports.clock.monotonic(), () => this.#lose())
  }

  #lose(): void {
    if (!this.#drop()) return
    this.#log.error('the leadership is lost', { term: this.#lastTerm })
    this.#call(this.#ports.onLost)
  }

  #drop(): boolean {
    this.#cancelLoss()
    const had = this.#held !== undefined
    this.#held = undefined
    return had
  }

  #observe(lease: Lease): void {
    const sign = renewalOf(lease)
    this.#lastTerm = Math.max(this.#lastTerm, termOf(lease))
    if (this.#seen?.sign === sign) return
    const duration = Math.max(this.#options.leaseDuration, (lease.spec?.leaseDurationSeconds ?? 0) * 1000)
    this.#seen = { sign, holder: holderOf(lease), at: this.#ports.clock.monotonic(), duration }
  }

  #mayTake(lease: Lease): boolean {
    const holder = holderOf(lease)
    return holder === '' || holder === this.#options.identity || this.#untilFree() <= 0
  }

  /** Milliseconds until the known holder has been silent for too long. */
  #untilFree(): number {
    return this.#seen === undefined ? 0 : this.#seen.at + this.#seen.duration - this.#ports.clock.monotonic()
  }

  /** A standby learns of a release by watching; a leader has no need to. */
  #watchLease(signal: AbortSignal): Promise<void> {
    const { namespace, name } = this.#options
    const selection = { resource: leases, namespace, fieldSelector: `metadata.name=${name}` }
    const source = new Source({ ...selection, project: (lease: Lease) => lease }, this.#ports)
    source.onChange((change) => {
      if (this.#held !== undefined) return
      if (change.after !== undefined) this.#observe(change.after)
      if (change.after === undefined || holderOf(change.after) === '') this.#poke()
    })
    return source.run(signal)
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const nap = new AbortController()
    this.#poke = () => {
      this.#poked = true
      nap.abort()
    }
    const { retryPeriod } = this.#options
    const free = this.#held === undefined ? this.#untilFree() : 0
    const pollPeriod = free > 0 ? Math.min(retryPeriod, Math.max(10, free)) : retryPeriod
    if (!this.#poked) await pause(this.#ports.clock, pollPeriod, AbortSignal.any([signal, nap.signal]))
    this.#poked = false
  }

  /** The written Lease; undefined when another replica was faster. */
  async #write(writing: Promise<Lease>): Promise<Lease | undefined> {
    try {
      return await this.#within(writing)
    } catch (error) {
      const lost = error instanceof KubeError && ['Conflict', 'AlreadyExists', 'NotFound'].includes(error.reason)
      if (lost) return undefined
      throw error
    }
  }

  #within<T>(promise: Promise<T>): Promise<T> {
    return within(this.#ports.clock, this.#options.renewDeadline / 2, promise)
  }

  #call(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.#log.error('a callback of the election failed', { error })
    }
  }
}
