/** What a judged license does: nothing is made, or a condition says what is wrong, or both. */
import test from 'ava'
import {
  licenseCondition,
  licenseMissing,
  licenseRecord,
  licenseRefused,
} from '../../../../operator/tenant/lifecycle/license-rules.ts'
import type { Snapshot } from '../../../../operator/tenant/model/snapshot.ts'
import { snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const license = (valid: boolean, reason: Snapshot['license']['reason'], customers?: number): Snapshot['license'] => ({
  valid,
  reason,
  message: `judged ${reason}`,
  ...(customers === undefined ? {} : { granted: { id: '1', expiresAt: '2031-01-01T00:00:00Z', customers } }),
})
const msp = { spec: { type: 'MSP' } }

type Row = readonly [sentence: string, known: SnapshotOver, condition: string, effect: 'none' | 'refused' | 'missing']
const rows: readonly Row[] = [
  ['no license is needed', { license: license(true, 'NoLicense') }, 'True NoLicense', 'none'],
  ['the license is good', { license: license(true, 'Valid') }, 'True Valid', 'none'],
  [
    'a person has to replace the license',
    { license: license(false, 'LicenseInvalid') },
    'False LicenseInvalid',
    'refused',
  ],
  [
    'the Secret is not there: it is waited for',
    { license: license(false, 'SecretNotFound') },
    'False SecretNotFound',
    'missing',
  ],
  [
    'an expired license ends the tenant by its expiry, and refuses nothing',
    { license: license(false, 'LicenseExpired') },
    'False LicenseExpired',
    'none',
  ],
  [
    'as many customers as the license is for',
    { tenant: msp, license: license(true, 'Valid', 2), customerCount: 2 },
    'True Valid',
    'none',
  ],
  [
    'one customer more',
    { tenant: msp, license: license(true, 'Valid', 2), customerCount: 3 },
    'False LicenseExceeded',
    'none',
  ],
  [
    'a license for no customer',
    { tenant: msp, license: license(true, 'Valid', 0), customerCount: 1 },
    'False LicenseExceeded',
    'none',
  ],
  [
    'a license without a number of customers',
    { tenant: msp, license: license(true, 'Valid'), customerCount: 99 },
    'True Valid',
    'none',
  ],
  [
    'a Customer has no customers to count',
    { license: license(true, 'Valid', 0), customerCount: 1 },
    'True Valid',
    'none',
  ],
  [
    'a bad license is told before the number of customers',
    { tenant: msp, license: license(false, 'LicenseInvalid', 0), customerCount: 1 },
    'False LicenseInvalid',
    'refused',
  ],
]
for (const [sentence, known, condition, effect] of rows)
  test(`LicenseValid=${condition}, ${effect}: ${sentence}`, (t) => {
    const all = snapshot(known)
    const { status, reason } = licenseCondition(all)
    t.is(`${status} ${reason}`, condition)
    t.is(licenseRefused(all) !== undefined, effect === 'refused')
    t.is(licenseMissing(all) !== undefined, effect === 'missing')
  })

test('the status keeps the last good license while another one is no good, and none where there was none', (t) => {
  const { granted } = license(false, 'LicenseInvalid', 5)
  t.deepEqual(licenseRecord(snapshot({ license: license(false, 'LicenseInvalid', 5) })), { license: granted })
  t.deepEqual(licenseRecord(snapshot({ license: license(false, 'LicenseInvalid') })), {})
})
