/**
 * People's names as they are written, on one line and in their reading order: for bodies, pages and headers. Of the
 * invisible characters, those stay that shape visible ones: joiners and soft hyphens within a word, as Sinhala,
 * Persian, Kurdish and Malayalam names and many emoji have them, and the tags of a flag. Characters that change the
 * direction of the text are removed.
 */

/** A zero width (non-)joiner or a soft hyphen behind a letter, a mark or an emoji; the tags behind a black flag. */
const shaping =
  /(?<=[\p{L}\p{M}\p{N}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u00ad\u200c\u200d]|(?<=\u{1f3f4})[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{2,8}\u{e007f}/gu

/** Visible format characters: the number signs of Arabic, Syriac and Kaithi. */
const seen = '\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}'

const unseen = new RegExp(`[\\p{Cf}--[${seen}]]+`, 'gv')

export function oneLine(text: string): string {
  const line = text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
  return withoutUnseen(line).replace(/\s+/gu, ' ').trim()
}

function withoutUnseen(line: string): string {
  let kept = ''
  let end = 0
  for (const { 0: shape, index } of line.matchAll(shaping)) {
    kept += line.slice(end, index).replace(unseen, '') + shape
    end = index + shape.length
  }
  return kept + line.slice(end).replace(unseen, '')
}
