/** Which test files run side by side, and in which order the groups run. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suites } from './selection.ts'
import type { Suite } from './selection.ts'

/** A group of files that run side by side. */
export interface Lanes {
  readonly suites: readonly Suite[]
  readonly files: readonly string[]
  readonly concurrency: number
}

/** On the smallest machine that runs all tests, two files leave each a core. */
const usual = 2

/** Most files wait for servers or a browser most of their time; two more are no harm. */
const waiting = 4

/** Whether the first comment of a test file says so: it compares times with limits that a busy machine exceeds. */
export function measuresTime(source: string): boolean {
  return /^\/\*\*[^]*?\*\//.exec(source)?.[0].includes('Measures time.') === true
}

/**
 * The chosen files in groups that run one after the other: the unit tests; all that uses servers; faults that measure time.
 * Only the second may use the servers that integration tests share.
 */
export async function lanesOf(root: string, chosen: ReadonlyMap<Suite, readonly string[]>): Promise<readonly Lanes[]> {
  const { unit = [], integration = [], faults = [], browser = [] } = Object.fromEntries(chosen)
  const sources = await Promise.all(
    faults.map(async (file) => ({ file, source: await readFile(join(root, file), 'utf8') })),
  )
  const [others, measuring] = [false, true].map((wanted) =>
    sources.filter(({ source }) => measuresTime(source) === wanted).map(({ file }) => file),
  )
  const group = (files: readonly string[], concurrency: number): Lanes => ({
    suites: suites.filter((suite) => files.some((file) => file.startsWith(`test/${suite}/`))),
    files,
    concurrency,
  })
  return [
    group(unit, usual),
    // Those that take longest begin first, so that none of them is left over at the end.
    group([...browser, ...(others ?? []), ...integration], waiting),
    group(measuring ?? [], usual),
  ].filter(({ files }) => files.length > 0)
}
