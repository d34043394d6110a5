/** How many tests passed and failed. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  /** What AVA said of each that failed, a text for each suite. */
  readonly failures: readonly string[]
  /** The lines that mark those that failed. */
  readonly marks: readonly string[]
}

export const nothing: Tally = { passed: 0, failed: 0, failures: [], marks: [] }

export function add(one: Tally, other: Tally): Tally {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    failures: [...one.failures, ...other.failures],
    marks: [...one.marks, ...other.marks],
  }
}

/**
 * The end of a run: what failed in any suite is said once more, for of a long run often the end alone is kept; and its
 * names last of all, for one that has much to say would hide the others.
 */
export function summary({ passed, failed, failures, marks }: Tally): string {
  return [...failures, ...marks, `${passed} passed, ${failed} failed`].join('\n')
}

/**
 * Counts the marks of AVA's default reporter: a line that begins with ✔ or ✘ is a test, or a file that could not be run
 * (its --tap reporter crashes when a test times out). An end with an error and without any ✘ is one failure.
 */
export function count(output: string, exitCode: number): Tally {
  const lines = output.replaceAll(/\u001B\[[0-9;]*m/g, '').split('\n')
  const passed = lines.filter((line) => /^\s*✔ /.test(line)).length
  const marks = lines.filter((line) => /^\s*✘ /.test(line))
  const failed = marks.length
  const end = lines.findIndex((line) => line.trim() === '─')
  return {
    passed,
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    failures: failed > 0 && end >= 0 ? [lines.slice(end).join('\n')] : [],
    marks,
  }
}
