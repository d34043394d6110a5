/**
 * `npm run sweep`: the operator is ended before and after each external effect of a tenant's life, and each life has to
 * come to the same end.
 */
import { optionsOf } from '../harness/options.ts'
import { startWorld } from '../harness/world.ts'
import { sweep, title } from './crashes.ts'
import type { StagedPoint } from './crashes.ts'
import { sweepChanges } from './renames.ts'

const values = optionsOf(
  `npm run sweep [-- options]

Ends the operator before and after each external effect of a tenant's life; each life has to come to the same end.

  --at-once=4    lives side by side
  --match=TEXT   only points whose title has it
  --list         say what the points are, and do nothing`,
  {
    'at-once': { type: 'string', default: '4' },
    match: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
  },
)
const began = performance.now()
await using world = await startWorld({ onProgress: (sentence) => console.error(`· ${sentence}`) })
const choose = (points: readonly StagedPoint[]): readonly StagedPoint[] => {
  const chosen = points.filter((point) => title(point).includes(values.match))
  if (!values.list) return chosen
  console.log(chosen.map(title).join('\n'))
  return []
}
const results = await sweep(world, choose, {
  atOnce: Number(values['at-once']),
  tell: (result, done, total) => {
    const { at, reached, recovery, problem } = result
    const time = recovery === undefined ? '' : ` ${Math.round(recovery)} ms`
    const mark = problem !== undefined ? '✘' : reached ? '✔' : '–'
    console.log(`${mark} ${done}/${total} ${title(at)}${time}${problem === undefined ? '' : `\n${problem}`}`)
  },
})
const bad = results.filter(({ problem }) => problem !== undefined)
const missed = results.filter(({ reached, problem }) => !reached && problem === undefined)
const times = results.flatMap(({ recovery }) => recovery ?? []).toSorted((one, other) => one - other)
const part = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)] ?? 0)
console.log(
  [
    `${results.length} points in ${Math.round((performance.now() - began) / 1000)} s:`,
    `${results.length - bad.length - missed.length} came to the same end, ${bad.length} did not,`,
    `${missed.length} lives went without the effect they should have died at.`,
    `Recovered after ${part(0.5)} ms (median), ${part(1)} ms (the slowest).`,
  ].join(' '),
)
const changed = await sweepChanges(
  world,
  (name) => {
    if (values.list && name.includes(values.match)) console.log(name)
    return !values.list && name.includes(values.match)
  },
  ({ title: name, reached, recovery = 0, problem }) =>
    console.log(
      `${problem === undefined ? (reached ? '✔' : '–') : '✘'} ${name} ${Math.round(recovery)} ms${problem === undefined ? '' : `\n${problem}`}`,
    ),
)
const failed = changed.filter(({ problem }) => problem !== undefined)
console.log(
  `${changed.length} points of renames and exchanges: ${changed.length - failed.length} came to the same end.`,
)
process.exitCode = bad.length + failed.length > 0 ? 1 : 0
