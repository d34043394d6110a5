/** Which tenants can swap names: each wants the present name of the next one, and the last wants the first one's. */
import test from 'ava'
import type { NameClaim } from '../../../../operator/domain/caches.ts'
import { leaderOf } from '../../../../operator/tenant/names/swap.ts'
import { tenant } from '../../../gen.ts'
import { nameClaim, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const wants = (cloudId: string) => ({ spec: { cloudId, subdomain: 'acme' } })
const other = (name: string, cloudId: string, over: object = {}) =>
  tenant({ name, uid: `uid-${name}`, spec: { cloudId, subdomain: name }, ...over })
const of = (name: string, over: Partial<NameClaim> = {}) =>
  nameClaim(name, { holder: `uid-${name}`, tenant: `home/${name}`, ...over })
const acme = nameClaim('acme')
const deleted = { deletionTimestamp: '2030-01-01T00:00:00Z', finalizers: ['x'] }
const handover = { claim: 'claim-cloud-id-x', cloudId: 'x', data: {} }
const tenants = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`)

function ring(count: number): SnapshotOver {
  const names = tenants(count)
  return {
    tenant: wants('t0'),
    claims: [acme, ...names.map((name) => of(name))],
    others: names.map((name, index) => other(name, names[index + 1] ?? 'acme')),
  }
}

type Row = readonly [sentence: string, known: SnapshotOver, cycle: string | undefined]
const rows: readonly Row[] = [
  ['the tenant wants its own name', { claims: [acme] }, undefined],
  ['the wanted name is free', { tenant: wants('globex'), claims: [acme] }, undefined],
  [
    'the holder of the wanted name keeps it',
    { tenant: wants('globex'), claims: [acme, of('globex')], others: [other('globex', 'globex')] },
    undefined,
  ],
  [
    'two want each other’s names',
    { tenant: wants('globex'), claims: [acme, of('globex')], others: [other('globex', 'acme')] },
    'acme globex',
  ],
  [
    'three in a cycle',
    {
      tenant: wants('globex'),
      claims: [acme, of('globex'), of('initech')],
      others: [other('globex', 'initech'), other('initech', 'acme')],
    },
    'acme globex initech',
  ],
  [
    'a cycle of two others, into which the tenant only looks',
    {
      tenant: wants('globex'),
      claims: [acme, of('globex'), of('initech')],
      others: [other('globex', 'initech'), other('initech', 'globex')],
    },
    undefined,
  ],
  [
    'the chain ends at a free name',
    { tenant: wants('globex'), claims: [acme, of('globex')], others: [other('globex', 'initech')] },
    undefined,
  ],
  ['sixteen are a cycle', ring(15), ['acme', ...tenants(15)].join(' ')],
  ['of more than sixteen no cycle is looked for', ring(16), undefined],
  [
    'the wanted name is a former name of its holder',
    {
      tenant: wants('globex'),
      claims: [acme, of('globex', { until: '2030-02-01T00:00:00Z' }), of('hooli', { holder: 'uid-globex' })],
      others: [other('globex', 'acme')],
    },
    undefined,
  ],
  [
    'the wanted name is the one that its holder is leaving',
    {
      tenant: wants('globex'),
      claims: [acme, of('globex'), of('hooli', { holder: 'uid-globex', revision: 1 })],
      others: [other('globex', 'acme')],
    },
    undefined,
  ],
  [
    'the other one is being deleted',
    { tenant: wants('globex'), claims: [acme, of('globex')], others: [other('globex', 'acme', deleted)] },
    undefined,
  ],
  [
    'the tenant itself is being deleted',
    { tenant: { ...wants('globex'), ...deleted }, claims: [acme, of('globex')], others: [other('globex', 'acme')] },
    undefined,
  ],
  ['the other one’s Tenant is gone', { tenant: wants('globex'), claims: [acme, of('globex')] }, undefined],
  [
    'the other one leads a swap that was decided',
    {
      tenant: wants('globex'),
      claims: [acme, of('globex', { handovers: [handover] })],
      others: [other('globex', 'acme')],
    },
    undefined,
  ],
  [
    'the tenant has no name yet',
    { tenant: wants('globex'), claims: [of('globex')], others: [other('globex', 'acme')] },
    undefined,
  ],
]
for (const [sentence, known, cycle] of rows)
  test(`${cycle ?? 'no cycle'}: ${sentence}`, (t) => {
    const found = snapshot(known).renaming.cycles.cloudId
    t.is(found?.map(({ value }) => value).join(' '), cycle)
  })

const hosts = (own: string, wanted: string) => ({ cloudId: own, subdomain: wanted })
const withHosts = [
  acme,
  nameClaim('acme.example.com'),
  of('globex'),
  nameClaim('globex.example.com', { holder: 'uid-globex', tenant: 'home/globex' }),
]
const hostRows: readonly (readonly [string, SnapshotOver, string | undefined])[] = [
  [
    'two want each other’s hosts and keep their Cloud IDs',
    {
      tenant: { spec: hosts('acme', 'globex') },
      claims: withHosts,
      others: [tenant({ name: 'globex', uid: 'uid-globex', spec: hosts('globex', 'acme') })],
    },
    'acme.example.com globex.example.com',
  ],
  [
    'one of them wants a Cloud ID that another tenant holds: nothing waits for it',
    {
      tenant: { spec: hosts('acme', 'globex') },
      claims: [...withHosts, of('initech')],
      others: [tenant({ name: 'globex', uid: 'uid-globex', spec: hosts('initech', 'acme') })],
    },
    undefined,
  ],
]
for (const [sentence, known, cycle] of hostRows)
  test(`${cycle ?? 'no cycle'}: ${sentence}`, (t) => {
    const found = snapshot(known).renaming.cycles.host
    t.is(found?.map(({ value }) => value).join(' '), cycle)
  })

test('every member finds the same leader', (t) => {
  const cycle = [of('globex'), acme, of('initech')]
  for (const turned of [cycle, cycle.toReversed()]) t.is(leaderOf(turned)?.holder, 'uid-acme')
  t.is(leaderOf([]), undefined)
})

test('a name that a swap has given to the tenant is its name before the claim is handed over', (t) => {
  const given = { uid: 'uid-acme', kind: 'CloudId', value: 'globex', tenant: 'home/acme', namespace: 'tenant-acme' }
  const leader = of('globex', { handovers: [{ claim: 'claim-cloud-id-globex', cloudId: 'globex', data: given }] })
  t.like(snapshot({ claims: [acme, leader] }).names, { cloudId: 'globex', namespace: 'tenant-acme' })
})
