/**
 * Slows an object whose status is written over and over: for an unforeseen loop, in which each write causes the next
 * (docs/decisions/0035-stuck-and-quiet.md). Counted by uid; a change of the spec resets the count.
 */
import { Counter } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Kube, KubeObject } from '../../kube/port.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../logging/log.ts'
import { keyOf } from '../objects/object.ts'
import type { Key, Reconcile } from '../queue/reconcile.ts'

/** Milliseconds in which writes are counted. */
const window = 60_000
/** The maximum number of writes of one object in that time. */
const most = 60
/** Milliseconds between two passes of a slowed object. */
const pause = 5_000
/** An object stays slowed until it has fewer writes than this in that time: less than it could have made. */
const few = window / pause / 2

interface Written {
  readonly generation: number | undefined
  /** When, in monotonic milliseconds; the oldest first. */
  readonly times: number[]
  slowed: boolean
}

export interface StatusGuardPorts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Pick<Logger, 'warn'>
  readonly registry: Registry
}

export function createSlowedMetric(registry: Registry): Counter<'kind'> {
  return new Counter({
    name: 'tenantry_status_writes_slowed_total',
    help: 'How often an object was slowed down because its status was written again and again without a change of its spec.',
    labelNames: ['kind'],
    registers: [registry],
  })
}

export class StatusGuard {
  readonly #ports: StatusGuardPorts
  readonly #slowed: Counter<'kind'>
  /** The counts by uid, the most recently written last. */
  readonly #written = new Map<string, Written>()

  constructor(ports: StatusGuardPorts) {
    this.#ports = ports
    this.#slowed = createSlowedMetric(ports.registry)
  }

  /** Counts the writes through it. */
  watching(kube: Kube): Kube {
    const { get, list, dryRun, create, replace, delete: remove, createSubresource } = kube
    const patch: Kube['patch'] = async (resource, key, body, subresource) => {
      const answer = await kube.patch(resource, key, body, subresource)
      if (subresource === 'status') this.wrote(answer)
      return answer
    }
    return { get, list, dryRun, create, replace, patch, delete: remove, createSubresource }
  }

  /** Delays the passes of a slowed object. */
  slowing(cache: { get(key: Key): KubeObject | undefined }, reconcile: Reconcile): Reconcile {
    return async (key, signal) => {
      const object = cache.get(key)
      const left = object && this.pauseOf(object)
      return left === undefined ? reconcile(key, signal) : { requeueAfter: left, postponed: true }
    }
  }

  /** The status of `object` was written; `object` is the server's answer. */
  readonly wrote = (object: KubeObject): void => {
    const now = this.#ports.clock.monotonic()
    const { uid = '', generation } = object.metadata
    const known = this.#written.get(uid)
    const written =
      known?.generation === generation && known !== undefined ? known : { generation, times: [], slowed: false }
    written.times.push(now)
    dropOld(written, now)
    this.#written.delete(uid)
    this.#written.set(uid, written)
    this.#forgetOld(now)
    if (written.slowed || written.times.length <= most) return
    written.slowed = true
    this.#slowed.inc({ kind: object.kind })
    this.#ports.log.warn('the status of an object is written over and over; it is reconciled more slowly', {
      kind: object.kind,
      key: keyOf(object),
    })
  }

  /** Milliseconds until `object` may be reconciled; undefined where it may be now. */
  readonly pauseOf = ({ metadata: { uid = '', generation } }: KubeObject): number | undefined => {
    const written = this.#written.get(uid)
    if (written === undefined || !written.slowed || written.generation !== generation) return undefined
    const now = this.#ports.clock.monotonic()
    dropOld(written, now)
    if (written.times.length < few) written.slowed = false
    const left = (written.times.at(-1) ?? 0) + pause - now
    return written.slowed && left > 0 ? left : undefined
  }

  #forgetOld(now: number): void {
    for (const [uid, { times }] of this.#written) {
      if ((times.at(-1) ?? 0) > now - window) return
      this.#written.delete(uid)
    }
  }
}

function dropOld({ times }: Written, now: number): void {
  const kept = times.findIndex((time) => time > now - window)
  times.splice(0, kept < 0 ? times.length : kept)
}
