/** A sample of `npm run sweep` over changes of names, another one for each commit: the operator is ended in the midst of a rename and of an exchange. */
import test from 'ava'
import { sampleOf, testSeed } from '../harness/seed.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import { sweepChanges } from './renames.ts'

let world: World
let logged = ''
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

/** A name has just changed hands, or is nobody's any more: these are always cut. */
const decisive = /after (patch|delete) ConfigMap/

/** One in so many of the other points is cut. */
const oneIn = 12

test.serial('a rename and an exchange of names that are cut at any effect come to the same end', async (t) => {
  t.timeout(900_000)
  const seed = testSeed()
  t.log(`TENANTRY_TEST_SEED=${seed} cuts the same points again; npm run sweep -- --lives=rename,swap cuts all`)
  const { results, logs } = await sweepChanges(world, {
    choose: (titles) => {
      const others = titles.filter((title) => !decisive.test(title))
      const sample = new Set(sampleOf(others, Math.ceil(others.length / oneIn), seed))
      return titles.filter((title) => decisive.test(title) || sample.has(title))
    },
    together: 4,
    tell: ({ title, recovery, problem }) => t.log(`${title} ${Math.round(recovery ?? 0)} ms ${problem ?? ''}`),
  })
  logged = logs
  t.deepEqual(
    results.flatMap(({ title, problem }) => (problem === undefined ? [] : [`${title}: ${problem}`])),
    [],
  )
  t.true(results.filter(({ reached }) => reached).length >= results.length * 0.6, 'most met their effect')
  t.true(results.some(({ title }) => title.startsWith('rename')))
  t.true(results.some(({ title }) => title.startsWith('swap')))
})

test.serial('afterwards nothing is left of any of these tenants, and no secret has got out', async (t) => {
  t.deepEqual(await violations(world, { logs: logged }), [])
})
