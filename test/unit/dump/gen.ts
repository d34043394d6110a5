/** A dump's order and its record, for tests that need one. */
import { databaseNames } from '../../../operator/api/names.ts'
import type { DumpOrder } from '../../../operator/dump/port.ts'
import type { DumpRecord } from '../../../operator/dump/record.ts'

export const dumpRecord: DumpRecord = {
  installation: 'prod',
  tenant: 'home/acme',
  uid: 'uid-acme',
  database: 't_abc',
  isolation: 'Database',
  serverVersion: 180_004,
  clientVersion: '18.4',
  format: 'custom',
  bytes: 1234,
  sha256: 'a'.repeat(64),
  rows: { '"public"."people"': 3 },
  sequences: {},
  objects: { schemas: 0 },
  takenAt: '2026-11-22T01:02:03Z',
  verifiedAt: '2026-11-22T01:02:04Z',
}

export const dumpOrder = (path = 'a.dump'): DumpOrder => ({
  server: 'main',
  path,
  target: {
    names: databaseNames('prod', 'uid'),
    mark: { installation: 'prod', tenant: 'home/acme', uid: 'uid' },
    isolation: 'Database',
    connectionLimit: -1,
    loginAllowed: false,
    currentLogin: 'a',
  },
})
