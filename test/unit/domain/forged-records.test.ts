/** Secrets in the namespace of the pages that the pages did not make as they do: no status and no directory takes them. */
import test from 'ava'
import { acceptanceSecret, acceptanceView, passwordHashOf } from '../../../operator/domain/acceptance.ts'
import { changedPasswordHashOf } from '../../../operator/domain/changed-password.ts'
import { firstPasswordHashOf } from '../../../operator/domain/first-password.ts'
import type { Secret } from '../../../operator/kube/resources.ts'

const base = { adminUid: 'u', admin: 'a/b', tenantUid: 't', tenant: 'a/c', address: 'jane@example.com', nonce: '' }
const record = (over: { sequence?: number; acceptedAt?: string; passwordHash?: string }) =>
  acceptanceSecret({ ...base, sequence: 1, acceptedAt: '2030-01-01T00:00:00Z', ...over }, 'web', 'main')

test('An acceptance has a number and a time that a status can have', (t) => {
  t.truthy(acceptanceView(record({})))
  t.truthy(acceptanceView(record({ acceptedAt: '2030-01-01T00:00:00.123Z' })))
  for (const sequence of [0, -5, 1.5, 1e20, Number.NaN]) t.is(acceptanceView(record({ sequence })), undefined)
  for (const acceptedAt of ['', '2030', 'tomorrow', '2030-01-01T00:00:00Z\n'])
    t.is(acceptanceView(record({ acceptedAt })), undefined)
})

test('A hash that PostgreSQL would refuse is none', (t) => {
  const entry = (text: string) => Buffer.from(text).toString('base64')
  const secret = (type: string, name: string, text: string): Secret => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type,
    metadata: { name: 'x' },
    data: { [name]: entry(text) },
  })
  for (const text of ['', 'a\0b', 'a\nb', 'x'.repeat(100_000)]) {
    t.is(passwordHashOf(record({ passwordHash: text })), undefined)
    t.is(changedPasswordHashOf(secret('tenantry.dev/password', 'hash', text)), undefined)
    t.is(firstPasswordHashOf(secret('tenantry.dev/first-password', 'passwordHash', text)), undefined)
  }
  t.is(passwordHashOf(record({ passwordHash: '$scrypt$ln=15' })), '$scrypt$ln=15')
})
