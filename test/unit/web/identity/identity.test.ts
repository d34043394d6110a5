import test from 'ava'
import { personOf, userOfAddress } from '../../../../operator/web/identity/identity.ts'
import type { Identity } from '../../../../operator/web/identity/identity.ts'

const ada: Identity = {
  provider: 'corp-ldap',
  subject: '0b1c',
  username: 'ada',
  email: 'ada@acme.example',
  name: 'Ada Lovelace',
  groups: ['engineers'],
}

test('a person is the e-mail address behind the prefix, and reaches all TenantAdmins of that user', (t) => {
  const { username: _username, ...kept } = ada
  t.deepEqual(personOf(ada, 'oidc:'), { ...kept, user: 'oidc:ada@acme.example', admins: undefined, root: false })
})

test('an identity without an e-mail address is no person', (t) => {
  t.is(personOf({ ...ada, email: undefined }, 'oidc:'), undefined)
})

test('the case of an e-mail address does not make another user', (t) => {
  t.is(userOfAddress('Ada@Acme.example', 'oidc:'), 'oidc:ada@acme.example')
})

test('no identity becomes a user of Kubernetes itself', (t) => {
  t.is(userOfAddress('system:admin@acme.example', ''), undefined)
  t.is(personOf(ada, 'system:'), undefined)
})
