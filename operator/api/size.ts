/** Sizes as a status tells them: roughly, so that a row that somebody stores costs no write. Pure. */

/** Bytes: the least step in which the size of one tenant's data is told. More than an empty database has. */
export const tenantSizeStep = 16 * 2 ** 20

/**
 * In steps of an eighth of its power of two, at least `leastStep` bytes, rounded up. What was told `before` stays until the
 * size is above it, or a whole step below: a size that goes up and down around a step is not written again and again.
 */
export function coarseSize(bytes: number, before: number | undefined, leastStep: number): number {
  const step = Math.max(leastStep, 2 ** (Math.floor(Math.log2(Math.max(bytes, 1))) - 3))
  const told = Math.max(1, Math.ceil(bytes / step)) * step
  return before !== undefined && told <= before && told + step >= before ? before : told
}
