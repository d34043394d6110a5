/** A sample of `npm run sweep:lives`: a random life over real servers, the same one every time. */
import test from 'ava'
import { play } from './random/playing.ts'
import { openScene } from './random/scene.ts'
import type { Scene } from './random/scene.ts'

let scene: Scene
test.before(async (t) => {
  t.timeout(300_000)
  scene = await openScene(() => undefined)
})
test.after.always(() => scene?.[Symbol.asyncDispose]())

/** The same life every time, so that a change is judged by it and not by chance; another number leads another one. */
const seed = Number(process.env['TENANTRY_TEST_SEED'] ?? 2)

test('whatever happens at once, afterwards all is as it was declared, seen from outside', async (t) => {
  t.timeout(900_000)
  const began = performance.now()
  const { steps, rounds, idle } = await play(scene, seed, 160)
  t.log(`${steps} steps in ${rounds} rounds, ${idle} idle, ${Math.round((performance.now() - began) / 1000)} s`)
  t.true(idle < steps / 2, 'most steps had something to act on')
})
