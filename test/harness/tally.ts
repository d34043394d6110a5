/** How many tests passed and failed. */
export interface Tally {
  readonly passed: number
  readonly failed: number
}

export const nothing: Tally = { passed: 0, failed: 0 }

export function add(one: Tally, other: Tally): Tally {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed }
}

/** The last line of a run. */
export function summary({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`
}

/**
 * Counts the marks of AVA's default reporter: a line that begins with ✔ or ✘ is a test, or a file that could not be run
 * (its --tap reporter crashes when a test times out). An end with an error and without any ✘ is one failure.
 */
export function count(output: string, exitCode: number): Tally {
  const lines = output.replaceAll(/\u001B\[[0-9;]*m/g, '').split('\n')
  const passed = lines.filter((line) => /^\s*✔ /.test(line)).length
  const failed = lines.filter((line) => /^\s*✘ /.test(line)).length
  return { passed, failed: exitCode !== 0 && failed === 0 ? 1 : failed }
}
