import test from 'ava'
import { quotedIn, stoppedAt, withoutData } from '../../../operator/dump/cause.ts'

const restoring = (entry: string, error: string) =>
  [
    `pg_restore: from TOC entry 7; 0 16390 ${entry}`,
    `pg_restore: error: ${error}`,
    'DETAIL:  Key (holder)=("Erika 4711") already exists.',
    `Command was: ALTER TABLE x ADD CONSTRAINT "c" CHECK ("a" = 'Erika 4711');`,
  ].join('\n')

const names = new Set(['cards', 'cards_fit', 'public', 'amount'])

const told: readonly (readonly [entry: string, error: string, sentence: string])[] = [
  [
    'CONSTRAINT cards cards_key t_x',
    'could not execute query: ERROR:  could not create unique index "cards_fit"',
    'pg_restore stopped at CONSTRAINT cards cards_key: could not create unique index "cards_fit".',
  ],
  [
    'TABLE DATA cards t_x',
    'COPY failed for table "cards": ERROR:  invalid input syntax for type integer: "Erika 4711"',
    'pg_restore stopped at TABLE DATA cards.',
  ],
  [
    'TABLE DATA cards t_x',
    'COPY failed for table "cards": ERROR:  relation "Erika 4711" does not exist',
    'pg_restore stopped at TABLE DATA cards: relation "…" does not exist.',
  ],
  [
    'FUNCTION fits(integer) t_x',
    'could not execute query: ERROR:  Erika 4711 is no customer',
    'pg_restore stopped at FUNCTION fits(integer).',
  ],
  [
    'INDEX cards_by t_x',
    'could not execute query: ERROR:  function lowest(integer) does not exist',
    'pg_restore stopped at INDEX cards_by: function lowest(integer) does not exist.',
  ],
]
for (const [entry, error, sentence] of told)
  test(`told of: ${error}`, (t) => t.is(stoppedAt('pg_restore', restoring(entry, error), names), sentence))

test('where neither is known nothing is told', (t) =>
  t.is(stoppedAt('pg_dump', 'pg_dump: error: the connection "Erika" was lost', names), undefined))

test('what is quoted is asked for as a name, whole and in its parts, from first lines only', (t) => {
  const stderr = restoring('x t_x', 'ERROR:  relation "public.cards" does not exist')
  t.deepEqual(quotedIn(stderr), ['public.cards', 'public', 'cards'])
})

test('a quoted text is kept where it is a name, or made of names', (t) => {
  t.is(withoutData(`"cards" "public.amount" "public.4711" 'x'`, names), `"cards" "public.amount" "…" '…'`)
})
