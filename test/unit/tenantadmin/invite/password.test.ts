import { randomBytes } from 'node:crypto'
import test from 'ava'
import { hashPassword, verifyPassword } from '../../../../operator/tenantadmin/invite/password.ts'
import { acceptablePassword } from '../../../../operator/tenantadmin/invite/password-rule.ts'

const random = { bytes: randomBytes }

test('A hash is a PHC string of scrypt with a salt of its own, and knows its password', async (t) => {
  const [one, other] = await Promise.all([hashPassword('correct horse', random), hashPassword('correct horse', random)])
  t.regex(one, /^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  t.not(one, other)
  t.true(await verifyPassword('correct horse', one))
  t.false(await verifyPassword('correct horsf', one))
})

test('One password typed on two keyboards is one password', async (t) => {
  const hash = await hashPassword('Ångström-Übung', random)
  t.true(await verifyPassword('Ångström-Übung'.normalize('NFD'), hash))
})

test('A known vector of RFC 7914, section 12, verifies', async (t) => {
  // N=1024, r=8, p=16, "password", "NaCl"
  const hash = Buffer.from(
    'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    'hex',
  )
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  t.true(await verifyPassword('password', `$scrypt$ln=10,r=8,p=16$${unpadded(Buffer.from('NaCl'))}$${unpadded(hash)}`))
})

test('What is no hash of scrypt verifies nothing', async (t) => {
  for (const text of ['', 'password', '$argon2id$v=19$m=65536$a$b']) t.false(await verifyPassword('password', text))
})

for (const [password, good] of [
  ['elevenchars', false],
  ['twelve chars', true],
  ['🐘🐘🐘🐘🐘🐘', false],
  ['🐘🐘🐘🐘🐘🐘🐘🐘🐘🐘🐘🐘', true],
  ['a'.repeat(256), true],
  ['a'.repeat(257), false],
] as const) {
  test(`${password.slice(0, 30)} (${Array.from(password).length} characters) is ${good ? '' : 'not '}acceptable`, (t) =>
    t.is(acceptablePassword(password), good))
}
