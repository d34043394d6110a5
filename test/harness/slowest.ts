/** Which test files took longest, for the end of a run. */
import { fileURLToPath } from 'node:url'
import { relative, sep } from 'node:path'

export interface FileTime {
  readonly file: string
  readonly seconds: number
}

/** What file-times.ts has written, without the files that tests of the harness make. */
export function timesOf(lines: string, root: string): readonly FileTime[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { file, seconds } = JSON.parse(line) as FileTime // our own JSON
      return { file: relative(root, fileURLToPath(file)).split(sep).join('/'), seconds }
    })
    .filter(({ file }) => file.startsWith('test/'))
}

/** One row for each suite with the sum of its files, and one for each of the slowest files. */
export function slowest(times: readonly FileTime[], count: number): string {
  const suites = Map.groupBy(times, ({ file }) => file.split('/').slice(0, 2).join('/'))
  const sum = (some: readonly FileTime[]) => some.reduce((total, { seconds }) => total + seconds, 0)
  const row = (seconds: number, what: string) => `${seconds.toFixed(0).padStart(6)} s  ${what}`
  return [
    'Time of the test files, which ran side by side:',
    ...[...suites].map(([suite, files]) => row(sum(files), `${suite}, ${files.length} files`)),
    `The slowest ${Math.min(count, times.length)}:`,
    ...times
      .toSorted((one, other) => other.seconds - one.seconds)
      .slice(0, count)
      .map(({ file, seconds }) => row(seconds, file)),
  ].join('\n')
}
