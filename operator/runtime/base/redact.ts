/**
 * Finds text that must not be written down. By name: a field that is called like a secret. By shape: credentials inside
 * a URI (RFC 3986, section 3.2.1), an `Authorization` value, a JWT (RFC 7519), a SCRAM verifier, a PEM private key.
 */

const mask = '[redacted]'
const maxDepth = 6

const secretName =
  /^(pass(word|wd|phrase)?|pwd|.*password|.*passphrase|(.*[a-z_-])?token|.*secret|authorization|cookie|set-cookie|.*(private|signing|client|license)_?key|licensekey|credentials?|stringdata|verifier)$/i

const shapes: readonly (readonly [RegExp, string])[] = [
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, `$1:${mask}@`],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${mask}`],
  [/\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/g, mask],
  [/SCRAM-SHA-256\$\d+:[^\s'"]+/g, mask],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, mask],
]

/** `text` without the parts that look like credentials. */
export function scrubText(text: string): string {
  return shapes.reduce((scrubbed, [shape, replacement]) => scrubbed.replace(shape, replacement), text)
}

/** A copy of `value` that can be written to a log. `name` is the name of the field that holds it. */
export function scrub(value: unknown, name = '', depth = 0): unknown {
  if (value === null || value === undefined) return value
  if (secretName.test(name)) return mask
  if (typeof value === 'string') return scrubText(value)
  if (typeof value !== 'object') return value
  if (depth >= maxDepth) return '[deep]'
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.map((item) => scrub(item, '', depth + 1))
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, scrub(inner, field, depth + 1)]))
}
