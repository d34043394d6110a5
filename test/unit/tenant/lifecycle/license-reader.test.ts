/** Where a license key comes from, and what is wrong where there is none; nothing of a key is in what is told. */
import test from 'ava'
import { licenseSecretType } from '../../../../operator/api/names.ts'
import type { KubeReader } from '../../../../operator/kube/port.ts'
import type { Secret } from '../../../../operator/kube/resources.ts'
import { createLicenseReader, licenseSecretView } from '../../../../operator/tenant/lifecycle/license-reader.ts'
import { tenant } from '../../../gen.ts'
import { issuer } from '../../../licenses.ts'

const licenses = issuer()
const key = await licenses.issue()
const metadata = { name: 'license', namespace: 'home' }
const secret = (over: Partial<Secret>): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata,
  type: licenseSecretType,
  ...over,
})
const encoded = (text: string) => ({ license: Buffer.from(text).toString('base64') })

async function told(license: object | undefined, live?: Secret, watched?: Secret): Promise<string> {
  const kube = { get: () => Promise.resolve(live) } as Partial<KubeReader> as KubeReader
  const cache = { get: () => watched && licenseSecretView(watched) }
  const read = createLicenseReader({ kube, licenses: cache, publicKeys: licenses.publicKeys })
  const source = await read(tenant({ spec: license === undefined ? {} : { license } }))
  if (source.kind !== 'Read') return source.kind
  return `${source.kind} ${source.verification.kind}`
}

const bySecret = { secretRef: { name: 'license' } }
const rows: readonly (readonly [string, string, object | undefined, (Secret | undefined)?, (Secret | undefined)?])[] = [
  ['no license', 'None', undefined],
  ['a key in the spec', 'Read Verified', { key }],
  ['garbage in the spec', 'Read Faulty', { key: 'garbage' }],
  ['a key in a Secret, with a line break behind it', 'Read Verified', bySecret, secret({ data: encoded(`${key}\n`) })],
  ['a watched Secret is not read live', 'Read Verified', bySecret, undefined, secret({ data: encoded(key) })],
  ['no Secret', 'Missing', bySecret],
  ['a Secret of another type', 'Unusable', bySecret, secret({ type: 'Opaque', data: encoded(key) })],
  ['a Secret without the entry', 'Missing', bySecret, secret({ data: { other: 'eA==' } })],
  ['a Secret without entries', 'Missing', bySecret, secret({})],
  ['a Secret that is no text', 'Read Faulty', bySecret, secret({ data: { license: '/////w==' } })],
  ['a Secret of a megabyte', 'Read Faulty', bySecret, secret({ data: { license: 'A'.repeat(1_000_000) } })],
]
for (const [sentence, expected, license, live, watched] of rows)
  test(`${expected}: ${sentence}`, async (t) => t.is(await told(license, live, watched), expected))

test('the cache keeps no more of an entry than a key can have', (t) => {
  const { entries } = licenseSecretView(secret({ data: { license: 'A'.repeat(1_000_000) } }))
  t.true((entries['license'] ?? '').length < 20_000)
})
