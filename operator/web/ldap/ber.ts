/**
 * Strict reading of BER (ITU-T X.690) as LDAP restricts it (RFC 4511, section 5.1): lengths are definite, and each element is whole.
 * Pure.
 */

export interface Element {
  readonly tag: number
  readonly content: Buffer
}

/** The bytes are not what the protocol says. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

interface Header {
  /** Where the content begins. */
  readonly start: number
  readonly length: number
}

/** The length of the first element with its header; undefined: the header is not complete. @throws Malformed */
export function elementLength(bytes: Buffer): number | undefined {
  const header = headerAt(bytes, 0)
  return header === undefined ? undefined : header.start + header.length
}

/** The elements that fill these bytes exactly. @throws Malformed */
export function elements(bytes: Buffer): readonly Element[] {
  const found: Element[] = []
  for (let at = 0; at < bytes.length;) {
    const header = headerAt(bytes, at)
    if (header === undefined) throw new Malformed('an element without a length')
    const end = header.start + header.length
    if (end > bytes.length) throw new Malformed('an element that is longer than its place')
    found.push({ tag: bytes.readUInt8(at), content: bytes.subarray(header.start, end) })
    at = end
  }
  return found
}

/** The content of an element that must have this tag. @throws Malformed */
export function contentOf(element: Element | undefined, tag: number): Buffer {
  if (element?.tag === tag) return element.content
  throw new Malformed(`no element with the tag 0x${tag.toString(16)} where one must be`)
}

/** An INTEGER or ENUMERATED that is not negative. @throws Malformed */
export function numberOf(element: Element | undefined, tag: number): number {
  const content = contentOf(element, tag)
  if (content.length < 1 || content.length > 4 || content.readUInt8(0) > 0x7f) throw new Malformed('no such number')
  return content.readUIntBE(0, content.length)
}

function headerAt(bytes: Buffer, at: number): Header | undefined {
  if (bytes.length < at + 2) return undefined
  const first = bytes.readUInt8(at + 1)
  if (first < 0x80) return { start: at + 2, length: first }
  const size = first & 0x7f
  if (size < 1 || size > 4) throw new Malformed('a length that LDAP does not have')
  if (bytes.length < at + 2 + size) return undefined
  return { start: at + 2 + size, length: bytes.readUIntBE(at + 2, size) }
}
