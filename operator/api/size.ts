/** Sizes in a status, rounded so that a new row costs no write, and sizes against a limit. Pure. */

/** Bytes: the smallest step in which the size of one tenant's data is reported. More than an empty database has. */
export const tenantSizeStep = 16 * 2 ** 20

/**
 * In steps of an eighth of its power of two, at least `leastStep` bytes, rounded up. The size reported `before` stays
 * until the real one is above it, or a whole step below: a size that varies around a step is not written again and
 * again.
 */
export function coarseSize(bytes: number, before: number | undefined, leastStep: number): number {
  const step = Math.max(leastStep, 2 ** (Math.floor(Math.log2(Math.max(bytes, 1))) - 3))
  const told = Math.max(1, Math.ceil(bytes / step)) * step
  return before !== undefined && told <= before && told + step >= before ? before : told
}

/** How much of its size limit a tenant's data takes. */
export type SizeLevel = 'Within' | 'NearlyFull' | 'OverSize'

/** `level`: the level last reported. */
export interface SizeBound {
  readonly bytes: number
  readonly level: SizeLevel
}

/** A level ends five hundredths below where it begins, so that it is not reported again and again. */
export function sizeLevel(bytes: number, bound: SizeBound): SizeLevel {
  const share = bytes / bound.bytes
  if (share >= 1 || (share >= 0.95 && bound.level === 'OverSize')) return 'OverSize'
  return share >= 0.8 || (share >= 0.75 && bound.level !== 'Within') ? 'NearlyFull' : 'Within'
}
