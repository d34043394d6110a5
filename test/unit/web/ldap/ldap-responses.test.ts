import test from 'ava'
import { Malformed } from '../../../../operator/web/ldap/ber.ts'
import { readResponse } from '../../../../operator/web/ldap/ldap-responses.ts'
import { fc } from '../../../random.ts'
import { element, entry, message, policyControl, result } from './answers.ts'

test('an entry, with attribute names in lower case and without the range', (t) => {
  const response = readResponse(
    message(3, entry('uid=ben', { Mail: ['a@b'], 'memberOf;range=0-1499': ['x', 'y'], empty: [] })),
  )
  if (response.kind !== 'entry') return t.fail(response.kind)
  t.is(response.id, 3)
  t.is(response.entry.dn, 'uid=ben')
  const found = [...response.entry.attributes].map(([name, values]) => [name, values.map(String)])
  t.deepEqual(found, [
    ['mail', ['a@b']],
    ['memberof', ['x', 'y']],
    ['empty', []],
  ])
})

test('a result, with what the password policy says', (t) => {
  const of = (bytes: Buffer) => {
    const response = readResponse(bytes)
    return response.kind === 'result' ? response.result : undefined
  }
  t.deepEqual(of(message(1, result('bind', 49, 'no'))), { operation: 'bind', code: 49, words: 'no', policy: undefined })
  const policies = ['expired', 'locked', 'change-required', undefined]
  for (const [error, policy] of policies.entries())
    t.is(of(message(1, result('bind', 0), policyControl(error)))?.policy, policy as never)
})

test('references and intermediate responses are passed over', (t) => {
  for (const tag of [0x73, 0x79]) t.is(readResponse(message(1, element(tag, 'x'))).kind, 'other')
})

const malformed: Readonly<Record<string, Buffer>> = {
  'an empty message': Buffer.of(),
  'a message without an operation': element(0x30, element(0x02, Buffer.of(1))),
  'a bind response without a code': message(1, element(0x61)),
  'a bind response without words': message(1, element(0x61, element(0x0a, Buffer.of(0)))),
  'a code without a byte': message(1, element(0x61, element(0x0a), element(0x04), element(0x04))),
  'a negative code': message(1, element(0x61, element(0x0a, Buffer.of(0xff)), element(0x04), element(0x04))),
  'a code that is an integer': message(1, element(0x61, element(0x02, Buffer.of(0)), element(0x04), element(0x04))),
  'a value longer than its attribute': message(
    2,
    element(0x64, element(0x04, ''), element(0x30, Buffer.from('30080401613103047f61', 'hex'))),
  ),
  'an attribute without values': message(
    2,
    element(0x64, element(0x04, ''), element(0x30, element(0x30, element(0x04, 'a')))),
  ),
  'a name that is not UTF-8': message(2, element(0x64, element(0x04, Buffer.of(0xff)), element(0x30))),
  'an indefinite length': Buffer.from('3080020101610700', 'hex'),
  'a length of five bytes': Buffer.from('308500000000010000', 'hex'),
  'another message behind it': Buffer.concat([message(1, result('bind', 0)), message(2, result('bind', 0))]),
  'an unknown operation': message(1, element(0x7e, 'x')),
}

for (const [what, bytes] of Object.entries(malformed)) {
  test(`${what} is malformed`, (t) => {
    t.throws(() => readResponse(bytes), { instanceOf: Malformed })
  })
}

test('any bytes are an answer or malformed, and a part of an answer is malformed', (t) => {
  const whole = message(2, entry('uid=ben', { mail: ['a@b', 'c@d'], memberOf: ['x'.repeat(200)] }), policyControl(1))
  const changed = fc
    .tuple(fc.nat(whole.length - 1), fc.nat(255))
    .map(([at, byte]) => Buffer.from(whole.map((before, index) => (index === at ? byte : before))))
  const bytes = fc.uint8Array({ maxLength: 80 }).map((random) => Buffer.from(random))
  fc.assert(
    fc.property(fc.oneof(bytes, changed), (answer) => {
      try {
        readResponse(answer)
      } catch (error) {
        if (!(error instanceof Malformed)) throw error
      }
    }),
  )
  for (let end = 0; end < whole.length; end += 1)
    t.throws(() => readResponse(whole.subarray(0, end)), { instanceOf: Malformed })
})
