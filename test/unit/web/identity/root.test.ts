import test from 'ava'
import type { Identity } from '../../../../operator/web/identity/identity.ts'
import { localRoot, rootOf } from '../../../../operator/web/identity/root.ts'
import type { RootSettings } from '../../../../operator/web/identity/root.ts'

const identity: Identity = {
  provider: 'corp',
  subject: 's1',
  username: 'boss',
  email: 'boss@example.com',
  name: 'The Boss',
  groups: ['staff'],
}
const settings = (signIn: RootSettings['signIn']): RootSettings => ({
  username: 'root',
  email: 'Root@example.com',
  user: 'tenantry:root',
  signIn,
})

test('The account that the settings name at this provider is root, and no other', (t) => {
  const bySubject = settings({ kind: 'Provider', provider: 'corp', account: { subject: 's1' } })
  const byName = settings({ kind: 'Provider', provider: 'corp', account: { username: 'boss' } })
  t.true(rootOf(identity, bySubject)?.root)
  t.is(rootOf(identity, byName)?.user, 'tenantry:root')
  t.is(rootOf({ ...identity, subject: 's2' }, bySubject), undefined)
  t.is(rootOf({ ...identity, username: 'Boss' }, byName), undefined)
  t.is(rootOf({ ...identity, provider: 'other' }, byName), undefined)
  t.is(rootOf(identity, settings({ kind: 'Local' })), undefined)
})

test('The root admin with a password is a person of its own user', (t) => {
  const person = localRoot(settings({ kind: 'Local' }))
  t.is(person.user, 'tenantry:root')
  t.is(person.email, 'root@example.com')
  t.true(person.root)
})
