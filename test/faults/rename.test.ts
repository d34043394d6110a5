/** A sample of the sweep over changes of names: the operator is ended in the midst of a rename and of an exchange. */
import test from 'ava'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import { sweepChanges } from './renames.ts'

let world: World
test.before(async (t) => {
  t.timeout(120_000)
  world = await startWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

/** Every point of `npm run sweep` is one of each `step` here. */
const step = Number(process.env['FAULT_RENAME_STEP'] ?? 5)

test.serial('a rename and an exchange of names that are cut at any effect come to the same end', async (t) => {
  t.timeout(480_000)
  const results = await sweepChanges(world, {
    choose: (_title, index) => index % step === 0,
    together: 4,
    tell: ({ title, recovery, problem }) => t.log(`${title} ${Math.round(recovery ?? 0)} ms ${problem ?? ''}`),
  })
  t.deepEqual(
    results.flatMap(({ title, problem }) => (problem === undefined ? [] : [`${title}: ${problem}`])),
    [],
  )
  t.true(results.filter(({ reached }) => reached).length >= results.length * 0.6, 'most met their effect')
  t.true(results.some(({ title }) => title.startsWith('rename')))
  t.true(results.some(({ title }) => title.startsWith('swap')))
})

test.serial('afterwards nothing is left of any of these tenants', async (t) => {
  t.deepEqual(await violations(world), [])
})
