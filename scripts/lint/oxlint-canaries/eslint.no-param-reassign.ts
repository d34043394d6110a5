export function next(n: number): number {
  n = n + 1
  return n
}
