/** The Distinguished Encoding Rules (ITU-T X.690) for the few types that a certificate is made of. */

function element(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), length(content.length), content])
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.of(size)
  const bytes: number[] = []
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.of(0x80 | bytes.length, ...bytes)
}

export function sequence(...items: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(items))
}

export function set(...items: readonly Buffer[]): Buffer {
  return element(0x31, Buffer.concat(items))
}

/** A constructed, context-specific element: `[tag] EXPLICIT`. */
export function context(tag: number, content: Buffer): Buffer {
  return element(0xa0 | tag, content)
}

/** A primitive, context-specific element: `[tag] IMPLICIT` of a string type. */
export function contextBytes(tag: number, content: Buffer): Buffer {
  return element(0x80 | tag, content)
}

/** A positive integer from its big-endian bytes; the first bit must be clear. */
export function integer(bytes: Buffer): Buffer {
  return element(0x02, bytes)
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.of(value ? 0xff : 0x00))
}

export function octetString(content: Buffer): Buffer {
  return element(0x04, content)
}

/** `unused`: how many of the last byte's low bits do not count. */
export function bitString(content: Buffer, unused: number): Buffer {
  return element(0x03, Buffer.concat([Buffer.of(unused), content]))
}

export function utf8(text: string): Buffer {
  return element(0x0c, Buffer.from(text, 'utf8'))
}

/** An object identifier from its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80)
  return digits
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d{3}/g, '')
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : element(0x18, Buffer.from(digits, 'ascii'))
}
