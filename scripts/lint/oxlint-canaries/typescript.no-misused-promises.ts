export function each(list: readonly string[], work: (item: string) => Promise<void>): void {
  list.forEach(async (item) => work(item))
}
