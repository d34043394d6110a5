import test from 'ava'
import {
  aclGrantee,
  aclName,
  generatedName,
  identifier,
  integer,
  literal,
} from '../../../../operator/postgres/model/quote.ts'

test('identifiers and literals double what would end them', (t) => {
  t.is(identifier('a"b'), '"a""b"')
  t.is(literal(`it's \\ fine`), `'it''s \\ fine'`)
  t.is(integer(-1), '-1')
})

for (const name of ['', 'A', '1a', 'a-b', 'a"b', 'a b', 'ü', 'a'.repeat(64), 'a;DROP'])
  test(`no name of ours: ${JSON.stringify(name)}`, (t) => {
    t.throws(() => generatedName(name), { instanceOf: RangeError })
  })

test('what PostgreSQL would cut or cannot hold is refused', (t) => {
  for (const name of ['', 'ü'.repeat(32), 'a\0b']) t.throws(() => identifier(name), { instanceOf: RangeError })
  t.throws(() => literal('a\0b'), { instanceOf: RangeError })
  for (const value of [Number.NaN, Infinity, 1.5]) t.throws(() => integer(value), { instanceOf: RangeError })
})

for (const [name, item] of [
  ['tenantry', 'tenantry=CTc/tenantry'],
  ['my-op', '"my-op"=CTc/"my-op"'],
  ['a"=b', '"a""=b"=CTc/postgres'],
  ['', '=Tc/postgres'],
] as const)
  test(`the grantee of ${item}`, (t) => {
    t.is(aclGrantee(item), name)
    if (name !== '') t.true(item.startsWith(`${aclName(name)}=`))
  })
