import { BerWriter, FilterParser } from 'ldapts'
import type { Filter } from 'ldapts'
import test from 'ava'
import { elements } from '../../../../operator/web/ldap/ber.ts'
import { FilterSyntaxError, parseFilter } from '../../../../operator/web/ldap/filter-syntax.ts'
import { filterOf, matching } from '../../../../operator/web/ldap/filters.ts'
import { fc } from '../../../random.ts'

function bytesOf(filter: Filter): Buffer {
  const writer = new BerWriter()
  filter.write(writer)
  return writer.buffer
}

/** The tags of a filter and of all within it: its shape. Values are left out. */
function shape(bytes: Buffer): unknown {
  return elements(bytes).map(({ tag, content }) => ((tag & 0x20) === 0 ? tag : [tag, shape(content)]))
}

const configured = '(&(objectClass=person)(|(memberOf=cn=a,dc=b)(!(sn=x*y*z)))(uid:dn:2.5.13.5:=q))'

function search(username: string): Buffer {
  return bytesOf(matching(parseFilter(configured), [{ attribute: 'uid', value: Buffer.from(username) }]))
}

test('no username changes the shape of the filter, and each arrives as it was typed', (t) => {
  const expected = shape(search('ben'))
  const special = fc.constantFrom('*', '(', ')', '\\', '\0', '=', '&', '|', '!', ')(uid=*', '\\2a', 'ben', '🔥', 'é')
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(special).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (username) => {
      const bytes = search(username)
      t.deepEqual(shape(bytes), expected)
      const last = elements(elements(bytes)[0]?.content ?? Buffer.of()).at(-1)
      const [attribute, value] = elements(last?.content ?? Buffer.of())
      t.is(attribute?.content.toString(), 'uid')
      t.deepEqual(value?.content, Buffer.from(username))
    }),
  )
})

const texts = [
  '(objectClass=person)',
  '(cn=*)',
  '(cn=a*)',
  '(cn=*a)',
  '(cn=*a*b*)',
  '(&(a=1)(b=2))',
  '(|(a=1)(!(b=2)))',
  '(n>=1)',
  '(n<=1)',
  '(n~=1)',
  '(userAccountControl:1.2.840.113556.1.4.803:=2)',
  '(:dn:2.5.13.5:=x)',
  '(o=\\28x\\29\\2a\\5c)',
  '(o=a=b)',
]

test('filters mean what they mean to ldapts', (t) => {
  for (const text of texts)
    t.deepEqual(bytesOf(filterOf(parseFilter(text))), bytesOf(FilterParser.parseString(text)), text)
})

test('escaped bytes are bytes: UTF-8 where they are, and numbers such as objectGUID', (t) => {
  t.deepEqual(parseFilter('(cn=J\\c3\\b6rg)'), { kind: 'equal', attribute: 'cn', value: 'Jörg' })
  const value = Buffer.from('ff00a1', 'hex')
  t.deepEqual(parseFilter('(objectGUID=\\ff\\00\\A1)'), { kind: 'equal', attribute: 'objectGUID', value })
  t.deepEqual(parseFilter('(2.5.4.3;lang-en=x)'), { kind: 'equal', attribute: '2.5.4.3;lang-en', value: 'x' })
})

const mistakes = [
  '',
  'a=b',
  '(a=b',
  '(a=b))',
  '(a=b)(c=d)',
  '(&)',
  '(&(a=b)',
  '(!(a=b)(c=d))',
  '(a)',
  '(=b)',
  '(a b=c)',
  '(a=b\\)',
  '(a=b\\2)',
  '(a=b(c)',
  '(a=b**c)',
  '(a>=\\ff)',
  '(:=x)',
  '(& (a=b))',
]

test('what is no filter is refused', (t) => {
  for (const text of mistakes) t.throws(() => parseFilter(text), { instanceOf: FilterSyntaxError }, text)
})

test('any text is a filter, or is refused as none', (t) => {
  const pieces = fc.array(fc.constantFrom('(', ')', '&', '|', '!', 'a', '=', '*', '\\', '2a', ':', '>', '~', '<', 'é'))
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((parts) => parts.join('')),
      ),
      (text) => {
        try {
          bytesOf(filterOf(parseFilter(text)))
        } catch (error) {
          if (!(error instanceof FilterSyntaxError)) throw error
        }
      },
    ),
  )
  t.pass()
})
