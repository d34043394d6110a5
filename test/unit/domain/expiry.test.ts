/** The expiry in effect: of the Tenant, its license, and the MSPs above it. */
import test from 'ava'
import { expiryOf, hasEnded } from '../../../operator/domain/expiry.ts'
import { tenant } from '../../gen.ts'
import type { Home } from '../../../operator/domain/hierarchy.ts'

const day = 86_400_000
const start = Date.UTC(2030, 0, 1)
const at = (days: number): string => new Date(start + days * day).toISOString().replace('.000Z', 'Z')
const below = (...latest: (string | undefined)[]): Home => {
  const ancestors = latest.map((latestExpiry) =>
    tenant({ name: 'northwind', spec: { type: 'MSP', customers: { latestExpiry } } }),
  )
  return { kind: 'Msp', parent: ancestors[0] ?? tenant(), ancestors }
}

const dates: readonly (readonly [string, Parameters<typeof expiryOf>[0], string | undefined])[] = [
  ['none', { tenant: tenant(), home: { kind: 'Home' } }, undefined],
  ['its own', { tenant: tenant({ spec: { expiresAt: at(9) } }), home: { kind: 'Home' } }, at(9)],
  [
    'in another zone',
    { tenant: tenant({ spec: { expiresAt: '2030-01-10T02:00:00+02:00' } }), home: { kind: 'Home' } },
    at(9),
  ],
  ['none of its own, but its MSP allows no longer', { tenant: tenant(), home: below(at(5)) }, at(5)],
  ['later than its MSP allows', { tenant: tenant({ spec: { expiresAt: at(9) } }), home: below(at(5)) }, at(5)],
  [
    'earlier than its MSP allows',
    { tenant: tenant({ spec: { expiresAt: at(2) } }), home: below(undefined, at(5)) },
    at(2),
  ],
  [
    "its license's, whatever the spec says",
    {
      tenant: tenant({ spec: { license: { key: 'k' } } }),
      home: { kind: 'Home' },
      license: { granted: { expiresAt: at(7) } },
    },
    at(7),
  ],
  [
    'of a license that nobody has read',
    { tenant: tenant({ spec: { license: { key: 'k' } } }), home: { kind: 'Home' } },
    undefined,
  ],
]

for (const [what, facts, expected] of dates)
  test(`the date in effect: ${what}`, (t) => {
    const expiry = expiryOf(facts)
    t.is(expiry?.at, expected === undefined ? undefined : Date.parse(expected))
  })

test("an ancestor has ended by its spec, or by what its license's date in its status says", (t) => {
  const licensed = tenant({ spec: { license: { key: 'k' } } })
  t.false(hasEnded(tenant(), start))
  t.true(hasEnded(tenant({ spec: { expiresAt: at(0) } }), start))
  t.false(hasEnded(tenant({ spec: { expiresAt: at(1) } }), start))
  t.false(hasEnded(licensed, start))
  t.true(hasEnded({ ...licensed, status: { observedGeneration: 1, license: { id: 'l', expiresAt: at(-1) } } }, start))
})
