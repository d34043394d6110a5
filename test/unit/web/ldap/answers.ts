/** The answers of a directory as bytes, for tests: correct ones and others. */

export function element(tag: number, ...contents: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(contents.map((part) => Buffer.from(part)))
  const { length } = content
  const header =
    length < 0x80 ? [length] : [0x84, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]
  return Buffer.concat([Buffer.of(tag, ...header), content])
}

export function message(id: number, operation: Buffer, ...controls: readonly Buffer[]): Buffer {
  return element(0x30, element(0x02, Buffer.of(id)), operation, ...controls)
}

const tags = { bind: 0x61, search: 0x65, extended: 0x78 } as const

export function result(operation: keyof typeof tags, code: number, words = ''): Buffer {
  return element(tags[operation], element(0x0a, Buffer.of(code)), element(0x04, ''), element(0x04, words))
}

export function entry(dn: string, attributes: Readonly<Record<string, readonly (string | Buffer)[]>>): Buffer {
  const list = Object.entries(attributes).map(([type, values]) =>
    element(0x30, element(0x04, type), element(0x31, ...values.map((value) => element(0x04, value)))),
  )
  return element(0x64, element(0x04, dn), element(0x30, ...list))
}

/** The response control of draft-behera-ldap-password-policy with this error. */
export function policyControl(error: number): Buffer {
  const value = element(0x30, element(0xa0, element(0x80, Buffer.of(7))), element(0x81, Buffer.of(error)))
  return element(0xa0, element(0x30, element(0x04, '1.3.6.1.4.1.42.2.27.8.5.1'), element(0x04, value)))
}
