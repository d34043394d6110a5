/** The figures of quality.md with what they must and should be, and how they are shown. */

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: '×' | 'ms' | 'MiB' | ''
  /** At most. Without it the figure is only told. */
  readonly must?: number
  readonly aim?: number
  /** Where the figure comes from. */
  readonly note?: string
}

export function fails({ value, must }: Figure): boolean {
  return must !== undefined && !(value <= must)
}

/** Lines for people: ✔ what must be is so and what should be too, ~ only the former, ✘ not even that. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    markOf(figure),
    figure.name,
    shown(figure.value, figure.unit),
    figure.must === undefined ? '' : shown(figure.must, figure.unit),
    figure.aim === undefined ? '' : shown(figure.aim, figure.unit),
    figure.note ?? '',
  ])
  const all = [['', 'figure', 'seen', 'must', 'aim', ''], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const pad = (cell: string, column: number) =>
    column >= 2 && column <= 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
  return all.map((row) => row.map(pad).join('  ').trimEnd()).join('\n')
}

function markOf(figure: Figure): string {
  if (figure.must === undefined) return ' '
  if (fails(figure)) return '✘'
  return figure.aim === undefined || figure.value <= figure.aim ? '✔' : '~'
}

function shown(value: number, unit: Figure['unit']): string {
  if (unit === '×') return `${value.toFixed(2)}×`
  const rounded = unit !== '' || Number.isInteger(value) ? Math.round(value).toLocaleString('en-US') : value.toFixed(1)
  return unit === '' ? rounded : `${rounded} ${unit}`
}
