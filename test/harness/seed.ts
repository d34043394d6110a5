/**
 * The seed of the samples of sweeps, of random lives and of fast-check. Each commit has another one, so that commit after
 * commit all of a sweep has its turn.
 * `TENANTRY_TEST_SEED=7` before the command repeats a run.
 */
import { execFileSync } from 'node:child_process'

/** The seed of this run: the variable's, else the commit's. */
export function testSeed(env: Readonly<Record<string, string | undefined>> = process.env): number {
  const given = env['TENANTRY_TEST_SEED']
  if (given === undefined || given === '') return seedOf(commit())
  const seed = Number(given)
  if (!Number.isSafeInteger(seed)) throw new Error(`TENANTRY_TEST_SEED is ${given}, which is not a whole number.`)
  return seed
}

/** A positive number of 31 bits, which is what fast-check takes as it is. */
export function seedOf(commitId: string): number {
  const seed = Number.parseInt(commitId.slice(0, 8), 16) & 0x7f_ff_ff_ff
  return Number.isNaN(seed) || seed === 0 ? 1 : seed
}

/** Empty in a copy of the sources without its history. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}

/**
 * So many of them, in their order; the same seed takes the same ones. A linear congruential generator draws
 * (https://en.wikipedia.org/wiki/Linear_congruential_generator, the numbers of Numerical Recipes).
 */
export function sampleOf<Item>(items: readonly Item[], size: number, seed: number): readonly Item[] {
  let state = seed >>> 0
  const keyed = items.map((item, index) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return { item, index, key: state }
  })
  return keyed
    .toSorted((one, other) => one.key - other.key)
    .slice(0, size)
    .toSorted((one, other) => one.index - other.index)
    .map(({ item }) => item)
}
