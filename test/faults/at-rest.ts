import { isDeepStrictEqual } from 'node:util'

/** Milliseconds for which something has to be the same: a process that the machine holds up for a moment is at rest for shorter. */
const still = 4_000
/** And how often it is looked at in them: who looks may be held up as well. */
const looks = 4

/** Told what is seen at each look, it answers that once nothing has changed for long enough. */
export function whenAtRest<Snapshot>(): (now: Snapshot | undefined) => Snapshot | undefined {
  let [before, since, same]: [Snapshot | undefined, number, number] = [undefined, 0, 0]
  return (now) => {
    if (now === undefined || !isDeepStrictEqual(now, before)) {
      ;[before, since, same] = [now, performance.now(), 0]
      return undefined
    }
    same += 1
    return same >= looks && performance.now() - since >= still ? now : undefined
  }
}
