/** Which client fits, what differs, what an error means. */
import test from 'ava'
import { errorLines } from '../../../operator/dump/cause.ts'
import { fittingClient } from '../../../operator/dump/clients.ts'
import { differences } from '../../../operator/dump/restore-differences.ts'
import { fileError } from '../../../operator/dump/file.ts'
import { asDumpError } from '../../../operator/dump/dump-error.ts'
import { DumpError } from '../../../operator/dump/port.ts'
import { formatRecord, parseRecord } from '../../../operator/dump/record.ts'
import { s3Error } from '../../../operator/dump/s3-error.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import { dumpRecord } from './gen.ts'

const clients = (...majors: readonly number[]) =>
  majors.map((major) => ({ major, version: `${major}.4`, dump: `/${major}/pg_dump`, restore: `/${major}/pg_restore` }))

const fitting: readonly (readonly [readonly number[], number, number])[] = [
  [[15, 16, 17, 18], 150_018, 15],
  [[16, 18], 150_018, 16],
  [[16, 18], 160_014, 16],
  [[18, 16], 170_009, 18],
  [[15, 16, 17, 18], 180_004, 18],
  [[19, 20], 180_004, 19],
]
for (const [majors, server, chosen] of fitting)
  test(`of ${majors.join(', ')} the server ${server} is dumped with ${chosen}`, (t) => {
    t.is(fittingClient(clients(...majors), server).major, chosen)
  })

const unfitting: readonly (readonly [readonly number[], number, string])[] = [
  [[15, 16], 180_004, 'PostgreSQL 18 needs pg_dump and pg_restore of version 18 or later; there is 15.4, 16.4.'],
  [[17, 18], 150_018, 'PostgreSQL 15 needs pg_dump and pg_restore of version 15 to 16; there is 17.4, 18.4.'],
  [[], 170_000, 'PostgreSQL 17 needs pg_dump and pg_restore of version 17 or later; there are none.'],
]
for (const [majors, server, message] of unfitting)
  test(`${majors.join(', ') || 'no client'} does not fit the server ${server}`, (t) => {
    t.like(
      t.throws(() => fittingClient(clients(...majors), server)),
      { reason: 'NoClient', message },
    )
  })

const holding = { rows: { '"a"."b"': 3 }, sequences: { '"a"."s"': '7' }, objects: { functions: 2 } }

test('the same inventory does not differ; each difference is named', (t) => {
  t.deepEqual(differences(holding, structuredClone(holding)), [])
  t.deepEqual(
    differences(holding, { rows: { '"a"."b"': 2, '"a"."c"': 0 }, sequences: {}, objects: { functions: 3 } }),
    [
      'rows in "a"."b": 3 dumped, 2 restored',
      'rows in "a"."c": missing dumped, 0 restored',
      'the value of "a"."s": 7 dumped, missing restored',
      'the number of functions: 2 dumped, 3 restored',
    ],
  )
})

test('a manifest is read back as it was written, and anything else is none', (t) => {
  t.deepEqual(parseRecord(formatRecord(dumpRecord)), dumpRecord)
  for (const text of ['', '{}', formatRecord(dumpRecord).replace('1234', '-1')]) t.is(parseRecord(text), undefined)
})

test('what a program says is logged without statements, rows and what is quoted', (t) => {
  const stderr = [
    'pg_restore: while PROCESSING TOC:',
    'pg_restore: error: could not execute query: ERROR:  invalid input syntax for type integer: "4111 1111"',
    'CONTEXT:  COPY cards, line 1: "4111 1111"',
    "Command was: CREATE FUNCTION f() RETURNS text AS 'secret'",
  ].join('\n')
  t.deepEqual(errorLines(stderr, new Set(['amount'])), [
    'pg_restore: error: could not execute query: ERROR:  invalid input syntax for type integer: "…"',
  ])
})

const withCode = (code: string) => Object.assign(new Error('in words'), { code })
const withStatus = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('in words'), { name, $metadata: { httpStatusCode } })

test('errors of files and of buckets are told by their codes', (t) => {
  t.is(fileError(withCode('ENOSPC')).reason, 'TargetFull')
  t.is(fileError(withCode('EROFS')).reason, 'TargetRefused')
  t.is(s3Error(withStatus('AccessDenied', 403)).reason, 'TargetRefused')
  t.is(s3Error(withStatus('NoSuchBucket', 404)).reason, 'TargetRefused')
  t.is(s3Error(withStatus('QuotaExceeded', 403)).reason, 'TargetFull')
  t.is(s3Error(withStatus('InternalError', 500)).reason, 'TargetUnavailable')
  t.is(s3Error(withCode('ECONNREFUSED')).reason, 'TargetUnavailable')
  t.is(s3Error(withStatus('SlowDown', 503)).reason, 'TargetUnavailable')
})

test('errors of PostgreSQL are told by their reasons, and an end of time is one whatever it broke', (t) => {
  const never = new AbortController().signal
  t.is(asDumpError(new PostgresError('Unavailable', ''), never).reason, 'ServerUnavailable')
  t.is(asDumpError(new PostgresError('Conflict', ''), never).reason, 'NameTaken')
  t.is(asDumpError(new PostgresError('InsufficientPrivilege', ''), never).reason, 'DumpRefused')
  t.is(asDumpError(new DumpError('TargetFull', ''), never).reason, 'TargetFull')
  t.is(asDumpError(new DumpError('TargetFull', ''), AbortSignal.abort()).reason, 'TimedOut')
})
