/** What a license is worth for one tenant at one moment. */
import test from 'ava'

import { judgeLicense } from '../../../operator/license/judge-license.ts'
import type { LicenseFacts, LicenseSource } from '../../../operator/license/judge-license.ts'
import type { License } from '../../../operator/license/license.ts'
import type { Fault } from '../../../operator/license/verify.ts'
import { license } from '../../licenses.ts'

const at = (time: string) => Date.parse(time)
const read = (over: Partial<License> = {}): LicenseSource => ({
  kind: 'Read',
  field: 'spec.license.key',
  verification: { kind: 'Verified', license: { ...license, keyId: 'k', ...over } },
})
const faulty = (fault: Fault): LicenseSource => ({
  kind: 'Read',
  field: 'spec.license.key',
  verification: { kind: 'Faulty', fault },
})
const facts = (over: Partial<LicenseFacts>): LicenseFacts => ({
  source: read(),
  cloudIds: ['acme'],
  granted: undefined,
  ...over,
})

const now = at('2030-06-01T00:00:00Z')
const ends = '2031-01-01T00:00:00Z'

test('a good one is recorded, ends the tenant, and is looked at again then', (t) => {
  const granted = { id: 'license-1', expiresAt: ends, customers: 2 }
  t.deepEqual(judgeLicense(facts({ source: read({ customers: 2 }) }), now), {
    valid: true,
    reason: 'Valid',
    message: `The license is valid until ${ends}.`,
    granted,
    expiresAt: ends,
    changesAt: at(ends),
  })
})

const cases: readonly (readonly [string, Partial<LicenseFacts>, number, boolean, string])[] = [
  ['none', { source: { kind: 'None' } }, now, true, 'NoLicense'],
  ['one for a former Cloud ID', { cloudIds: ['new', 'acme'] }, now, true, 'Valid'],
  ['one for another Cloud ID', { cloudIds: ['globex'] }, now, false, 'LicenseForeign'],
  ['a millisecond before its end', {}, at(ends) - 1, true, 'Valid'],
  ['at its end', {}, at(ends), false, 'LicenseExpired'],
  ['an expired one for another Cloud ID', { cloudIds: ['globex'] }, at(ends), false, 'LicenseForeign'],
  ['before it begins', { source: read({ notBefore: now + 60_001 }) }, now, false, 'LicenseInvalid'],
  ['before it begins by less than clocks differ', { source: read({ notBefore: now + 60_000 }) }, now, true, 'Valid'],
  ['issued in the future', { source: read({ issuedAt: now + 60_001 }) }, now, false, 'LicenseInvalid'],
  ['a Secret that is not there', { source: { kind: 'Missing', message: 'no' } }, now, false, 'SecretNotFound'],
  ['a Secret of another type', { source: { kind: 'Unusable', message: 'no' } }, now, false, 'LicenseInvalid'],
  ['no public key', { source: faulty({ kind: 'NoKeys' }) }, now, false, 'LicenseInvalid'],
  ['a damaged one', { source: faulty({ kind: 'Malformed' }) }, now, false, 'LicenseInvalid'],
  ['a token of another kind', { source: faulty({ kind: 'OtherToken' }) }, now, false, 'LicenseInvalid'],
  ['an unknown key', { source: faulty({ kind: 'UnknownKey', keyId: 'k' }) }, now, false, 'LicenseInvalid'],
  ['a changed one', { source: faulty({ kind: 'BadSignature' }) }, now, false, 'LicenseInvalid'],
  ['one without an expiry', { source: faulty({ kind: 'BadClaims', claims: ['exp'] }) }, now, false, 'LicenseInvalid'],
]

for (const [what, over, moment, valid, reason] of cases) {
  test(`${what}: ${reason}`, (t) => {
    const judged = judgeLicense(facts(over), moment)
    t.like(judged, { valid, reason })
    t.regex(judged.message, /^[A-Z].*\.$|^no$|^spec\.license\.key .*\.$/)
    if (!valid) {
      const granted = { id: 'earlier', expiresAt: '2030-02-01T00:00:00Z', customers: 1 }
      const kept = judgeLicense(facts({ ...over, granted }), moment)
      if (reason !== 'LicenseExpired') t.like(kept, { granted, expiresAt: granted.expiresAt })
      t.is(kept.message, judged.message)
    }
  })
}

test('one that has not begun is looked at again when it does', (t) => {
  t.is(judgeLicense(facts({ source: read({ notBefore: now + 100_000 }) }), now).changesAt, now + 40_000)
})

test('the message about a foreign license names the own Cloud IDs and not the other', (t) => {
  const { message } = judgeLicense(facts({ cloudIds: ['globex', 'initech'] }), now)
  t.regex(message, /globex \(earlier initech\)/)
  t.notRegex(message, /acme/)
})
