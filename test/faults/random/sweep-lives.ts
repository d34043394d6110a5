/** `npm run sweep:lives`: random lives over real servers, more of them and with other seeds than in the usual run. */
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { optionsOf } from '../../harness/options.ts'
import { play } from './playing.ts'
import { openScene } from './scene.ts'
import { readView } from './view.ts'

const values = optionsOf(
  `npm run sweep:lives [-- options]

Leads random lives of tenants over real servers: steps that come close upon each other, faults among them. When it is calm
again, all that has to be true is judged from outside.

  --seed=N     the first seed; by default a random one
  --seeds=1    how many seeds, each in a world of its own
  --steps=200  how many steps with each`,
  {
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    seeds: { type: 'string', default: '1' },
    steps: { type: 'string', default: '200' },
  },
)

const [first, seeds, steps] = [Number(values.seed), Number(values.seeds), Number(values.steps)]
let bad = 0
for (let seed = first; seed < first + seeds; seed += 1) bad += (await lead(seed)) ? 0 : 1
console.log(`${seeds} seeds from ${first} on, ${steps} steps each: ${bad === 0 ? 'all is well' : `${bad} failed`}.`)
process.exitCode = bad === 0 ? 0 : 1

async function lead(seed: number): Promise<boolean> {
  await using scene = await openScene((sentence) => console.error(`· ${sentence}`))
  const began = performance.now()
  try {
    const { rounds, idle } = await play(scene, seed, steps, (sentence) => console.log(`· ${sentence}`))
    const seconds = Math.round((performance.now() - began) / 1000)
    console.log(`✔ seed ${seed}: ${steps} steps in ${rounds} rounds, ${idle} of them idle, ${seconds} s`)
    return true
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    const log = join(tmpdir(), `tenantry-lives-${seed}.log`)
    const { tenants, admins, claims } = (await readView(scene)).facts
    await writeFile(
      log,
      `${problem}\n${await scene.logs()}${JSON.stringify({ tenants, admins, claims }, undefined, 1)}\n`,
    )
    console.log(`✘ ${problem}\nThe operator's log and what there was are in ${log}.`)
    return false
  }
}
