/**
 * A password, a username or a key as somebody has put it into a Secret or a file. `kubectl create secret --from-file` and
 * `echo` leave a line break at the end that nobody meant. Pure.
 */

/**
 * Without one line break at the end, and without the byte order mark that some editors put in front; undefined where there
 * are other control characters, which no credential has, or what was left of bytes that are no UTF-8.
 */
export function credentialIn(content: string): string | undefined {
  const text = content.replace(/^\ufeff/, '').replace(/\r?\n$/, '')
  return /[\p{Cc}\ufffd]/u.test(text) ? undefined : text
}

/** Of a Secret's entry, in base64. */
export function credentialOf(entry: string | undefined): string | undefined {
  return credentialIn(Buffer.from(entry ?? '', 'base64').toString('utf8'))
}

/** What is wrong where there is none, and the way out. `where`: which entry of which Secret, or which file. */
export function unfitCredential(where: string): string {
  return `${where} has line breaks or other control characters, more than one line break at the end, or bytes that are no UTF-8. Write it anew without them, as with kubectl create secret and --from-literal.`
}
