/** What is done about the names of a tenant that has some: by what it holds and what it asks for. */
import test from 'ava'
import type { Action } from '../../../../operator/tenant/model/action.ts'
import { mostAliases } from '../../../../operator/tenant/model/naming.ts'
import { namesWork } from '../../../../operator/tenant/names/name-actions.ts'
import { tenantSettings } from '../../../gen.ts'
import { begun, nameClaim, now, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

type Row = readonly [sentence: string, known: SnapshotOver, actions: readonly string[], aliases?: readonly string[]]

const day = 86_400_000
const at = (time: number) => new Date(time).toISOString()
const spec = (names: object) => ({ spec: names })
const [cloudId, host] = begun
const status = { cloudId: 'acme', host: 'acme.example.com', subdomain: 'acme' }
const later = nameClaim('initech', { revision: 1, server: 'main', namespace: 'tenant-acme' })
const laterHost = nameClaim('initech.example.com', { revision: 1, cloudId: 'initech' })
const renamed = spec({ cloudId: 'initech' })
const former = (value: string, until: number, revision = 0) =>
  nameClaim(value, { until: at(until), revision, cloudId: 'acme' })

function told(action: Action): string {
  switch (action.kind) {
    case 'ClaimName':
      return `claim ${action.claim.data['value']} ${action.claim.data['revision'] ?? '0'}`
    case 'AliasClaim':
      return `keep ${action.claim} until ${action.until}`
    case 'ReleaseClaim':
      return `release ${action.claim}`
    default:
      return action.kind
  }
}

const rows: readonly Row[] = [
  ['it has no name yet', {}, []],
  ['it has the names that it asks for', { claims: begun }, []],
  [
    'another Cloud ID: both names are claimed, with the next revision',
    { tenant: renamed, claims: begun },
    ['claim initech 1', 'claim initech.example.com 1'],
  ],
  [
    'another Cloud ID, and the same subdomain: the host name stays',
    { tenant: spec({ cloudId: 'initech', subdomain: 'acme' }), claims: begun },
    ['claim initech 1'],
  ],
  ['another subdomain alone', { tenant: spec({ subdomain: 'shop' }), claims: begun }, ['claim shop.example.com 1']],
  [
    'the new names are held: the old ones are kept for thirty days, as people were told of them',
    { tenant: renamed, status, claims: [...begun, later, laterHost] },
    [
      `keep claim-cloud-id-acme until ${at(now + 30 * day)}`,
      `keep claim-host-acme.example.com until ${at(now + 30 * day)}`,
    ],
    ['acme', 'acme.example.com'],
  ],
  [
    'the new names are held: old ones of which nobody was told are let go',
    { tenant: renamed, claims: [...begun, later, laterHost] },
    ['release claim-cloud-id-acme', 'release claim-host-acme.example.com'],
    [],
  ],
  [
    'the new names are held, and former names are kept for no time: the old ones are let go',
    {
      tenant: renamed,
      status,
      claims: [...begun, later, laterHost],
      settings: { ...tenantSettings, aliasDuration: 0 },
    },
    ['release claim-cloud-id-acme', 'release claim-host-acme.example.com'],
    [],
  ],
  ['a former name whose time is not over stays', { claims: [...begun, former('initech', now + 1)] }, [], ['initech']],
  [
    'a former name whose time is over is let go',
    { claims: [...begun, former('initech', now)] },
    ['release claim-cloud-id-initech'],
    [],
  ],
  [
    'a former name is asked for again: it is claimed again, and not let go',
    { tenant: spec({ cloudId: 'initech', subdomain: 'acme' }), claims: [...begun, former('initech', now)] },
    ['claim initech 1'],
    [],
  ],
  [
    'a claim that passes for a former name, and is the name of today, is mended',
    { status, claims: [{ ...nameClaim('acme'), until: at(now + day), server: 'main' }, ...(host ? [host] : [])] },
    ['claim acme 1'],
  ],
  [
    'the claim of its host name bears another Cloud ID in its label',
    { claims: [...(cloudId ? [cloudId] : []), nameClaim('acme.example.com', { cloudId: 'initech' })] },
    ['claim acme.example.com 0'],
  ],
]

for (const [sentence, known, actions, aliases] of rows) {
  test(`${actions.length === 0 ? 'nothing' : actions.join(', ')}: ${sentence}`, (t) => {
    const work = namesWork(snapshot(known), now, undefined)
    t.deepEqual(work.actions.map(told), actions)
    if (aliases !== undefined)
      t.deepEqual(
        work.aliases.map(({ value }) => value),
        aliases,
      )
  })
}

test('a refusal that is about names keeps those that it has; another refusal does not', (t) => {
  const known = snapshot({ tenant: renamed, claims: begun })
  const refused = (reason: 'HostConflict' | 'PlanNotAllowed') => namesWork(known, now, { reason, message: '' })
  t.deepEqual(refused('HostConflict').actions, [])
  t.is(refused('HostConflict').verdict, undefined)
  t.is(refused('PlanNotAllowed').actions.length, 2)
})

test('what is under way is told by both names, from and to', (t) => {
  const { verdict } = namesWork(snapshot({ tenant: renamed, claims: begun }), now, undefined)
  t.deepEqual(verdict, {
    reason: 'Renaming',
    message:
      'Changing the Cloud ID from acme to initech and the host name from acme.example.com to initech.example.com.',
  })
})

test('it is looked at again when the first former name ends', (t) => {
  const claims = [...begun, former('initech', now + 5000, 1), former('hooli', now + 3000, 2)]
  t.is(namesWork(snapshot({ claims }), now, undefined).requeueAfter, 3000)
})

test('of more former names of a kind than the status takes the oldest are let go', (t) => {
  const many = (domain: string) =>
    Array.from({ length: mostAliases + 1 }, (_, index) => former(`old${index}${domain}`, now + day, index + 1))
  const latest = begun.map((each) => ({ ...each, revision: 99 }))
  const work = namesWork(snapshot({ claims: [...latest, ...many(''), ...many('.example.com')] }), now, undefined)
  t.is(work.aliases.length, 2 * mostAliases)
  t.deepEqual(work.actions.map(told), ['release claim-cloud-id-old0', 'release claim-host-old0.example.com'])
})
