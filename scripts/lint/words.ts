/**
 * Words that we have given up for the field's own: each cost a reader who did not know our house. They stand in no
 * identifier, comment, message or page; docs/reference/glossary.md has the words that took their place.
 */
import { readFile, readdir } from 'node:fs/promises'
import { sourcePaths } from './source-paths.ts'

interface Retired {
  /** Matched in any case, also as a part of an identifier. */
  readonly word: RegExp
  readonly instead: string
}

const retired: readonly Retired[] = [
  { word: /corners?(?![a-z])/i, instead: "database state, or the tenant's database" },
  { word: /awakening/i, instead: 'resume' },
  { word: /sleepers?(?![a-z])/i, instead: 'stuck workload' },
  { word: /still?standing|standstill|stillness/i, instead: 'idle, or drain' },
  { word: /happenings?(?![a-z])/i, instead: 'event' },
  { word: /kinship/i, instead: 'ownership' },
  { word: /(?<![a-z])wish(?:es|ed)?(?![a-z])/i, instead: 'desired' },
  { word: /superseded/i, instead: 'stale read' },
  { word: /(?<![a-z])haste(?![a-z])/i, instead: 'poll interval' },
  { word: /(?<![a-z])patience/i, instead: 'retry interval, or a timeout that says of what' },
  { word: /(?<![a-z])reservations?(?![a-z])/i, instead: 'lock, or reserved connections' },
  { word: /objections?(?![a-z])|hindrances?(?![a-z])/i, instead: 'blocker, problem or refusal' },
  { word: /\bSeen\b(?=[<,;)\]} ])|SeenFacts/, instead: 'Snapshot' },
  { word: /\bStanding\b/, instead: 'EffectiveState' },
  { word: /grace[ -]?time(?!r)/i, instead: 'grace period' },
  { word: /MSP tenants?\b/, instead: 'MSP, or parent MSP' },
]

/** Lines that must be caught, and lines that must pass: a list that lets the former go is broken itself. */
const caught = [
  'const corner = await look()',
  'readonly stuckSleepers: number',
  '/** Whatever the awakening needs. */',
  'export interface Seen {',
  'Nothing is removed before the grace time is over.',
  'The MSP tenant northwind is archived.',
]
const passing = [
  'if (field.seen === undefined)',
  'the upstanding tenant',
  'scorned',
  'dishwashers',
  'notSeenBefore',
  'graceTimer',
  'an MSP, its tenants',
]

/** Every retired word in operator/ and docs/, the decisions aside, which tell of their time; one sentence each. */
export async function wordProblems(root: string): Promise<string[]> {
  const sources = (await sourcePaths(root)).filter((path) => path.startsWith('operator/'))
  const pages = (await readdir(`${root}/docs`, { recursive: true }))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md') && !path.startsWith('docs/decisions/'))
  const found = await Promise.all(
    [...sources, ...pages].map(async (path) => problemsIn(path, await readFile(`${root}/${path}`, 'utf8'))),
  )
  return [...listProblems(), ...found.flat()]
}

function problemsIn(path: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) =>
    retired
      .filter(({ word }) => word.test(line))
      .map(({ word, instead }) => {
        return `${path}:${index + 1}: "${word.exec(line)?.[0] ?? ''}" is retired; say ${instead}`
      }),
  )
}

function listProblems(): readonly string[] {
  const isCaught = (line: string) => retired.some(({ word }) => word.test(line))
  return [
    ...caught.filter((line) => !isCaught(line)).map((line) => `the retired words miss: ${line}`),
    ...passing.filter(isCaught).map((line) => `the retired words refuse what they should let pass: ${line}`),
  ]
}
