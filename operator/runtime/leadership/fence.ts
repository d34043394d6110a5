/**
 * Fences: decorators that ask before each effect whether it is still allowed. The question is answered from local memory
 * and the monotonic clock, so that a process that was frozen refuses the first thing it does after it woke up. It goes with
 * the call, so that an adapter that had to wait for something asks once more when the request goes out.
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

/** `port`, with `check` called before each of its methods; what `check` throws comes out as the method's rejection. */
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
