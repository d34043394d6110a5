export function run(work: () => void): void {
  try {
    work()
  } catch {}
}
