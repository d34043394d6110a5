/** The hash of a first password, which the operator keeps for the accept page while there is an invite. */
import test from 'ava'
import { finalizer } from '../../../operator/api/names.ts'
import type { TenantAdmin } from '../../../operator/api/tenantadmin.ts'
import { decide } from '../../../operator/tenantadmin/decide.ts'
import { settings, tenantAdmin } from './gen.ts'
import { snapshot } from './snapshot.ts'

const now = Date.parse('2030-01-01T00:00:00Z')
const kept = { name: 'first-password-u', secretUid: 's', adminUid: 'u', admin: 'home/jane', source: 'p/1' }
const kinds = (over: Parameters<typeof snapshot>[0]) =>
  decide(snapshot(over), now, settings).actions.map(({ kind }) => kind)

test('The finalizer comes first, then the hash, then the mail', (t) => {
  t.deepEqual(kinds({ firstPassword: { source: 'p/1', kept: undefined } }), [
    'AddFinalizer',
    'KeepFirstPassword',
    'SendInvite',
  ])
})

test('Without an invite there is no finalizer, so no hash is kept that could outlive the TenantAdmin', (t) => {
  const home = { kind: 'Missing', wanted: 'a Tenant' } as const
  t.deepEqual(kinds({ home, firstPassword: { source: 'p/1', kept: undefined } }), [])
  t.deepEqual(kinds({ home, firstPassword: { source: 'p/1', kept } }), ['DropFirstPassword'])
})

const invited: TenantAdmin = {
  ...tenantAdmin(),
  status: { observedGeneration: 1, invite: { sequence: 1, keyId: 'k', sentAt: '2030-01-01T00:00:00Z' } },
}

test('A hash follows the Secret: kept while it is the same, made anew after an edit, dropped without it', (t) => {
  const first = (source: string | undefined) =>
    kinds({ admin: invited, firstPassword: { source, kept } }).filter((kind) => kind.endsWith('FirstPassword'))
  t.deepEqual(first('p/1'), [])
  t.deepEqual(first('p/2'), ['KeepFirstPassword'])
  t.deepEqual(first(undefined), ['DropFirstPassword'])
})

test('It goes with its TenantAdmin, also where the deletion of the namespace leaves the acceptance', (t) => {
  const { metadata } = invited
  const admin: TenantAdmin = {
    ...invited,
    metadata: { ...metadata, finalizers: [finalizer], deletionTimestamp: '2030-01-01T00:00:00Z' },
  }
  const firstPassword = { source: undefined, kept }
  const records = [{ name: kept.name, uid: kept.secretUid, isAcceptance: false }]
  const live = (deletionCause?: 'Namespace') => ({ deletionCause, records })
  t.deepEqual(kinds({ admin, firstPassword, live: live() }), ['DeleteRecord', 'RemoveFinalizer'])
  t.deepEqual(kinds({ admin, firstPassword, live: live('Namespace') }), ['DropFirstPassword', 'RemoveFinalizer'])
})
