/**
 * Reports what happened to an object, as Events (events.k8s.io/v1). Best effort: a failed Event is logged and
 * forgotten, and never holds up a reconcile.
 */
import type { KubeObject, KubeWriter } from '../../kube/port.ts'
import { events, type Event, type ObjectReference } from '../../kube/resources.ts'
import type { Clock, Random } from '../base/clock.ts'
import { EventSeries } from './event-series.ts'
import { microTime } from '../leadership/lease-record.ts'
import type { Logger } from '../logging/log.ts'

export interface NewEvent {
  readonly regarding: KubeObject
  readonly type: 'Normal' | 'Warning'
  /** CamelCase, for machines: the finding or the act. */
  readonly reason: string
  /** CamelCase: what the operator was doing. */
  readonly action: string
  /** A sentence for people; the same for the same thing. */
  readonly note: string
  readonly related?: KubeObject
}

export interface EventRecorder {
  record(event: NewEvent): void
  /** Resolves when everything recorded is written or given up. */
  flush(): Promise<void>
}

export interface EventPorts {
  readonly kube: Pick<KubeWriter, 'create' | 'patch'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** `tenantry.dev/operator` and the pod's name. */
  readonly reporting: { readonly controller: string; readonly instance: string }
}

/** The server refuses notes of more than 1,024 bytes; some characters have several. */
const longestNote = 1_024
/** Waiting writes; more are dropped while the server does not answer. */
const longestBacklog = 1_000

export function createEventRecorder(ports: EventPorts): EventRecorder {
  const series = new EventSeries()
  let last: Promise<void> = Promise.resolve()
  let backlog = 0
  const later = (write: () => Promise<unknown>): void => {
    if (backlog >= longestBacklog) return
    backlog += 1
    last = last.then(write).then(
      () => void (backlog -= 1),
      (error: unknown) => {
        backlog -= 1
        ports.log.warn('an Event could not be written', { error })
      },
    )
  }
  return {
    flush: () => last,
    record: (event) => {
      const { now, monotonic } = ports.clock
      const { regarding, type, reason, action, note } = event
      const kind = JSON.stringify([regarding.metadata.uid, type, reason, action, note])
      const name = `${regarding.metadata.name.slice(0, 200)}.${ports.random.bytes(8).toString('hex')}`
      const seen = series.see(kind, regarding.metadata.uid ?? regarding.metadata.name, name, monotonic())
      const namespace = regarding.metadata.namespace ?? 'default'
      const told = now()
      if (seen.write === 'create') {
        later(() => ports.kube.create(events, describe(event, { name, namespace }, told, ports.reporting)))
      } else if (seen.write === 'update') {
        const patch = { series: { count: seen.series.count, lastObservedTime: microTime(told) } }
        later(() => ports.kube.patch(events, { namespace, name: seen.series.name }, patch))
      }
    },
  }
}

function describe(
  { regarding, related, type, reason, action, note }: NewEvent,
  metadata: { readonly name: string; readonly namespace: string },
  now: number,
  reporting: EventPorts['reporting'],
): Event {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata,
    eventTime: microTime(now),
    reportingController: reporting.controller,
    reportingInstance: reporting.instance.slice(0, 128),
    action,
    reason,
    type,
    note: cut(note),
    regarding: referenceTo(regarding),
    ...(related === undefined ? {} : { related: referenceTo(related) }),
  }
}

function cut(note: string): string {
  const bytes = Buffer.from(note)
  if (bytes.length <= longestNote) return note
  // A character that the cut went through decodes to the replacement character, which goes with it.
  return `${bytes
    .subarray(0, longestNote - 3)
    .toString()
    .replace(/\uFFFD$/, '')}…`
}

function referenceTo(object: KubeObject): ObjectReference {
  const { name, namespace, uid } = object.metadata
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  }
}
