/** Makes any text fit for a header field. */
import { oneLine } from './one-line.ts'

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Text for a header: one line, well-formed, of a length that no relay refuses; `limit`: code points. */
export function headerText(text: string, limit = 200): string {
  let line = ''
  let length = 0
  // What is seen as one character is not cut.
  for (const { segment } of segmenter.segment(oneLine(text))) {
    length += Array.from(segment).length
    if (length > limit) break
    line += segment
  }
  return line.trim()
}

/**
 * A display name. `<`, `>`, `"` and `@` are dropped: some mail programs show a name with an address in it as if it were
 * the address.
 */
export function displayName(name: string): string {
  return headerText(name.replace(/[<>"@\\]/g, ' '), 100)
}
