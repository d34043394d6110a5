/** Any text made fit for a header field. */

/** Text for a header: one line, well-formed, of a length that no relay refuses. */
export function headerText(text: string, limit = 200): string {
  const line = text
    .toWellFormed()
    // Control, format (bidirectional overrides, zero width) and line separators.
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
  return Array.from(line).slice(0, limit).join('').trim()
}

/**
 * A display name. `<`, `>`, `"` and `@` are dropped: some mail programs show a name with an address in it as if it were
 * the address.
 */
export function displayName(name: string): string {
  return headerText(name.replace(/[<>"@\\]/g, ' '), 100)
}
