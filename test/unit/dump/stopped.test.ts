import test from 'ava'
import { stoppedAt } from '../../../operator/dump/stopped.ts'
import { restoring } from './restoring.ts'

const names = new Set(['cards', 'cards_fit', 'public', 'amount'])

const told: readonly (readonly [entry: string, error: string, sentence: string, way: RegExp])[] = [
  [
    'CONSTRAINT cards cards_key t_x',
    'could not execute query: ERROR:  could not create unique index "cards_fit"',
    'pg_restore stopped at CONSTRAINT cards cards_key: could not create unique index "cards_fit".',
    /the tenant's credentials, correct the rows/,
  ],
  [
    'TABLE DATA cards t_x',
    'COPY failed for table "cards": ERROR:  invalid input syntax for type integer: "Erika 4711"',
    'pg_restore stopped at TABLE DATA cards.',
    /may quote a row.* take a dump with the tenant's credentials/,
  ],
  [
    'TABLE DATA cards t_x',
    'COPY failed for table "cards": ERROR:  new row for relation "cards" violates check constraint "cards_fit"',
    'pg_restore stopped at TABLE DATA cards: new row for relation "cards" violates check constraint "cards_fit".',
    /the tenant's credentials, correct the rows or the function in the constraint, .* NOT VALID/,
  ],
  [
    'TABLE DATA cards t_x',
    'COPY failed for table "cards": ERROR:  value for domain public.amount violates check constraint "cards_fit"',
    'pg_restore stopped at TABLE DATA cards: value for domain public.amount violates check constraint "cards_fit".',
    / NOT VALID/,
  ],
  [
    'TABLE DATA cards t_x',
    'COPY failed for table "cards": ERROR:  relation "Erika 4711" does not exist',
    'pg_restore stopped at TABLE DATA cards: relation "…" does not exist.',
    /the tenant's credentials, qualify the name .* SET search_path/,
  ],
  [
    'FUNCTION fits(integer) t_x',
    'could not execute query: ERROR:  Erika 4711 is no customer',
    'pg_restore stopped at FUNCTION fits(integer).',
    /^$/,
  ],
  [
    'INDEX cards_by t_x',
    'could not execute query: ERROR:  function lowest(integer) does not exist',
    'pg_restore stopped at INDEX cards_by: function lowest(integer) does not exist.',
    / SET search_path/,
  ],
  [
    'FUNCTION c(integer) postgres',
    'could not execute query: ERROR:  permission denied for language internal',
    'pg_restore stopped at FUNCTION c(integer): permission denied for language internal.',
    /an administrator of the server can drop it/,
  ],
  [
    'SHELL TYPE card t_x',
    'could not execute query: ERROR:  must be superuser to create a base type',
    'pg_restore stopped at SHELL TYPE card: must be superuser to create a base type.',
    /an administrator of the server can drop it/,
  ],
  [
    'EXTENSION pageinspect ',
    'could not execute query: ERROR:  permission denied to create extension "cards"',
    'pg_restore stopped at EXTENSION pageinspect: permission denied to create extension "cards".',
    /^$/,
  ],
  [
    'MATERIALIZED VIEW DATA cards t_x',
    'could not execute query: ERROR:  division by zero',
    'pg_restore stopped at MATERIALIZED VIEW DATA cards.',
    /the tenant's credentials, run REFRESH MATERIALIZED VIEW to see why/,
  ],
]
for (const [entry, error, sentence, way] of told)
  test(`told of ${entry}, and the way out: ${error}`, (t) => {
    const words = stoppedAt('pg_restore', restoring(entry, error), names) ?? ''
    t.is(words.slice(0, sentence.length), sentence)
    t.regex(words.slice(sentence.length), way)
    t.false(words.includes('4711'))
  })

test('what cannot be read is no matter of restoring it: the way out is told otherwise', (t) =>
  t.is(
    stoppedAt('pg_dump', 'pg_dump: error: query failed: ERROR:  permission denied for table cards', names),
    'pg_dump stopped: permission denied for table cards.',
  ))

test('where neither is known nothing is told', (t) =>
  t.is(stoppedAt('pg_dump', 'pg_dump: error: the connection "Erika" was lost', names), undefined))
