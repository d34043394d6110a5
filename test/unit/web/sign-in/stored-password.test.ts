import test from 'ava'
import { acceptanceSecret } from '../../../../operator/domain/acceptance.ts'
import type { Secret } from '../../../../operator/kube/resources.ts'
import { initialPassword, rootPasswordOf, rootSecret } from '../../../../operator/web/sign-in/root-secret.ts'
import { tenantAdmin } from '../../../gen.ts'
import { passwordSecret, storedPassword } from '../../../../operator/web/sign-in/stored-password.ts'

const place = { webNamespace: 'web', installation: 'main' }
const accepted = (acceptedAt: string, passwordHash: string | undefined = 'first', adminUid = 'u1'): Secret =>
  acceptanceSecret(
    {
      adminUid,
      admin: 'home/jane',
      tenantUid: 't',
      tenant: 'home/acme',
      sequence: 1,
      address: 'a@b.c',
      acceptedAt,
      nonce: '',
      passwordHash,
    },
    'web',
    'main',
  )
const changed = (changedAt: string, mustChange = false, adminUid = 'u1'): Secret =>
  passwordSecret(tenantAdmin({ uid: adminUid }), { hash: 'own', changedAt, mustChange }, undefined, place)

test('The newer of the acceptance and the change counts', (t) => {
  const [early, late] = ['2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z']
  t.deepEqual(storedPassword('u1', undefined, accepted(early), false), { hash: 'first', mustChange: false })
  t.deepEqual(storedPassword('u1', undefined, accepted(early), true), { hash: 'first', mustChange: true })
  t.deepEqual(storedPassword('u1', changed(late), accepted(early), true), { hash: 'own', mustChange: false })
  t.deepEqual(storedPassword('u1', changed(early), accepted(early), true), { hash: 'own', mustChange: false })
  t.deepEqual(storedPassword('u1', changed(early), accepted(late), true), { hash: 'first', mustChange: true })
  t.deepEqual(storedPassword('u1', changed(late, true), undefined, false), { hash: 'own', mustChange: true })
})

test('What belongs to another TenantAdmin, has another type or no hash is no password', (t) => {
  const at = '2030-01-01T00:00:00Z'
  t.is(storedPassword('u1', undefined, undefined, false), undefined)
  t.is(storedPassword('u1', changed(at, false, 'u2'), accepted(at, 'first', 'u2'), false), undefined)
  t.is(storedPassword('u1', { ...changed(at), type: 'Opaque' }, { ...accepted(at), type: 'Opaque' }, false), undefined)
  t.is(storedPassword('u1', { ...changed(at), data: {} }, { ...accepted(at), data: {} }, false), undefined)
  t.is(storedPassword('u1', changed('whenever'), undefined, false), undefined)
})

test('A root password that is still in its Secret must be changed, whatever the Secret says', (t) => {
  const kept = { hash: 'h', initial: 'plain', mustChange: false }
  t.true(rootPasswordOf(rootSecret(kept, 'now', undefined, place))?.mustChange)
  t.false(rootPasswordOf(rootSecret({ ...kept, initial: undefined }, 'now', undefined, place))?.mustChange)
  t.is(rootPasswordOf({ ...rootSecret(kept, 'now', undefined, place), type: 'Opaque' }), undefined)
})

test('The initial password has a hundred bits and no letters that look alike', (t) => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
  const letters = new Set<string>()
  for (let i = 0; i < 256; i += 20) for (const letter of initialPassword(all.subarray(i, i + 20))) letters.add(letter)
  t.is(letters.size, 33)
  t.false(/[01lo]/.test([...letters].join('')))
})
