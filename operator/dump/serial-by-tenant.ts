/** Runs the dumps of one tenant one after another, as their temporary parts have the same names each time. */
export function serialByTenant(): <T>(uid: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return async (uid, work) => {
    const before = last.get(uid)
    const mine = before === undefined ? work() : before.then(work, work)
    const end = mine.catch(() => undefined)
    last.set(uid, end)
    try {
      return await mine
    } finally {
      if (last.get(uid) === end) last.delete(uid)
    }
  }
}
