export function run(work: () => Promise<void>): void {
  work()
}
