/**
 * An operator that hears of everything ten seconds late comes to the same ends as one that hears of it at once.
 */
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { difference } from './crashes.ts'
import { endState } from './end-state.ts'
import type { EndState, Subject } from './end-state.ts'
import { violations } from './judged.ts'
import { declare, newName } from './life.ts'
import { allGone, leave, lifeOf, prepareWorld, settled } from './lives.ts'
import type { LifeName, Stage } from './lives.ts'
import { faultInstallation } from './supervised.ts'
import { whereOf } from './where.ts'

const tried = ['OnAccept', 'Immediate', 'Rotate', 'Revive', 'Adopt'] as const satisfies readonly LifeName[]

let world: World
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld()
  await prepareWorld(world)
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const start = (entry: string): Promise<OperatorProcess> =>
  startOperator({
    cluster: world.cluster,
    mail: world.mail,
    web: world.web,
    entry,
    env: { TENANTRY_INSTALLATION: faultInstallation },
  })

/** From its declaration to its end; `look` waits for each stage. */
async function live(name: LifeName, look: (subject: Subject, stage: Stage) => Promise<unknown>): Promise<void> {
  const { spec, steps } = lifeOf(name)
  let subject = await declare(world, newName(), spec)
  for (const { stage, act } of steps) {
    subject = await act(world, subject)
    await look(subject, stage)
  }
  await leave(world, subject)
}

test.serial('lives of which the operator hears ten seconds late come to the same ends, stage by stage', async (t) => {
  t.timeout(600_000)
  const where = whereOf(world, faultInstallation)
  const ends = new Map<string, EndState>()
  {
    await using _operator = await start('operator/main.ts')
    const learn = (life: LifeName) => async (subject: Subject, stage: Stage) =>
      ends.set(`${life} ${stage}`, await settled(subject, stage, where))
    await Promise.all(tried.map((life) => live(life, learn(life))))
    await allGone(world)
  }
  await using operator = await start('test/faults/operator-that-hears-late.ts')
  const compare = (life: LifeName) => async (subject: Subject, stage: Stage) => {
    const wanted = ends.get(`${life} ${stage}`) ?? {}
    const same = async () => {
      const found = await endState(subject, where)
      if (!isDeepStrictEqual(found, wanted)) throw new Error(difference(wanted, found))
      return true
    }
    await eventually(same, { timeout: 150_000, interval: 500, describe: `a life ${life} to be ${stage} as before` })
  }
  await Promise.all(tried.map((life) => live(life, compare(life))))
  await allGone(world)
  t.is(ends.size, 17)
  t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
})
