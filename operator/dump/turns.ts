/** Works of one tenant one after another: the temporary parts of a dump have the same names each time. */
export function turns(): <T>(uid: string, work: () => Promise<T>) => Promise<T> {
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
