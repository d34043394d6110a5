/** Plays a random life: rounds of steps that come close upon each other, and after each round a calm in which all is judged. */
import { setTimeout as sleep } from 'node:timers/promises'
import { carryOut } from './acting.ts'
import { calm, lastLook } from './judging.ts'
import type { Memory } from './memory.ts'
import type { Scene } from './scene.ts'
import { slots, describe } from './step.ts'
import type { Act, Step } from './step.ts'
import { draw } from './steps.ts'

export interface Lived {
  readonly steps: number
  readonly rounds: number
  /** How many of the steps were refused or had nothing to do. */
  readonly idle: number
}

/** What went wrong, with the seed and all that had happened until then. */
export class LifeError extends Error {
  override readonly name = 'LifeError'
}

/** Steps of one round. */
const together = 16

/**
 * Draws steps from the seed until `count` of them had something to act on, and plays them.
 * @throws LifeError
 */
export async function play(
  scene: Scene,
  seed: number,
  count: number,
  onProgress: (sentence: string) => void = () => undefined,
): Promise<Lived> {
  const told: string[] = []
  const fail = (problem: string, cause?: unknown) =>
    new LifeError(`${problem}\nwith seed ${seed}, after:\n${told.join('\n')}`, { cause })
  const stream = draw(seed, count * 6)
  let [at, steps, rounds, idle] = [0, 0, 0, 0]
  while (steps < count && at < stream.length) {
    const { round, next } = take(stream, at, Math.min(together, count - steps), await present(scene), scene.memory)
    at = next
    steps += round.length
    rounds += 1
    told.push(`Round ${rounds}`)
    const began = performance.now()
    try {
      idle += await playRound(scene, round, told)
      await calm(scene)
    } catch (cause) {
      throw fail(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause), cause)
    }
    onProgress(`${steps} of ${count} steps with seed ${seed}; calm after ${Math.round(performance.now() - began)} ms`)
  }
  const problems = await lastLook(scene)
  if (problems.length > 0) throw fail(problems.join('\n'))
  return { steps, rounds, idle }
}

/** What is there: Tenants by their slots, TenantAdmins by theirs and the person. */
async function present({ world }: Scene): Promise<ReadonlySet<string>> {
  const [tenants, admins] = await Promise.all(
    ['tenants', 'tenantadmins'].map((kind) => world.api.list(`/apis/tenantry.dev/v1alpha1/${kind}`)),
  )
  return new Set([...(tenants ?? []), ...(admins ?? [])].map(({ metadata }) => metadata.name))
}

/** The next steps that have something to act on, as far as that can be told before. */
function take(stream: readonly Step[], from: number, most: number, there: ReadonlySet<string>, memory: Memory) {
  const round: Step[] = []
  const expected = new Set(there)
  let next = from
  while (next < stream.length && round.length < most) {
    const step = stream[next]
    next += 1
    if (step === undefined || !fits(step.act, expected, memory)) continue
    if (isDeclaration(step.act)) expected.add(subjectOf(step.act))
    round.push(step)
  }
  return { round, next }
}

function fits(act: Act, there: ReadonlySet<string>, { namespaces }: Memory): boolean {
  if (!('slot' in act)) return true
  const under = slots.find(({ name }) => name === act.slot)?.under
  if (under !== undefined && !namespaces.has(under)) return false
  if (isDeclaration(act) && under !== undefined && !there.has(under)) return false
  return there.has(subjectOf(act)) !== isDeclaration(act) && (act.kind !== 'swap' || there.has(act.other))
}

function isDeclaration({ kind }: Act): boolean {
  return kind === 'declare' || kind === 'declareAdmin'
}

/** The name of the object that it is about. */
function subjectOf(act: Act): string {
  if (!('slot' in act)) return ''
  return 'person' in act ? `${act.slot}-${act.person}` : act.slot
}

/** All of them at their times, without waiting for what follows from any. The answer: how many were idle. */
async function playRound(scene: Scene, round: readonly Step[], told: string[]): Promise<number> {
  const outcomes = await Promise.all(
    round.map(async ({ act, after }) => {
      // What is declared is declared first, so that the others of the round meet it in the making.
      await sleep(isDeclaration(act) ? after / 10 : after)
      const outcome = await carryOut(scene, act)
      told.push(`  ${String(after).padStart(4)} ms: ${describe(act)}${outcome === 'done' ? '' : ` (${outcome})`}`)
      return outcome
    }),
  )
  return outcomes.filter((outcome) => /^(refused|nothing)/.test(outcome)).length
}
