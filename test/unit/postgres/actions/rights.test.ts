/** A refusal for lack of rights names the statements that give them. */
import test from 'ava'
import { databaseNames } from '../../../../operator/api/names.ts'
import { withMissingRights } from '../../../../operator/postgres/actions/rights.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { target } from '../observed.ts'

const { signal } = new AbortController()
const refused = new PostgresError('InsufficientPrivilege', 'permission denied.', '42501')
const { owner } = databaseNames('i', 'u1')

interface Rights {
  readonly attributes: readonly string[] | null
  readonly roles: readonly string[]
}
const told = async (rights: Rights, error: unknown = refused) => {
  const read = () => Promise.resolve([{ rights: { account: 'the op', ...rights } }])
  return withMissingRights(error, { read }, target, signal)
}

const rows: readonly (readonly [string, Rights, RegExp])[] = [
  ['an attribute', { attributes: ['CREATEDB'], roles: [] }, /Run as a superuser: ALTER ROLE "the op" CREATEDB; then/],
  [
    'both attributes',
    { attributes: ['CREATEDB', 'CREATEROLE'], roles: [] },
    /ALTER ROLE "the op" CREATEDB CREATEROLE; then/,
  ],
  [
    'a role without the ADMIN option',
    { attributes: null, roles: [owner] },
    new RegExp(`GRANT "${owner}" TO "the op" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE; then`),
  ],
]
for (const [sentence, rights, expected] of rows)
  test(`the account lacks ${sentence}: the statement follows the server's message`, async (t) => {
    const error = await told(rights)
    t.true(error instanceof PostgresError)
    t.regex(String(error), /permission denied\./)
    t.regex(String(error), expected)
    t.like(error, { reason: 'InsufficientPrivilege', sqlstate: '42501' })
  })

test("no right is known to be missing: the account follows the server's message", async (t) => {
  t.regex(
    String(await told({ attributes: [], roles: [] })),
    /permission denied\. As a superuser, GRANT the role "the op" the privilege that the server names, or make it the owner; then/,
  )
})

test("the operator's own refusal has its statement already, and stays as it is", async (t) => {
  const own = new PostgresError('InsufficientPrivilege', 'As an administrator of the server run: REVOKE "a" FROM "b";')
  t.is(await told({ attributes: null, roles: [] }, own), own)
})

test('another error stays as it is, and costs no read', async (t) => {
  const other = new PostgresError('Timeout', 'too slow')
  const read = () => Promise.reject(new Error('must not be read'))
  t.is(await withMissingRights(other, { read }, target, signal), other)
})
