import test from 'ava'
import { consentDigest, errorsOf, readForm } from '../../../../operator/web/accept/form.ts'
import type { AcceptForm, FormRequirements } from '../../../../operator/web/accept/form.ts'

const text = 'We keep your name.'
const demands: FormRequirements = {
  consentText: text,
  password: true,
  confirmation: false,
  obvious: ['jane', 'jane.doe@example.com', 'Acme'],
}
const good: AcceptForm = {
  key: 'k',
  nonce: 'n',
  consent: true,
  consentDigest: consentDigest(text),
  password: 'violet harbour kettle',
  passwordAgain: 'violet harbour kettle',
}

const table: readonly (readonly [string, Partial<AcceptForm>, Partial<FormRequirements>, readonly string[]])[] = [
  ['a form as it should be', {}, {}, []],
  ['the box not ticked', { consent: false }, {}, ['consent']],
  ['another text than was shown', { consentDigest: consentDigest('older') }, {}, ['consent']],
  ['no consent where none is asked for', { consent: false, consentDigest: '' }, { consentText: undefined }, []],
  [
    'nothing ticked where nothing else is asked for',
    { consent: false, consentDigest: '', password: '', passwordAgain: '' },
    { consentText: undefined, password: false, confirmation: true },
    ['consent'],
  ],
  ['no password where none is asked for', { password: '', passwordAgain: '' }, { password: false }, []],
  ['no password', { password: '', passwordAgain: '' }, {}, ['password']],
  ['a short password', { password: 'elevenchars', passwordAgain: 'elevenchars' }, {}, ['password']],
  ['a password of 257 characters', { password: 'ab'.repeat(128) + 'c', passwordAgain: '' }, {}, ['password']],
  ['two passwords', { passwordAgain: 'violet harbour kettles' }, {}, ['passwordAgain']],
  ['all wrong', { consent: false, password: '', passwordAgain: 'x' }, {}, ['consent', 'password']],
]

for (const [title, over, asked, fields] of table) {
  test(`${title}: ${fields.length === 0 ? 'no error' : fields.join(' and ')}`, (t) =>
    t.deepEqual(Object.keys(errorsOf({ ...good, ...over }, { ...demands, ...asked })), fields))
}

for (const password of [
  'password123456',
  'Passw0rd!Passw0rd!',
  'aaaaaaaaaaaaaaaa',
  '123456789012345',
  'qwertyuiop123',
  'jane.doe@example.com',
  'Acme-jane-2030',
  'administrator1',
]) {
  test(`${password} is easy to guess`, (t) => {
    const errors = errorsOf({ ...good, password, passwordAgain: password }, demands)
    t.is(errors.password, 'This password is easy to guess. Choose another one.')
  })
}

test('No rule of composition: words alone are good', (t) => {
  t.deepEqual(
    errorsOf({ ...good, password: 'correct horse battery', passwordAgain: 'correct horse battery' }, demands),
    {},
  )
})

test('Whatever a body is, a form is read from it', (t) => {
  for (const body of [undefined, null, 'x', [], { password: ['a', 'b'], consent: 'no' }])
    t.like(readForm(body), { password: '', consent: false })
})
