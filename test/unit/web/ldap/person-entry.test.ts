import test from 'ava'
import type { Entry } from '../../../../operator/web/ldap/ldap-responses.ts'
import { attributesOf, personIn, textsOf, valuesOf } from '../../../../operator/web/ldap/person-entry.ts'

function entryOf(attributes: Readonly<Record<string, readonly (string | Buffer)[]>>, dn = 'uid=ben,dc=x'): Entry {
  return {
    dn,
    attributes: new Map(
      Object.entries(attributes).map(([name, values]) => [name, values.map((value) => Buffer.from(value))]),
    ),
  }
}

const search = {
  baseDN: 'dc=x',
  filter: undefined,
  scope: 'sub',
  username: 'uid',
  idAttr: 'entryUUID',
  emailAttr: 'mail',
  nameAttr: 'cn',
} as const

const ben = { uid: ['ben'], entryuuid: ['7'], mail: ['Ben@Example.com'], cn: ['Ben'] }

test('a person', (t) => {
  t.deepEqual(personIn(entryOf(ben), search, 'BEN'), {
    subject: '7',
    username: 'ben',
    email: 'ben@example.com',
    name: 'Ben',
  })
})

test('of several usernames it is the one that was typed, else the first', (t) => {
  const entry = entryOf({ ...ben, uid: ['benjamin', 'Ben'] })
  t.is(personIn(entry, search, 'ben')?.username, 'Ben')
  t.is(personIn(entry, search, '  ben ')?.username, 'benjamin')
})

test('without an id, a username or a DN there is no person', (t) => {
  t.is(personIn(entryOf({ ...ben, entryuuid: [] }), search, 'ben'), undefined)
  t.is(personIn(entryOf({ ...ben, uid: [''] }), search, 'ben'), undefined)
  t.is(personIn(entryOf({ ...ben, uid: ['b\0n'] }), search, 'ben'), undefined)
  t.is(personIn(entryOf(ben, ''), search, 'ben'), undefined)
})

test('the e-mail address is the first that is one, or none', (t) => {
  const email = (...mail: readonly (string | Buffer)[]) => personIn(entryOf({ ...ben, mail }), search, 'ben')?.email
  t.is(email('B@X.COM', 'a@x.com'), 'b@x.com')
  t.is(email('none', ' Ben@x.com '), 'ben@x.com')
  for (const wrong of ['ben', '@x', 'a@b@c', 'a b@c', 'a@b\nc', `${'x'.repeat(260)}@x`, Buffer.of(0x40, 0xff)])
    t.is(email(wrong), undefined)
  t.is(email(), undefined)
})

test('values that are too long, too many or no text are left out', (t) => {
  t.deepEqual(textsOf(entryOf({ a: ['x'.repeat(1_025), Buffer.of(0xff), 'a\nb', 'c'] }), 'A'), ['c'])
  t.is(valuesOf(entryOf({ a: Array.from({ length: 3_000 }, (_, n) => String(n)) }), 'a').length, 2_000)
})

test("Active Directory's ids are written in hexadecimal", (t) => {
  t.deepEqual(textsOf(entryOf({ objectguid: [Buffer.from('00ff10', 'hex')] }), 'objectGUID'), ['00ff10'])
})

test('DN is the name of the entry, and no attribute', (t) => {
  t.deepEqual(textsOf(entryOf({}), 'dn'), ['uid=ben,dc=x'])
  t.deepEqual(attributesOf(['DN', 'uid', 'uid', undefined]), ['uid'])
  t.deepEqual(attributesOf(['DN']), ['1.1'])
})
