/** The answers of an LDAP server (RFC 4511, section 4), read strictly: a result without a code is no success. Pure. */
import { Malformed, contentOf, elements, numberOf } from './ber.ts'
import type { Element } from './ber.ts'

/** An object that a search found. */
export interface Entry {
  readonly dn: string
  /** By attribute name in lower case, without the option `range`. */
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>
}

export type Operation = 'bind' | 'search' | 'extended'

export interface Result {
  readonly operation: Operation
  /** RFC 4511, appendix A. */
  readonly code: number
  /** The server's own words. */
  readonly words: string
  /** What the password policy of the directory says of the account. */
  readonly policy: PolicyError | undefined
}

/** draft-behera-ldap-password-policy, section 6.2: the errors that concern a bind. */
export type PolicyError = 'expired' | 'locked' | 'change-required'

export type Response = { readonly id: number } & (
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'result'; readonly result: Result }
  // A reference to another server, or an intermediate response: neither is followed.
  | { readonly kind: 'other' }
)

const sequenceTag = 0x30
const integerTag = 0x02
const enumeratedTag = 0x0a
const textTag = 0x04
const controlsTag = 0xa0
const entryTag = 0x64
const others: ReadonlySet<number> = new Set([0x73, 0x79])
const results: Readonly<Record<number, Operation>> = { 0x61: 'bind', 0x65: 'search', 0x78: 'extended' }

/** The answer in one whole message. @throws Malformed */
export function readResponse(message: Buffer): Response {
  const [whole, ...rest] = elements(message)
  if (rest.length > 0) throw new Malformed('more than one message')
  const [id, operation, controls] = elements(contentOf(whole, sequenceTag))
  const of = { id: numberOf(id, integerTag) }
  if (operation === undefined) throw new Malformed('a message without an operation')
  if (operation.tag === entryTag) return { ...of, kind: 'entry', entry: entryIn(operation.content) }
  if (others.has(operation.tag)) return { ...of, kind: 'other' }
  const kind = results[operation.tag]
  if (kind === undefined) throw new Malformed(`an operation with the tag 0x${operation.tag.toString(16)}`)
  const [code, matched, words] = elements(operation.content)
  contentOf(matched, textTag)
  return {
    ...of,
    kind: 'result',
    result: {
      operation: kind,
      code: numberOf(code, enumeratedTag),
      words: contentOf(words, textTag).toString('utf8'),
      policy: policyIn(controls),
    },
  }
}

function entryIn(content: Buffer): Entry {
  const [name, attributes] = elements(content)
  const found = new Map<string, readonly Buffer[]>()
  for (const attribute of elements(contentOf(attributes, sequenceTag))) {
    const [type, values] = elements(contentOf(attribute, sequenceTag))
    const key = textOf(contentOf(type, textTag))
      .toLowerCase()
      .replace(/;range=[^;]*/, '')
    found.set(
      key,
      elements(contentOf(values, 0x31)).map((value) => contentOf(value, textTag)),
    )
  }
  return { dn: textOf(contentOf(name, textTag)), attributes: found }
}

/** @throws Malformed for bytes that are not UTF-8. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Malformed('a text that is not UTF-8')
  }
}

export const passwordPolicyOid = '1.3.6.1.4.1.42.2.27.8.5.1'

const policyErrors: Readonly<Record<number, PolicyError>> = { 0: 'expired', 1: 'locked', 2: 'change-required' }

function policyIn(controls: Element | undefined): PolicyError | undefined {
  if (controls?.tag !== controlsTag) return undefined
  for (const control of elements(controls.content)) {
    const parts = elements(contentOf(control, sequenceTag))
    if (contentOf(parts[0], textTag).toString('latin1') !== passwordPolicyOid) continue
    const value = parts.slice(1).find(({ tag }) => tag === textTag)
    if (value === undefined) continue
    const [policy] = elements(value.content)
    const error = elements(contentOf(policy, sequenceTag)).find(({ tag }) => tag === 0x81)
    if (error !== undefined) return policyErrors[numberOf(error, 0x81)]
  }
  return undefined
}
