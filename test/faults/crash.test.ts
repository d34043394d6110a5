/** A seeded sample of `npm run sweep`: some of all points, and every one at which something is taken away or begins anew. */
import test from 'ava'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { sweep, title } from './crashes.ts'
import type { StagedPoint } from './crashes.ts'
import { lifeNames } from './lives.ts'
import type { LifeName, Stage } from './lives.ts'
import { violations } from './judged.ts'
import { rowsOf, tableOf } from './sweep-table.ts'

let world: World
let logged = ''
test.before(async (t) => {
  t.timeout(300_000)
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

/** What takes something away, or decides whose it is. Of what several kinds of life have in common, one of them. */
const destructive: Readonly<Partial<Record<LifeName, Readonly<Partial<Record<Stage, RegExp>>>>>> = {
  OnAccept: { gone: /^(sql|delete)/ },
  Schema: { gone: /^sql .*DROP/ },
  Rotate: { rotated: /^sql/ },
  Revive: { archived: /^(sql|delete|create Pod)/, revived: /^delete ResourceQuota/ },
  DumpedAtEnd: { gone: /^(rename|sql .*DROP DATABASE)/ },
  Purge: { purged: /^(delete Namespace|rm|rename|sql .*DROP DATABASE|sql .*(terminate|DROP ROLE).*_d$)/ },
  Adopt: { retained: /^patch ConfigMap/, adopted: /^patch ConfigMap/ },
  Undo: { undone: /^patch ConfigMap/, restored: /^patch ConfigMap/ },
  Replace: { replaced: /TenantAdmin/ },
  Lost: { begunEmpty: /^sql .*CREATE DATABASE/ },
}

function isDestructive({ life, point, stage }: StagedPoint): boolean {
  return destructive[life]?.[stage]?.test(point.label) === true
}

test.serial('a life that is cut at any effect comes to the same end', async (t) => {
  t.timeout(1_140_000)
  const seed = Number(process.env['FAULT_SEED'] ?? 1)
  t.log(`FAULT_SEED=${seed}; another chooses others, and npm run sweep all`)
  let chosen: readonly StagedPoint[] = []
  const { results, logs } = await sweep(world, {
    lives: lifeNames,
    choose: (points) => {
      const others = new Set(
        sample(
          points.filter((point) => !isDestructive(point)),
          seed,
        ),
      )
      // In their order, as those that die together should come to their points at about the same time.
      return (chosen = points.filter((point) => isDestructive(point) || others.has(point)))
    },
    together: 4,
    tell: ({ at, recovery, problem }) => {
      if (problem !== undefined || (recovery ?? 0) > 5000) t.log(`${title(at)} ${Math.round(recovery ?? 0)} ms`)
    },
  })
  logged = logs
  const bad = results.filter(({ problem }) => problem !== undefined)
  t.log(`\n${tableOf(rowsOf(results.map((result) => ({ ...result, life: result.at.life }))))}`)
  t.deepEqual(
    bad.map(({ at, problem }) => `${title(at)}: ${problem ?? ''}`),
    [],
  )
  t.is(results.length, chosen.length)
  t.true(results.filter(({ reached }) => reached).length >= results.length * 0.8, 'most lives met their effect')
})

test.serial('afterwards nothing is left of any of these tenants, and no secret has got out', async (t) => {
  t.deepEqual(await violations(world, { mailCrashes: 1, logs: logged }), [])
})
