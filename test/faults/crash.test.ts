/**
 * A sample of `npm run sweep`, another one for each commit. Most of it are points at which something is taken away or begins
 * anew, some of each kind of life.
 */
import test from 'ava'
import { sampleOf, testSeed } from '../harness/seed.ts'
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

/** One in so many of each life's destructive points is cut, and so many of all others. */
const oneIn = 4
const otherPoints = 8

/** In their order, as those that die together should come to their points at about the same time. */
function sample(points: readonly StagedPoint[], seed: number): readonly StagedPoint[] {
  const ofLives = lifeNames.flatMap((name) => {
    const destroying = points.filter((point) => point.life === name && isDestructive(point))
    return sampleOf(destroying, Math.ceil(destroying.length / oneIn), seed)
  })
  const others = points.filter((point) => !isDestructive(point))
  const chosen = new Set([...ofLives, ...sampleOf(others, otherPoints, seed)])
  return points.filter((point) => chosen.has(point))
}

test.serial('a life that is cut at any effect comes to the same end', async (t) => {
  t.timeout(1_140_000)
  const seed = testSeed()
  t.log(`TENANTRY_TEST_SEED=${seed} cuts the same points again; npm run sweep cuts all`)
  let chosen: readonly StagedPoint[] = []
  const { results, logs } = await sweep(world, {
    lives: lifeNames,
    choose: (points) => (chosen = sample(points, seed)),
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
