/** What a tenant claims before anything is made under its names, and what its claim records of the server. */
import test from 'ava'
import { finalizer } from '../../../../operator/api/names.ts'
import { claiming, recordPlacement } from '../../../../operator/tenant/names/claiming.ts'
import { databaseServer } from '../../../gen.ts'
import { nameClaim, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const bound = { finalizers: [finalizer] }
const [cloudId, host] = [nameClaim('acme'), nameClaim('acme.example.com')]
const theirs = { holder: 'uid-globex', tenant: 'home/globex' }
const handover = {
  claim: 'claim-cloud-id-acme',
  cloudId: 'acme',
  data: { uid: 'uid-acme', kind: 'CloudId', value: 'acme', tenant: 'home/acme' },
}
const server = databaseServer()
const identified = { ...server, status: { observedGeneration: 1, ...server.status, systemIdentifier: '7' } }

type Row = readonly [sentence: string, known: SnapshotOver, stages: readonly string[]]
const rows: readonly Row[] = [
  [
    'the finalizer first, then both claims; nothing was there before',
    {},
    ['AddFinalizer', 'acme new, acme.example.com new'],
  ],
  ['the finalizer is there: a claim may be, too', { tenant: bound }, ['', 'acme, acme.example.com']],
  ['the Cloud ID is held', { tenant: bound, claims: [cloudId] }, ['', 'acme.example.com']],
  ['both are held', { tenant: bound, claims: [cloudId, host] }, ['', '']],
  [
    'another tenant holds the host: the claim is tried, and refused there',
    { tenant: bound, claims: [cloudId, { ...host, ...theirs }] },
    ['', 'acme.example.com'],
  ],
  [
    'the names come from a swap',
    { tenant: bound, claims: [nameClaim('globex', { ...theirs, handovers: [handover] })] },
    ['', ''],
  ],
]
for (const [sentence, known, expected] of rows)
  test(`${expected.filter((stage) => stage !== '').join('; ') || 'nothing'}: ${sentence}`, (t) => {
    const stages = claiming(snapshot(known), 'main').map((stage) =>
      stage
        .flatMap(({ actions }) => actions)
        .map((action) =>
          action.kind === 'ClaimName'
            ? `${action.claim.data['value']}${action.certainlyAbsent ? ' new' : ''}`
            : action.kind,
        )
        .join(', '),
    )
    t.deepEqual(stages, expected)
  })

test('the claim of the Cloud ID records the server, and the PostgreSQL server behind it', (t) => {
  const [, claims = []] = claiming(snapshot({ servers: [identified] }), 'main')
  const recorded = claims
    .flatMap(({ actions }) => actions)
    .map((action) => (action.kind === 'ClaimName' ? action.claim.data : {}))
  t.like(recorded[0], { server: 'main', systemIdentifier: '7' })
  t.is(recorded[1]?.['server'], undefined)
})

const placements: readonly (readonly [string, SnapshotOver, number])[] = [
  ['the claim is from before the server was known', { claims: [cloudId] }, 1],
  ['the claim records a server', { claims: [nameClaim('acme', { server: 'main' })] }, 0],
  ['there is no claim yet', {}, 0],
  ['another tenant holds the claim', { claims: [{ ...cloudId, ...theirs }] }, 0],
]
for (const [sentence, known, expected] of placements)
  test(`${expected === 1 ? 'the server is recorded' : 'nothing is recorded'}: ${sentence}`, (t) => {
    t.is(recordPlacement(snapshot(known), 'main').length, expected)
  })

test('a recorded PostgreSQL server counts, whatever stands behind the DatabaseServer now', (t) => {
  const [action] = recordPlacement(
    snapshot({ servers: [identified], claims: [nameClaim('acme', { systemIdentifier: '6' })] }),
    'main',
  )
  t.like(action, { kind: 'RecordPlacement', server: 'main', data: { systemIdentifier: '6' } })
})
