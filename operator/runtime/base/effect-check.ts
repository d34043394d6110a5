/** The check that a call makes before it has an effect, wherever it began. */
import { AsyncLocalStorage } from 'node:async_hooks'

/** Thrown in place of an effect by a process that is not, or no longer, the leader. */
export class LostLeadership extends Error {
  override readonly name = 'LostLeadership'
  constructor() {
    super('this process is not the leader')
  }
}

export const checks = new AsyncLocalStorage<() => void>()

/** The check of the fence that the present call came through; undefined where it came through none. */
export function presentCheck(): (() => void) | undefined {
  return checks.getStore()
}
