/** The text of a search filter (RFC 4515) as a tree. Pure. */

/** Bytes where an escaped value is no UTF-8, as in Active Directory's objectGUID. */
export type FilterValue = string | Buffer

export type FilterTree =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly FilterTree[] }
  | { readonly kind: 'not'; readonly filter: FilterTree }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: 'equal'; readonly attribute: string; readonly value: FilterValue }
  | { readonly kind: 'greater' | 'less' | 'approximate'; readonly attribute: string; readonly value: string }
  | { readonly kind: 'substrings'; readonly attribute: string; readonly parts: readonly string[] }
  | {
      readonly kind: 'extensible'
      readonly attribute: string
      readonly rule: string
      readonly dn: boolean
      readonly value: string
    }

/** The text is no filter; the message completes the sentence "the filter …". */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError'
}

const attribute = '(?:[A-Za-z][A-Za-z0-9-]*|\\d+(?:\\.\\d+)+)(?:;[A-Za-z0-9-]+)*'

/** Whether this is the name of an attribute (RFC 4512, section 2.5). */
export function isAttributeName(text: string): boolean {
  return new RegExp(`^${attribute}$`).test(text)
}

/** The name of an attribute, and the rule that compares its values: `member:1.2.840.113556.1.4.1941:`; undefined: the text is neither. */
export function comparedAttribute(
  text: string,
): { readonly attribute: string; readonly rule: string | undefined } | undefined {
  const [, name, rule] = new RegExp(`^(${attribute})(?::(${attribute}):)?$`).exec(text) ?? []
  return name === undefined ? undefined : { attribute: name, rule }
}

const comparison = new RegExp(`^(${attribute})(>=|<=|~=|=)(.*)$`, 's')
const extensible = new RegExp(`^(${attribute})?(:dn)?(?::(${attribute}))?:=(.*)$`, 's')

/** @throws FilterSyntaxError */
export function parseFilter(text: string): FilterTree {
  const [tree, end] = filterAt(text, 0)
  if (end !== text.length) throw new FilterSyntaxError(`has "${text.slice(end, end + 20)}" behind its end`)
  return tree
}

type Parsed = readonly [tree: FilterTree, end: number]

function filterAt(text: string, at: number): Parsed {
  if (text[at] !== '(') throw new FilterSyntaxError(`has no "(" at character ${at + 1}`)
  const operator = text[at + 1]
  if (operator === '&' || operator === '|') return listAt(text, at + 2, operator === '&' ? 'and' : 'or')
  if (operator === '!') {
    const [filter, end] = filterAt(text, at + 2)
    return [{ kind: 'not', filter }, closed(text, end)]
  }
  const end = text.indexOf(')', at)
  if (end < 0) throw new FilterSyntaxError('has a "(" without ")"')
  return [item(text.slice(at + 1, end)), end + 1]
}

function listAt(text: string, start: number, kind: 'and' | 'or'): Parsed {
  const filters: FilterTree[] = []
  let at = start
  while (text[at] === '(') {
    const [filter, end] = filterAt(text, at)
    filters.push(filter)
    at = end
  }
  if (filters.length === 0) throw new FilterSyntaxError(`has no "(" at character ${at + 1}`)
  return [{ kind, filters }, closed(text, at)]
}

function closed(text: string, at: number): number {
  if (text[at] !== ')') throw new FilterSyntaxError(`has no ")" at character ${at + 1}`)
  return at + 1
}

function item(text: string): FilterTree {
  const [, name, operator, raw = ''] = comparison.exec(text) ?? []
  if (name === undefined) return extensibleItem(text)
  if (operator === '>=') return { kind: 'greater', attribute: name, value: textIn(raw) }
  if (operator === '<=') return { kind: 'less', attribute: name, value: textIn(raw) }
  if (operator === '~=') return { kind: 'approximate', attribute: name, value: textIn(raw) }
  if (raw === '*') return { kind: 'present', attribute: name }
  if (!raw.includes('*')) return { kind: 'equal', attribute: name, value: valueIn(raw) }
  const parts = raw.split('*').map(textIn)
  if (parts.slice(1, -1).includes(''))
    throw new FilterSyntaxError(`has two "*" without a text between them in "${text}"`)
  return { kind: 'substrings', attribute: name, parts }
}

function extensibleItem(text: string): FilterTree {
  const [whole, name = '', dn, rule = '', raw = ''] = extensible.exec(text) ?? []
  if (whole === undefined || (name === '' && rule === ''))
    throw new FilterSyntaxError(`has "${text}", which is no attribute with "=" and a value`)
  return { kind: 'extensible', attribute: name, rule, dn: dn !== undefined, value: textIn(raw) }
}

function textIn(raw: string): string {
  const value = valueIn(raw)
  if (typeof value === 'string') return value
  throw new FilterSyntaxError(`has the value "${raw}", whose bytes are not UTF-8`)
}

function valueIn(raw: string): FilterValue {
  const pieces = raw.split(/(\\[0-9A-Fa-f]{2})/)
  if (pieces.some((piece, index) => index % 2 === 0 && /[\\(\0]/.test(piece)))
    throw new FilterSyntaxError(`has the value "${raw}" with a "\\" or "(" that is not escaped`)
  const bytes = Buffer.concat(
    pieces.map((piece, index) => (index % 2 === 1 ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(piece, 'utf8'))),
  )
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : bytes
}
