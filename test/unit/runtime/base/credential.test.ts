import test from 'ava'
import { credentialIn, credentialOf, unfitCredential } from '../../../../operator/runtime/base/credential.ts'

for (const [content, credential] of [
  ['secret', 'secret'],
  ['secret\n', 'secret'],
  ['secret\r\n', 'secret'],
  [' two words ', ' two words '],
  ['pässwörd\n', 'pässwörd'],
  ['', ''],
  ['\n', ''],
  ['secret\n\n', undefined],
  ['two\nlines', undefined],
  ['secret\r', undefined],
  ['tab\tbed', undefined],
  ['U\0T\0F\0', undefined],
  ['\ufeffsecret\r\n', 'secret'],
] as const) {
  test(`${JSON.stringify(content)} holds ${JSON.stringify(credential) ?? 'no credential'}`, (t) => {
    t.is(credentialIn(content), credential)
    t.is(credentialOf(Buffer.from(content).toString('base64')), credential)
  })
}

test('Bytes that are no UTF-8 are no credential: nobody could log in with what stands for them', (t) => {
  t.is(credentialOf(Buffer.from('p\xe4ssword', 'latin1').toString('base64')), undefined)
})

test('A sentence says where and what to do', (t) => {
  t.regex(
    unfitCredential('The entry a of the Secret b'),
    /^The entry a of the Secret b has line breaks .*--from-literal\.$/,
  )
})
