/** The fields of the status about names and what was made. */
import test from 'ava'
import { annotations } from '../../../../operator/api/names.ts'
import { tenantSizeStep } from '../../../../operator/api/size.ts'
import type { TenantStatus } from '../../../../operator/api/tenant.ts'
import type { Snapshot } from '../../../../operator/tenant/model/snapshot.ts'
import { fieldsOf, nameFields } from '../../../../operator/tenant/status/status-fields.ts'
import type { Made } from '../../../../operator/tenant/status/status-fields.ts'
import { begun, nameClaim, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

const made: Made = {
  plan: 'standard',
  planRevision: '7',
  server: 'main',
  directory: 'd1',
  loss: undefined,
  target: true,
  credentials: undefined,
}
const dataName = snapshot({ claims: begun }).names.database.database
const lost = { missingSince: '2030-01-01T00:00:00Z', begunEmpty: undefined, directory: undefined }
const observed = (sizeBytes: number): Snapshot['databaseState'] => ({
  kind: 'Observed',
  observed: { operator: 'op', version: 180_004, logins: {}, complete: true, sessions: 0, sizeBytes },
})

type Row = readonly [
  sentence: string,
  known: SnapshotOver,
  made: Partial<Made> | undefined,
  expected: Partial<TenantStatus>,
]
const rows: readonly Row[] = [
  [
    'before anything is made: the names',
    {},
    undefined,
    { cloudId: 'acme', host: 'acme.example.com', subdomain: 'acme' },
  ],
  [
    'a former Cloud ID is remembered',
    { claims: [nameClaim('initech', { revision: 1 })], status: { cloudId: 'acme' } },
    undefined,
    { cloudId: 'initech', formerCloudIds: ['acme'] },
  ],
  [
    'what was made',
    {},
    {},
    { url: 'https://acme.example.com', namespace: 'tenant-acme', plan: 'standard', planRevision: '7' },
  ],
  [
    'the database is not complete: the plan is not followed yet',
    {},
    { target: false },
    { plan: 'standard', planRevision: undefined, database: { server: 'main' } },
  ],
  ['the data is lost: since when', {}, { target: false, loss: lost }, { database: { server: 'main', ...lost } }],
]
for (const [sentence, known, of, expected] of rows)
  test(sentence, (t) => {
    t.like(fieldsOf(snapshot(known), of === undefined ? undefined : { ...made, ...of }), expected)
  })

const databases: readonly (readonly [
  string,
  SnapshotOver,
  Partial<Made>,
  Partial<NonNullable<TenantStatus['database']>>,
])[] = [
  [
    'a new database is within the least step',
    {},
    {},
    { sizeBytes: tenantSizeStep, name: dataName, isolation: 'Database' },
  ],
  [
    'a size that was not measured stays',
    { status: { database: { server: 'main', sizeBytes: 5 } } },
    {},
    { sizeBytes: 5 },
  ],
  [
    'a measured size is in whole steps',
    { databaseState: observed(tenantSizeStep + 1) },
    {},
    { sizeBytes: 2 * tenantSizeStep },
  ],
  [
    'a loss is over once the database is complete',
    { status: { database: { server: 'main', ...lost } } },
    {},
    { missingSince: undefined },
  ],
  [
    'the annotation for an empty begin is used up',
    { tenant: { annotations: { [annotations.beginEmpty]: dataName } } },
    {},
    { begunEmpty: dataName },
  ],
  [
    'an annotation with another name is none',
    { tenant: { annotations: { [annotations.beginEmpty]: 'other' } } },
    {},
    { begunEmpty: undefined },
  ],
]
for (const [sentence, known, of, expected] of databases)
  test(sentence, (t) => t.like(fieldsOf(snapshot(known), { ...made, ...of }).database, expected))

const logins: readonly (readonly [string, 'a' | 'b' | undefined, 'a' | 'b' | undefined, 'a' | 'b'])[] = [
  ['at first', undefined, undefined, 'a'],
  ['what the status had stays', 'b', undefined, 'b'],
  ['after a rotation the new one', 'a', 'b', 'b'],
]
for (const [sentence, before, current, expected] of logins)
  test(`the current login, ${sentence}: ${expected}`, (t) => {
    const known = snapshot(
      before === undefined
        ? {}
        : {
            status: {
              database: { server: 'main', roles: { owner: 'o', logins: { a: 'x', b: 'y' }, current: before } },
            },
          },
    )
    const credentials = current && {
      current,
      rotatedAt: undefined,
      lastHandledRotation: undefined,
      formerLoginUntil: undefined,
      readers: undefined,
      rotation: undefined,
    }
    t.is(fieldsOf(known, { ...made, credentials }).database?.roles?.current, expected)
  })

test('aliases: Cloud IDs first, and of each kind the one that ends first', (t) => {
  const until = (day: number) => ({ until: `2030-01-0${day}T00:00:00Z` })
  const aliases = [
    nameClaim('late.example.com', until(9)),
    nameClaim('late', until(8)),
    nameClaim('soon.example.com', until(1)),
    nameClaim('soon', until(2)),
  ]
  const told = nameFields(snapshot({ claims: begun }), aliases).aliases ?? []
  t.deepEqual(
    told.map(({ cloudId, host }) => cloudId ?? host),
    ['soon', 'late', 'soon.example.com', 'late.example.com'],
  )
})

test('the URL follows the host once there was one, and not before', (t) => {
  t.is(nameFields(snapshot({ claims: begun, status: { url: 'https://old' } }), []).url, 'https://acme.example.com')
  t.is(nameFields(snapshot({ claims: begun }), []).url, undefined)
})

test('a tenant that took earlier ones over names them', (t) => {
  const known = snapshot()
  const identity = { ...known.identity, formerUids: ['uid-before'] }
  t.deepEqual(fieldsOf({ ...known, identity }, undefined).adopted, ['uid-before'])
  t.is(fieldsOf(known, undefined).adopted, undefined)
})
