/**
 * Durations in specs, such as `30d`, `12h` or `1h30m`: Go's durations without fractions, and with days of 24 hours, as
 * retention is counted in days and `720h` is misread too often.
 */

const milliseconds = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const

const [d, h, m, s] = ['d', 'h', 'm', 's'].map((unit) => `[1-9][0-9]{0,4}${unit}`)

const lengths = `${d}(${h})?(${m})?(${s})?|${h}(${m})?(${s})?|${m}(${s})?|${s}`

export const durationPattern = new RegExp(`^(${lengths})$`)

/** Also matches `0s`. */
export const durationOrNonePattern = new RegExp(`^(0s|${lengths})$`)

function isUnit(letter: string | undefined): letter is keyof typeof milliseconds {
  return letter !== undefined && letter in milliseconds
}

/** The shortest text that {@link parseDuration} reads as this many milliseconds; `0s` for less than a second. */
export function durationText(length: number): string {
  let left = length
  const parts = Object.entries(milliseconds).map(([unit, size]) => {
    const count = Math.floor(left / size)
    left -= count * size
    return count === 0 ? '' : `${count}${unit}`
  })
  return parts.join('') || '0s'
}

/** The length in milliseconds. Throws RangeError for a text that is no duration; admission has refused those. */
export function parseDuration(text: string): number {
  if (!durationPattern.test(text)) throw new RangeError(`not a duration: ${text}`)
  let sum = 0
  for (const [, count, unit] of text.matchAll(/([0-9]+)([dhms])/g)) {
    if (isUnit(unit)) sum += Number(count) * milliseconds[unit]
  }
  return sum
}

/** As {@link parseDuration}; 0 for `0s`. */
export function parseDurationOrNone(text: string): number {
  return text === '0s' ? 0 : parseDuration(text)
}
