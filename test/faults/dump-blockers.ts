/** What keeps a last dump from succeeding, each with the row of the table of failures that tells it. */
import type { ExecutionContext } from 'ava'
import type { Stored } from '../harness/api.ts'
import { toldAs, toldWithCause } from '../integration/told-as.ts'

export const programNames = ['pg_dump', 'pg_restore'] as const

export interface Blocker {
  readonly told: (t: ExecutionContext, tenant: Stored | undefined) => void
  /** As the tenant. */
  readonly own?: readonly string[]
  /** As a superuser, outside the database. */
  readonly outside?: (database: string) => string
  readonly trick?: readonly [(typeof programNames)[number], string]
}

export const blockers: Readonly<Record<string, Blocker>> = {
  'a role has the name of the login': {
    told: (t, tenant) => toldWithCause(t, tenant, 'DumpNameTaken'),
    outside: (database) => `CREATE ROLE ${database}_d`,
  },
  'a row does not keep its constraint': {
    told: (t, tenant) => toldWithCause(t, tenant, 'DumpNotRestored'),
    own: [
      `CREATE FUNCTION small(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n < 10'`,
      'CREATE TABLE numbers (n int CHECK (public.small(n)))',
      'INSERT INTO numbers VALUES (1)',
      `CREATE OR REPLACE FUNCTION small(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n < 0'`,
    ],
  },
  'pg_restore leaves a table out': {
    told: (t, tenant) => toldWithCause(t, tenant, 'DumpDiffers'),
    own: ['CREATE SCHEMA lost', 'CREATE TABLE lost.things AS SELECT 1 AS n'],
    trick: ['pg_restore', 'set -- --exclude-schema=lost "$@"'],
  },
  'pg_dump is killed': {
    told: (t, tenant) => toldAs(t, tenant, 'DumpInterrupted'),
    trick: ['pg_dump', 'kill -9 $$'],
  },
  'the device is full': {
    told: (t, tenant) => toldAs(t, tenant, 'DumpTargetFull'),
    trick: [
      'pg_dump',
      'for each; do case $each in --file=*) ln -s /dev/full "${each#--file=}.room";; esac; done; exit 1',
    ],
  },
  'the file goes after the restore': {
    told: (t, tenant) => toldAs(t, tenant, 'DumpFailedOtherwise'),
    trick: [
      'pg_restore',
      'for file; do :; done; [ "$1" = --list ] || { "$real" "$@"; status=$?; rm "$file"; exit $status; }',
    ],
  },
}
