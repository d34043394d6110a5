/** Who may no longer sign in is out at the next request. */
import test from 'ava'
import type { RootSettings } from '../../../../operator/web/identity/root.ts'
import type { Session } from '../../../../operator/web/sessions/session-record.ts'
import { stillIn } from '../../../../operator/web/sessions/still-in.ts'
import { People, person } from '../people.ts'

const session = (over: Partial<Session> = {}): Session => ({
  name: 'session-0',
  uid: 'u',
  resourceVersion: '1',
  person: person(),
  createdAt: 0,
  lastSeen: 0,
  idleEnd: 1,
  absoluteEnd: 2,
  csrfKey: 'key',
  mustChange: false,
  credential: undefined,
  oidc: undefined,
  ...over,
})

function scene() {
  const people = new People()
  const [acme, beta] = [people.tenant('acme'), people.tenant('beta')]
  const admins = [people.admin('jane', acme), people.admin('jane', beta, {})]
  const providers = ['local', 'corp']
  const facts = { caches: people.caches, root: undefined, providers, rootCredential: undefined }
  return { people, acme, beta, admins, facts }
}

const local = person({ provider: 'local', admins: ['uid-acme-jane', 'uid-beta-jane'] })

test('A local session reaches the TenantAdmins in force, and ends with the last of them', (t) => {
  const { people, acme, beta, facts } = scene()
  t.deepEqual(stillIn(session({ person: local }), facts)?.person.admins, local.admins)
  people.admin('jane', acme, { state: 'Deactivated' })
  t.deepEqual(stillIn(session({ person: local }), facts)?.person.admins, ['uid-beta-jane'])
  people.admin('jane', beta, { state: 'Archived' })
  t.is(stillIn(session({ person: local }), facts), undefined)
})

test('A local session does not reach other TenantAdmins of the person', (t) => {
  const { facts } = scene()
  const one = person({ provider: 'local', admins: ['uid-beta-jane'] })
  t.deepEqual(stillIn(session({ person: one }), facts)?.person.admins, ['uid-beta-jane'])
})

test('A TenantAdmin that is deleted, waits for an answer, or is now another address lets nobody in', (t) => {
  const { people, acme, admins, facts } = scene()
  const one = session({ person: person({ provider: 'local', admins: ['uid-acme-jane'] }) })
  const [admin] = admins
  if (admin === undefined) return t.fail()
  const with_ = (metadata: object, invite: object) =>
    people.put({
      ...admin,
      metadata: { ...admin.metadata, ...metadata },
      status: { ...admin.status, invite: { ...admin.status?.invite, ...invite } },
    })
  t.not(stillIn(one, facts), undefined)
  with_({ deletionTimestamp: '2030-01-01T00:00:00Z' }, {})
  t.is(stillIn(one, facts), undefined)
  with_({}, { status: 'Pending', acceptedAt: undefined })
  t.is(stillIn(one, facts), undefined)
  with_({}, { address: 'somebody@else.example' })
  t.is(stillIn(one, facts), undefined)
  people.server.drop(people.admin('jane', acme))
  t.is(stillIn(one, facts), undefined)
})

test('An acceptance for an earlier tenant of that name counts only where that one was taken over', (t) => {
  const { people, acme, facts } = scene()
  const one = session({ person: person({ provider: 'local', admins: ['uid-acme-jane'] }) })
  people.put({ ...acme, metadata: { ...acme.metadata, uid: 'uid-next' } })
  t.is(stillIn(one, facts), undefined)
  people.put({
    ...acme,
    metadata: { ...acme.metadata, uid: 'uid-next' },
    status: { ...acme.status, observedGeneration: 1, adopted: ['uid-acme'] },
  })
  t.not(stillIn(one, facts), undefined)
})

test('A session by a directory needs one TenantAdmin of its user', (t) => {
  const { people, acme, beta, facts } = scene()
  t.not(stillIn(session(), facts), undefined)
  t.is(stillIn(session({ person: person({ user: 'oidc:john@example.com' }) }), facts), undefined)
  people.admin('jane', acme, { state: 'Deactivated' })
  t.not(stillIn(session(), facts), undefined)
  people.admin('jane', beta, { state: 'Deactivated' })
  t.is(stillIn(session(), facts), undefined)
})

test('A provider that is no longer offered lets nobody in', (t) => {
  const { facts } = scene()
  t.is(stillIn(session(), { ...facts, providers: ['local'] }), undefined)
  t.is(stillIn(session({ person: local }), { ...facts, providers: ['corp'] }), undefined)
})

test('A TenantAdmin who was given another user is not reached by the address', (t) => {
  const { people, acme, beta, facts } = scene()
  people.admin('jane', acme, { user: 'ops:jane' })
  people.admin('jane', beta, { user: 'ops:jane' })
  t.is(stillIn(session(), facts), undefined)
})

const root: RootSettings = { username: 'root', email: undefined, user: 'tenantry:root', signIn: { kind: 'Local' } }

test('The root admin is in while the settings say so and the password’s Secret is the same', (t) => {
  const { facts } = scene()
  const rootPerson = person({ provider: 'local', subject: 'root', user: 'tenantry:root', root: true })
  const its = session({ person: rootPerson, credential: 'one' })
  t.is(stillIn(its, { ...facts, root, rootCredential: 'one' }), its)
  t.is(stillIn(its, { ...facts, root, rootCredential: 'another' }), undefined)
  t.is(stillIn(its, { ...facts, root, rootCredential: undefined }), undefined)
  t.is(stillIn({ ...its, credential: undefined }, { ...facts, root, rootCredential: undefined }), undefined)
  t.is(stillIn(its, { ...facts, root: undefined, rootCredential: 'one' }), undefined)
  t.is(stillIn(its, { ...facts, root: { ...root, user: 'other' }, rootCredential: 'one' }), undefined)
  const byProvider = { kind: 'Provider', provider: 'corp', account: { subject: 'subject-jane' } } as const
  t.is(stillIn(its, { ...facts, root: { ...root, signIn: byProvider }, rootCredential: 'one' }), undefined)
  const directory = session({ person: person({ user: 'tenantry:root', root: true }) })
  t.is(stillIn(directory, { ...facts, root: { ...root, signIn: byProvider } }), directory)
  t.is(stillIn(directory, { ...facts, root }), undefined)
})
