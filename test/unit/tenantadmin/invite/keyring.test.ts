import { randomBytes } from 'node:crypto'
import test from 'ava'
import { annotations, signingKeysSecretType } from '../../../../operator/api/names.ts'
import type { Secret } from '../../../../operator/kube/resources.ts'
import {
  newKeysSecret,
  nextKeyMaintenance,
  readKeyRing,
  maintainKeys,
} from '../../../../operator/tenantadmin/invite/keyring.ts'

const day = 86_400_000
const start = Date.UTC(2030, 0, 1)
const lifetime = 7 * day
let made = 0
const newKey = () => ({
  id: `key${'abcdefghijklmnopqrstuvwxyz'.charAt((made += 1))}aaaa`,
  secret: randomBytes(32),
})

function asked(secret: Secret, at: string): Secret {
  return {
    ...secret,
    metadata: {
      ...secret.metadata,
      annotations: { ...secret.metadata.annotations, [annotations.rotateRequestedAt]: at },
    },
  }
}

const secretOf = (first = newKey()) => newKeysSecret(first, 'tenantry-system', 'main')

test('A new Secret has one key, of 256 bits, which signs', (t) => {
  const keyRing = readKeyRing(secretOf({ id: 'aaaaaaaa', secret: randomBytes(32) }))
  t.is(keyRing.current?.id, 'aaaaaaaa')
  t.is(keyRing.current?.secret.length, 32)
})

test('A Secret that was made anew from files, which end in a line break, signs with the same key', (t) => {
  const secret = secretOf({ id: 'aaaaaaaa', secret: randomBytes(32) })
  const current = Buffer.from('aaaaaaaa\n').toString('base64')
  const restored = { ...secret, data: { ...secret.data, current } }
  t.is(readKeyRing(restored).current?.id, 'aaaaaaaa')
  t.is(maintainKeys(restored, start, lifetime, newKey), undefined)
})

test('A Secret that is as it should be is left alone', (t) => {
  t.is(maintainKeys(secretOf(), start, lifetime, newKey), undefined)
})

test('A rotation that is asked for makes a new key, once; the old one verifies until its links have expired', (t) => {
  const before = secretOf()
  const old = readKeyRing(before).current?.id ?? ''
  const rotated = maintainKeys(asked(before, 'now'), start, lifetime, newKey)
  t.truthy(rotated)
  const after = rotated ?? before
  t.not(readKeyRing(after).current?.id, old)
  t.truthy(readKeyRing(after).find(old))
  t.is(maintainKeys(after, start + lifetime, lifetime, newKey), undefined)
  t.is(nextKeyMaintenance(after, lifetime), start + lifetime + 1000)
  const pruned = maintainKeys(after, start + lifetime + 1000, lifetime, newKey)
  t.is(readKeyRing(pruned).find(old), undefined)
  t.deepEqual(
    Object.keys(pruned?.data ?? {}).filter((field) => field.includes('retired')),
    [],
  )
})

test('A compromised key is dropped by removing its entry; where it was the current one another is made', (t) => {
  const before = secretOf()
  const old = readKeyRing(before).current?.id ?? ''
  const { [old]: _dropped, ...data } = before.data ?? {}
  const mended = maintainKeys({ ...before, data }, start, lifetime, newKey)
  t.truthy(readKeyRing(mended).current)
  t.is(readKeyRing(mended).find(old), undefined)
})

for (const [title, secret] of [
  ['no Secret', undefined],
  ['a Secret of another type', { ...secretOf(), type: 'Opaque' }],
  ['an empty one', { apiVersion: 'v1', kind: 'Secret', type: signingKeysSecretType, metadata: { name: 'x' } }],
  [
    'a key that is too short',
    { ...secretOf(), data: { aaaaaaaa: 'AAAA', current: Buffer.from('aaaaaaaa').toString('base64') } },
  ],
] as const) {
  test(`${title}: nothing to sign with`, (t) => t.is(readKeyRing(secret).current, undefined))
}
