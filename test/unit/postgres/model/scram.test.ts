import { createHash, createHmac } from 'node:crypto'
import test from 'ava'
import { isScramVerifier, scramVerifier } from '../../../../operator/postgres/model/scram.ts'

/** RFC 7677, section 3: the published exchange of user "user" with password "pencil". */
const rfc7677 = {
  salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
  authMessage:
    'n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  clientProof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverSignature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}
const random = { bytes: () => Buffer.from(rfc7677.salt, 'base64') }

test('the keys are those of the exchange that RFC 7677 publishes', async (t) => {
  const verifier = await scramVerifier('pencil', random)
  const parts = /^SCRAM-SHA-256\$4096:([^$]+)\$([^:]+):(.+)$/.exec(verifier)
  const [salt, stored, server] = (parts ?? []).slice(1).map((part) => Buffer.from(part, 'base64'))
  if (salt === undefined || stored === undefined || server === undefined) throw new Error(verifier)
  const sign = (key: Buffer) => createHmac('sha256', key).update(rfc7677.authMessage).digest()
  t.is(salt.toString('base64'), rfc7677.salt)
  t.is(sign(server).toString('base64'), rfc7677.serverSignature)
  const proof = Buffer.from(rfc7677.clientProof, 'base64')
  const clientKey = sign(stored).map((byte, index) => byte ^ (proof[index] ?? 0))
  t.deepEqual(createHash('sha256').update(clientKey).digest(), stored)
})

for (const password of ['', 'pässword', 'tab\tbed', 'nul\0', 'soft\u00adhyphen'])
  test(`refused, because SASLprep might change it: ${JSON.stringify(password)}`, async (t) => {
    await t.throwsAsync(scramVerifier(password, random), { instanceOf: RangeError })
  })

test('a password is told from a verifier', async (t) => {
  t.true(isScramVerifier(await scramVerifier(' ~', random)))
  for (const text of ['pencil', 'SCRAM-SHA-256$4096:', `md5${'0'.repeat(32)}`, '']) t.false(isScramVerifier(text), text)
})
