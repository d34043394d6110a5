/** A seeded sample of `npm run sweep`: some points of making a tenant, and every point of taking it away. */
import { randomInt } from 'node:crypto'
import test from 'ava'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { sweep, title } from './crashes.ts'
import type { StagedPoint } from './crashes.ts'
import { violations } from './judged.ts'

let world: World
test.before(async (t) => {
  t.timeout(120_000)
  world = await startWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const sampleSize = 12

/** The same for the same seed; https://en.wikipedia.org/wiki/Linear_congruential_generator with Numerical Recipes' numbers. */
function sample(points: readonly StagedPoint[], seed: number): readonly StagedPoint[] {
  let state = seed
  const keyed = points.map((point) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return { point, key: state }
  })
  return keyed
    .toSorted((one, other) => one.key - other.key)
    .slice(0, sampleSize)
    .map(({ point }) => point)
}

/** What cannot be taken back: in one kind of life, as both end alike. */
function isDestructive({ life, point, stage }: StagedPoint): boolean {
  return life === 'OnAccept' && stage === 'gone' && /^(sql|delete)/.test(point.label)
}

test.serial('a life that is cut at any effect comes to the same end', async (t) => {
  t.timeout(480_000)
  const seed = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31))
  t.log(`FAULT_SEED=${seed} chooses the same points again`)
  let chosen: readonly StagedPoint[] = []
  const results = await sweep(
    world,
    (points) => {
      const destructive = points.filter(isDestructive)
      const others = points.filter((point) => !isDestructive(point))
      return (chosen = [...destructive, ...sample(others, seed)])
    },
    { atOnce: 3 },
  )
  const bad = results.filter(({ problem }) => problem !== undefined)
  const times = results.flatMap(({ recovery }) => recovery ?? []).toSorted((one, other) => one - other)
  t.log(
    `${results.length} points, ${times.length} crashes recovered from in at most ${Math.round(times.at(-1) ?? 0)} ms`,
  )
  t.deepEqual(
    bad.map(({ at, problem }) => `${title(at)}: ${problem ?? ''}`),
    [],
  )
  t.is(results.length, chosen.length)
  t.true(results.filter(({ reached }) => reached).length >= results.length * 0.8, 'most lives met their effect')
})

test.serial('afterwards nothing is left of any of these tenants, and no secret has got out', async (t) => {
  t.deepEqual(await violations(world, { mailCrashes: 1 }), [])
})
