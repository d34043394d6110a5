/** How many test files of a suite run side by side. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Suite } from './selection.ts'

/** Files that run side by side. */
export interface Lanes {
  readonly files: readonly string[]
  readonly concurrency: number
}

/** Two files leave each a core on the smallest machine that runs all tests. */
const usual = 2

/** A fault's file with a world of its own waits most of its time. One more is no harm where nothing is measured. */
const patient = 3

/** Whether the first comment of a test file says so. */
export function measuresNoTime(source: string): boolean {
  return /^\/\*\*[^]*?\*\//.exec(source)?.[0].includes('Measures no time.') === true
}

/** The files of a suite in the groups that run one after the other: the ones that measure time have company of one only. */
export async function lanesOf(root: string, suite: Suite, files: readonly string[]): Promise<readonly Lanes[]> {
  if (suite !== 'faults') return files.length === 0 ? [] : [{ files, concurrency: usual }]
  const sources = await Promise.all(
    files.map(async (file) => ({ file, source: await readFile(join(root, file), 'utf8') })),
  )
  const { true: waiting = [], false: measuring = [] } = Object.groupBy(sources, ({ source }) =>
    measuresNoTime(source) ? 'true' : 'false',
  )
  const named = (some: typeof sources) => some.map(({ file }) => file)
  return [
    { files: named(measuring), concurrency: usual },
    { files: named(waiting), concurrency: patient },
  ].filter((lanes) => lanes.files.length > 0)
}
