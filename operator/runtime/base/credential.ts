/**
 * A password, a username or a key from a Secret or a file. `kubectl create secret --from-file` and `echo` leave an
 * unintended line break at the end. Pure.
 */

/**
 * Without one line break at the end, and without the byte order mark that some editors put in front; undefined where
 * there are other control characters, which no credential has, or replacements for bytes that are not UTF-8.
 */
export function credentialIn(content: string): string | undefined {
  const text = content.replace(/^\ufeff/, '').replace(/\r?\n$/, '')
  return /[\p{Cc}\ufffd]/u.test(text) ? undefined : text
}

/** The credential in an entry of a Secret, in base64. */
export function credentialOf(entry: string | undefined): string | undefined {
  return credentialIn(Buffer.from(entry ?? '', 'base64').toString('utf8'))
}

/** Why the credential cannot be used, and the remedy. `where`: the entry of a Secret, or the file. */
export function unfitCredential(where: string): string {
  return `${where} has line breaks or other control characters, more than one line break at the end, or bytes that are not UTF-8. Write it again without them, for example with kubectl create secret and --from-literal.`
}
