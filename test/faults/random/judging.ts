/** Waits for rest after a round, and judges it; and the last look, when nothing happens any more. */
import { noise, orphans, trespassers } from '../../harness/invariants.ts'
import { eventually, throughout } from '../../harness/wait.ts'
import { leaksIn } from '../judged.ts'
import { access, crossings, lockedDoors, rememberKeys } from './doors.ts'
import { discrepancies } from './expected.ts'
import { mailProblems } from './mails.ts'
import { lostNotes, writeNotes } from './notes.ts'
import { unrest } from './rest.ts'
import type { Scene } from './scene.ts'
import { readView } from './view.ts'
import type { View } from './view.ts'

/** Milliseconds: a namespace takes its controller 5 s, a relay that was down is tried again after half a minute. */
const longWait = 90_000

/** @throws Error that says what does not come to be as it should. */
export async function calm(scene: Scene): Promise<View> {
  let problems: readonly string[] = []
  const isGood = async (): Promise<View | undefined> => {
    const view = await readView(scene)
    problems = await problemsOf(scene, view)
    return problems.length === 0 ? view : undefined
  }
  const view = await eventually(isGood, { timeout: longWait, interval: 250, describe: 'rest' }).catch(
    (cause: unknown) => {
      throw new Error([`After ${longWait / 1000} s:`, ...problems].join('\n- '), { cause })
    },
  )
  rememberKeys(scene, view)
  await writeNotes(scene, view)
  return view
}

/** What is cheap to see first. */
async function problemsOf(scene: Scene, view: View): Promise<readonly string[]> {
  const { world, memory } = scene
  const looks: readonly (() => readonly string[] | Promise<readonly string[]>)[] = [
    () => unrest(view),
    () => [...orphans(view.facts), ...trespassers(view.facts), ...discrepancies(view)],
    async () => mailProblems(await world.mail.all(), memory),
    () => lockedDoors(scene, view),
    () => access(scene, view),
    () => lostNotes(scene, view),
  ]
  for (const look of looks) {
    const found = await look()
    if (found.length > 0) return found
  }
  return []
}

/** I2 in full, I4 and I5, once all is calm. */
export async function lastLook(scene: Scene): Promise<readonly string[]> {
  await calm(scene)
  const loud = await quiet(scene)
  const view = await calm(scene)
  return [...loud, ...(await crossings(scene, view)), ...(await leaksIn(scene.world, view.facts, await scene.logs()))]
}

/**
 * Looks for 5 s in which the operator writes nothing. What is counted (tenants of a server, of a plan, sizes) is told a
 * little after all is at rest; whoever goes on writing is found.
 */
async function quiet(scene: Scene): Promise<readonly string[]> {
  const log = scene.world.cluster.auditLog
  const { user } = scene.operator()
  let loud: readonly string[] = []
  for (let look = 0; look < 6; look += 1) {
    const mark = await log?.mark()
    await throughout(5000, () => scene.operator().process.assertAlive(), 250)
    const writes = ((await log?.writes(mark)) ?? []).filter((event) => event.user === user)
    loud = noise({ writes, statements: [] })
    if (loud.length === 0) break
  }
  return loud
}
