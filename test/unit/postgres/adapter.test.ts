import test from 'ava'
import { applicationPrefix } from '../../../operator/postgres/adapter.ts'

const uuid = '0b7c6f9e-2f0c-4d47-9f14-2f7a3f0f7c11'

const rows: readonly (readonly [string, string, RegExp])[] = [
  ['a short installation is legible', 'main', /^tenantry\/main\/$/],
  ['a long one is a digest', uuid, /^tenantry\/[a-z0-9]{16}\/$/],
  ['a name that could end the prefix early is a digest', 'a/b', /^tenantry\/[a-z0-9]{16}\/$/],
]
for (const [sentence, installation, expected] of rows)
  test(`the prefix of application_name: ${sentence}`, (t) => t.regex(applicationPrefix(installation), expected))

test('prefix and pod stay within the 63 bytes that PostgreSQL keeps', (t) => {
  t.true(applicationPrefix('x'.repeat(25)).length + 25 <= 63)
  t.not(applicationPrefix(uuid), applicationPrefix(`${uuid}x`))
})
