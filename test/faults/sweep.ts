/**
 * `npm run sweep`: the operator is ended before and after each external effect of a tenant's life, and each life has to
 * come to the same end.
 */
import { optionsOf } from '../harness/options.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { sweep, title } from './crashes.ts'
import { lifeNames } from './lives.ts'
import { changes, sweepChanges } from './renames.ts'
import type { Cut } from './side-by-side.ts'
import { rowsOf, tableOf } from './sweep-table.ts'
import type { WrittenLine } from './sweep-table.ts'

const everything: readonly string[] = [...lifeNames, ...changes]
const values = optionsOf(
  `npm run sweep [-- options]

Ends the operator before and after each external effect of a tenant's life; each life has to come to the same end.
Ends with status 1 when one does not.

  --lives=A,B    only these kinds of life, of ${everything.join(', ')}
  --match=TEXT   only points whose title has it
  --at-once=3    lives side by side; one group by default, as each death interrupts the others too
  --together=1   lives in a group that die together, held at their points for each other: faster, and nobody else's death
                 comes between one's own and the recovery from it; but what else goes on in the held tenants goes on
  --skip=N       without the first N of these: goes on with a sweep that was ended
  --list         say what the points are, and cut nothing
  --json         all results as JSON at the end; progress goes to the standard error`,
  {
    'at-once': { type: 'string', default: '' },
    together: { type: 'string', default: '1' },
    lives: { type: 'string', default: everything.join(',') },
    match: { type: 'string', default: '' },
    skip: { type: 'string', default: '0' },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
)
const asked = values.lives.split(',')
const unknown = asked.filter((life) => !everything.includes(life))
if (unknown.length > 0) {
  console.error(`There is no life ${unknown.join(', ')}. There are ${everything.join(', ')}.`)
  process.exit(2)
}
const together = Number(values.together)
const side = { atOnce: values['at-once'] === '' ? (together > 1 ? 1 : 3) : Number(values['at-once']), together }
const say = values.json ? console.error : console.log

let skip = Number(values.skip)

function isChosen(name: string): boolean {
  if (!name.includes(values.match) || skip-- > 0) return false
  if (values.list) console.log(name)
  return !values.list
}

function progress(name: string, { reached, recovery, start, problem }: Cut, done: number, total: number): void {
  const mark = problem !== undefined ? '✘' : reached ? '✔' : '–'
  const ready = start === undefined ? '' : `, ready after ${Math.round(start)} ms`
  const time = recovery === undefined ? '' : ` ${Math.round(recovery)} ms${ready}`
  say(`${mark} ${done}/${total} ${name}${time}${problem === undefined ? '' : `\n${problem}`}`)
}

async function run(world: World): Promise<readonly (WrittenLine & { readonly title: string })[]> {
  const lives = lifeNames.filter((life) => asked.includes(life))
  const { results: cut } = await sweep(world, {
    lives,
    choose: (points) => points.filter((point) => isChosen(title(point))),
    ...side,
    tell: (result, done, total) => progress(title(result.at), result, done, total),
  })
  const { results: changed } = await sweepChanges(world, {
    changes: changes.filter((change) => asked.includes(change)),
    choose: (titles) => titles.filter(isChosen),
    ...side,
    tell: (result, done, total) => progress(result.title, result, done, total),
  })
  return [
    ...cut.map(({ at, ...result }) => ({ life: at.life, title: title(at), ...result })),
    ...changed.map(({ change, ...result }) => ({ life: change, ...result })),
  ]
}

const began = performance.now()
await using world = await startWorld({ onProgress: (sentence) => console.error(`· ${sentence}`) })
const results = await run(world)
const rows = rowsOf(results)
const seconds = Math.round((performance.now() - began) / 1000)
if (values.json) console.log(JSON.stringify({ seconds, rows, results }, undefined, 2))
else if (!values.list) console.log(`\n${tableOf(rows)}\n\n${results.length} points in ${seconds} s.`)
process.exitCode = results.some(({ problem }) => problem !== undefined) ? 1 : 0
