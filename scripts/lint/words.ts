/**
 * Words that we have given up for the field's own: each cost a reader who did not know our house. They stand in no
 * identifier, comment, message, page, template or chart; docs/reference/glossary.md has the words that took their place.
 */
import { readFile, readdir } from 'node:fs/promises'
import { sourcePaths } from './source-paths.ts'

interface Retired {
  /** Matched line by line, also as a part of an identifier. An ordinary English word counts only as a name of ours. */
  readonly word: RegExp
  readonly instead: string
}

const retired: readonly Retired[] = [
  { word: /[Cc]orners?(?![a-z]| Bakery)/, instead: "database state, or the tenant's database" },
  { word: /awakening/i, instead: 'resume' },
  { word: /[Ss]leepers?(?![a-z])/, instead: 'stuck workload' },
  { word: /stand(?:s|ing)?-?still|stillness|still?standing/i, instead: 'idle, at rest, or drain' },
  { word: /[Hh]appenings?(?![a-z])/, instead: 'event' },
  { word: /kinship/i, instead: 'ownership' },
  { word: /(?:(?<![a-z])w|W)ish(?:es|ed)?(?![a-z])/, instead: 'desired' },
  { word: /superseded/i, instead: 'stale read' },
  { word: /(?:(?<![a-z])o|O)ccupied(?![a-z])/, instead: 'taken (NameTaken)' },
  { word: /(?:(?<![a-z])h|H)aste(?![a-z])/, instead: 'poll interval' },
  { word: /(?:(?<![a-z])p|P)atience/, instead: 'retry interval, or a timeout that says of what' },
  { word: /(?:(?<![a-z])r|R)eservations?(?![a-z])/, instead: 'lock, or reserved connections' },
  { word: /[Oo]bjections?(?![a-z])/, instead: 'blocker, problem or refusal' },
  { word: /[Hh]indrances?(?![a-z])/, instead: 'blocker, problem or refusal' },
  { word: /[Oo]bstacles?(?![a-z])/, instead: 'blocker, problem or refusal' },
  { word: /\bSeen\b(?=[<,;)}\]]| [{=])|SeenFacts/, instead: 'Snapshot' },
  { word: /\bseen: Snapshot\b/, instead: 'snapshot' },
  { word: /\bplan = (?:await )?decide/, instead: 'decision; a plan is a TenantPlan' },
  { word: /\bStanding\b/, instead: 'EffectiveState' },
  { word: /grace[ -]?time(?!r)/i, instead: 'grace period' },
  { word: /MSP tenants?\b/, instead: 'MSP, or parent MSP' },
  { word: /\bfresh\??:|`fresh`/, instead: 'certainlyAbsent' },
  { word: /\b(?:say|tell|telling)[A-Z]/, instead: 'report, describe or write' },
  { word: /'Doubt'|\bdoubt\(/, instead: 'invalidate' },
  { word: /\b(?:Room|Hands)\b(?=[<,;)}\]]| [{=])/, instead: 'RouteContext, or ApplyContext' },
  { word: /one-?at-?a-?time(?:\.ts\b|\()|OneAtATime/, instead: 'KeyedLock, or semaphore' },
]

/** Lines that must be caught, at least one for each pattern, and lines that must pass. */
const caught = [
  'const corner = await look()',
  '/** Whatever the awakening needs. */',
  'readonly stuckSleepers: number',
  "import { standingStill } from './standing-still.ts'",
  'function happeningsOf(before: TenantStatus)',
  'readonly kinship: Kinship',
  'const podWish = 3',
  "throw new Superseded('the claim has changed')",
  "throw new Occupied('the name is held')",
  'readonly haste: number',
  'await until(done, patienceFor(start))',
  'const reservation = await reserve(name)',
  'readonly objections: readonly Verdict[]',
  'interface Hindrance {',
  'const obstacles = await look()',
  'export interface Seen {',
  'function namesWork(seen: Snapshot): NamesWork',
  'const plan = decide(claim, now)',
  'function standingOf(tenant: Tenant): Standing {',
  'Nothing is removed before the grace time is over.',
  'The MSP tenant northwind is archived.',
  'return { action, fresh: true }',
  'function sayLost(snapshot: Snapshot): Action',
  "this.#note(owner, { kind: 'Doubt' })",
  'interface Room {',
  'readonly #writes = new OneAtATime()',
]
const passing = [
  'if (field.seen === undefined)',
  'the upstanding tenant',
  'scorned',
  'The Corner Bakery',
  'dishwashers',
  'notSeenBefore',
  'graceTimer',
  "the MSP's customers",
  'the refreshed page',
  'Waits for the tenants one at a time.',
]

/** This file, and the decisions, which tell of their time. */
const exempt = /^(?:scripts\/lint\/words\.ts$|docs\/decisions\/)/

/** Every retired word in our sources, pages, templates, charts and manifests, one sentence each. */
export async function wordProblems(root: string): Promise<string[]> {
  const paths = [...(await sourcePaths(root)), ...(await textPaths(root))].filter((path) => !exempt.test(path))
  const found = await Promise.all(
    paths.map(async (path) => problemsIn(path, await readFile(`${root}/${path}`, 'utf8'))),
  )
  return [...listProblems(), ...found.flat()]
}

/** Pages, templates, charts and manifests, also those of the tests. */
async function textPaths(root: string): Promise<readonly string[]> {
  const folders = ['bench', 'charts', 'docs', 'manifests', 'operator', 'scripts', 'test']
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const paths = await readdir(`${root}/${folder}`, { recursive: true })
      return paths.map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    }),
  )
  const top = await readdir(root)
  return [...top, ...lists.flat()].filter((path) => /\.(?:md|hbs|ya?ml|txt|css)$/.test(path)).toSorted()
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

/** What is wrong with the list itself: a line without its pattern, or a pattern without its line. */
function listProblems(): readonly string[] {
  const isCaught = (line: string) => retired.some(({ word }) => word.test(line))
  const untested = retired.filter(({ word }) => !caught.some((line) => word.test(line)))
  return [
    ...caught.filter((line) => !isCaught(line)).map((line) => `the retired words miss: ${line}`),
    ...passing.filter(isCaught).map((line) => `the retired words refuse what they should let pass: ${line}`),
    ...untested.map(({ word }) => `no line shows what ${String(word)} catches`),
  ]
}
