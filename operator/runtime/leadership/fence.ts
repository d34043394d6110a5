/**
 * The fence around the ports with effects: before each call it checks that this replica leads. app/leadership.ts fences
 * the writer of the Kubernetes API and the mailer; the PostgreSQL adapter, which the dumps write through, makes the same
 * check itself (`mayWrite`). The monotonic clock answers, so a process that was frozen makes no effect when it wakes. The
 * check travels with the call: an adapter that had to wait checks again when the request goes out.
 */
import type { KubeWriter } from '../../kube/port.ts'
import { checks, LostLeadership } from '../base/effect-check.ts'

export interface Leadership {
  /** Whether this process leads now; synchronous, by the monotonic clock. */
  isLeader(): boolean
}

/** Throws {@link LostLeadership} unless `leadership` holds. */
export function assertLeader(leadership: Leadership): void {
  if (!leadership.isLeader()) throw new LostLeadership()
}

/** `port`, with `check` called before each of its methods; an error from `check` becomes the method's rejection. */
export function fence<T extends object>(port: T, check: () => void): T {
  return new Proxy(port, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        try {
          check()
        } catch (error) {
          return Promise.reject(error)
        }
        return checks.run(check, (): unknown => Reflect.apply(member, target, args))
      }
    },
  })
}

/** `writer`, refusing every write while this process does not lead. */
export function fenced(writer: KubeWriter, leadership: Leadership): KubeWriter {
  return fence(writer, () => assertLeader(leadership))
}
