/** What a sweep has shown, one row for each kind of life: for people as a table, for machines as JSON. Pure. */
import type { Cut } from './side-by-side.ts'

export interface WrittenLine extends Omit<Cut, 'late'> {
  readonly life: string
}

export interface Row {
  readonly life: string
  readonly points: number
  /** Came to the same end after the crash, in time. */
  readonly same: number
  readonly differ: number
  /** Came to the same end without the effect that they should have died at. */
  readonly missed: number
  /** Milliseconds from the restart to the same state. */
  readonly median: number
  readonly slowest: number
  /** Milliseconds from when the process was ready, of the one that took longest from there. */
  readonly afterReady: number
}

/** In the order in which the lives appear. */
export function rowsOf(results: readonly WrittenLine[]): readonly Row[] {
  return [...new Set(results.map(({ life }) => life))].map((life) => rowOf(life, results))
}

function rowOf(life: string, all: readonly WrittenLine[]): Row {
  const own = all.filter((each) => each.life === life)
  const differ = own.filter(({ problem }) => problem !== undefined).length
  const missed = own.filter(({ problem, reached }) => problem === undefined && !reached).length
  const times = own.flatMap(({ recovery }) => recovery ?? []).toSorted((one, other) => one - other)
  const waits = own.flatMap(({ recovery, start }) => (recovery === undefined ? [] : recovery - (start ?? recovery)))
  const part = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)] ?? 0)
  const same = own.length - differ - missed
  const afterReady = Math.round(Math.max(0, ...waits))
  return { life, points: own.length, same, differ, missed, median: part(0.5), slowest: part(1), afterReady }
}

const columns = ['life', 'points', 'same', 'differ', 'missed', 'median', 'slowest', 'afterReady'] as const

/** Columns of the same width each, numbers to the right. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [
    columns.map((column) => titles[column]),
    ...rows.map((row) => columns.map((column) => String(row[column]))),
  ]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)))
  const cell = (text: string, index: number) =>
    index === 0 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0)
  return lines.map((line) => line.map(cell).join('  ')).join('\n')
}

const titles: Readonly<Record<(typeof columns)[number], string>> = {
  life: 'life',
  points: 'points',
  same: 'same end state',
  differ: 'other',
  missed: 'not met',
  median: 'median ms',
  slowest: 'slowest ms',
  afterReady: 'after ready ms',
}
