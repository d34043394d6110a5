/** The crash sweep: lives that are cut at one effect each, and compared with a life that was not. */
import { inspect, isDeepStrictEqual } from 'node:util'
import { eventually } from '../harness/wait.ts'
import type { World } from '../harness/world.ts'
import { samePoint } from './effects.ts'
import type { Entry, Point } from './effects.ts'
import type { EndState, Subject } from './end-state.ts'
import { declare, lives, newName, preparePlans, restingState, settled, whereOf } from './life.ts'
import type { LifeName, Stage } from './life.ts'
import { faultInstallation, supervise } from './supervised.ts'
import type { Supervised } from './supervised.ts'

/** A life without faults: what it rests at, and all its effects. */
export interface Learned {
  readonly life: LifeName
  readonly states: ReadonlyMap<Stage, EndState>
  /** In their order, each before and after. */
  readonly points: readonly StagedPoint[]
}

export interface StagedPoint {
  readonly life: LifeName
  readonly point: Point
  /** The stage that the life was on its way to. */
  readonly stage: Stage
}

/** How a life that was cut went on. */
export interface CrashResult {
  readonly at: StagedPoint
  /** False: the life came to its end without that effect. */
  readonly reached: boolean
  /** Milliseconds from the start after the crash to the same state as without it. */
  readonly recovery: number | undefined
  /** Why it is not the same; undefined when it is. */
  readonly problem: string | undefined
}

/**
 * Milliseconds from the restart to the same state; what the namespace controller takes (it waits 5 s) is not counted. On a
 * machine so busy that a start alone takes more than a second, as many times longer.
 */
export function patienceFor(start: number): number {
  return 5000 * Math.max(1, start / 1000)
}

export async function learn(world: World, supervised: Supervised, life: LifeName): Promise<Learned> {
  const where = whereOf(world, faultInstallation)
  const name = newName()
  supervised.arm({ subject: name })
  const subject = await declare(world, name, life)
  const states = new Map<Stage, EndState>()
  const found: StagedPoint[] = []
  let known = 0
  for (const { stage, act } of lives[life].steps) {
    await act(world, name)
    states.set(stage, await settled(subject, stage, where))
    const all = points(supervised, name)
    found.push(...all.slice(known).map((point) => ({ life, point, stage })))
    known = all.length
  }
  const cut: readonly Stage[] = lives[life].cut
  return { life, states, points: found.filter(({ stage }) => cut.includes(stage)) }
}

function points(supervised: Supervised, subject: string): readonly Point[] {
  return supervised.entries().flatMap((entry) => (isEffectOf(entry, subject) ? [entry.point] : []))
}

function isEffectOf(entry: Entry, subject: string): entry is Extract<Entry, { kind: 'effect' }> {
  return entry.kind === 'effect' && entry.subject === subject
}

/** Lives one life, in which the operator dies once, at this point. */
export async function crash(
  world: World,
  supervised: Supervised,
  learned: Learned,
  at: StagedPoint,
): Promise<CrashResult> {
  const name = newName()
  supervised.arm({ subject: name, point: at.point })
  const subject = await declare(world, name, learned.life)
  const run = { world, supervised, learned, subject }
  const found: Reached[] = []
  for (const { stage, act } of lives[learned.life].steps) {
    // Somebody has to look while it goes.
    if (stage === 'gone')
      found.push(await Promise.all([reach(run, stage), act(world, name)]).then(([reached]) => reached))
    else found.push(await act(world, name).then(() => reach(run, stage)))
  }
  const cut = found.find(({ recovery }) => recovery !== undefined)
  const patience = patienceFor(supervised.slowestStart())
  const slow = found.filter(({ recovery = 0 }) => recovery > patience)
  const problems = [
    ...found.flatMap(({ problem }) => problem ?? []),
    ...slow.map(({ stage, recovery = 0 }) => `was ${stage} only ${Math.round(recovery)} ms after the restart`),
  ]
  return {
    at,
    reached: supervised.entries().some((entry) => isFired(entry, name, at.point)),
    recovery: cut?.recovery,
    problem: problems.length === 0 ? undefined : problems.join('; '),
  }
}

function isFired(entry: Entry, subject: string, point: Point): boolean {
  return entry.kind === 'fired' && entry.subject === subject && samePoint(entry.point, point)
}

interface Run {
  readonly world: World
  readonly supervised: Supervised
  readonly learned: Learned
  readonly subject: Subject
}

interface Reached {
  readonly stage: Stage
  /** Only when the process ended on the way here. */
  readonly recovery: number | undefined
  readonly problem: string | undefined
}

async function reach({ world, supervised, learned, subject }: Run, stage: Stage): Promise<Reached> {
  const where = whereOf(world, faultInstallation)
  const wanted = learned.states.get(stage)
  if (wanted === undefined) throw new Error(`${stage} was not learned`)
  const ends = supervised.ends()
  const others = new NamespaceTimes(world, subject)
  let last: EndState | undefined
  const isSame = async (): Promise<boolean> => {
    supervised.assertRunning()
    if (stage === 'gone') await others.look()
    last = (await restingState(subject, stage, where)) ?? last
    return last !== undefined && isDeepStrictEqual(last, wanted)
  }
  try {
    await eventually(isSame, { timeout: 120_000, interval: 50, describe: `the state "${stage}"` })
  } catch (error) {
    const problem = last === undefined ? String(error) : `${stage}: ${difference(wanted, last)}`
    return { stage, recovery: undefined, problem }
  }
  const recovery = supervised.ends() === ends ? undefined : others.ownTime(supervised.startedAt())
  return { stage, recovery, problem: undefined }
}

/** When a tenant's namespace was condemned and when it was gone: in between others work. */
class NamespaceTimes {
  readonly #path: string
  readonly #world: World
  #condemned: number | undefined
  #gone: number | undefined

  constructor(world: World, { name }: Subject) {
    this.#world = world
    this.#path = `/api/v1/namespaces/tenant-${name}`
  }

  async look(): Promise<void> {
    if (this.#gone !== undefined) return
    const namespace = await this.#world.api.get(this.#path)
    if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined)
      this.#condemned ??= performance.now()
    if (namespace === undefined) this.#gone = performance.now()
  }

  /** Milliseconds since `start` in which the operator was the one to act. */
  ownTime(start: number): number {
    const now = performance.now()
    if (this.#condemned === undefined || this.#gone === undefined) return now - start
    return Math.max(0, this.#condemned - start) + (now - Math.max(start, this.#gone))
  }
}

/** The lines of `found` that are not in `wanted`, and the other way round. */
export function difference(wanted: EndState, found: EndState): string {
  const lines = (state: EndState) => inspect(state, { depth: 20, sorted: true, breakLength: 120 }).split('\n')
  const [left, right] = [lines(wanted), lines(found)]
  const only = (some: readonly string[], others: readonly string[], sign: string) =>
    some.filter((line) => !others.includes(line)).map((line) => `${sign} ${line.trim()}`)
  return [...only(left, right, '-'), ...only(right, left, '+')].slice(0, 20).join('\n')
}

/** Learns each kind of life once, then cuts one for each point that `choose` names, several at a time. */
export async function sweep(
  world: World,
  choose: (points: readonly StagedPoint[]) => readonly StagedPoint[],
  { atOnce = 1, tell = () => undefined }: { readonly atOnce?: number; readonly tell?: Tell } = {},
): Promise<readonly CrashResult[]> {
  await using supervised = await supervise(world)
  await preparePlans(world)
  const lived: Learned[] = []
  for (const life of ['OnAccept', 'Immediate', 'Rotate'] as const) lived.push(await learn(world, supervised, life))
  const chosen = choose(lived.flatMap(({ points: all }) => all))
  let done = 0
  const live = async (at: StagedPoint): Promise<CrashResult> => {
    const learned = lived.find(({ life }) => life === at.life)
    if (learned === undefined) throw new Error(`${at.life} was not learned`)
    return crash(world, supervised, learned, at).catch((error: unknown) => broken(at, error))
  }
  const all = async (some: readonly StagedPoint[], side: number): Promise<readonly CrashResult[]> => {
    const queue = [...some]
    const results: CrashResult[] = []
    const work = async (): Promise<void> => {
      for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
        const result = await live(at)
        results.push(result)
        if (isMissed(result) && side > 1) continue
        done += 1
        tell(result, done, chosen.length)
      }
    }
    await Promise.all(Array.from({ length: side }, work))
    return results
  }
  const results = await all(chosen, atOnce)
  // The end of another life's process may come between: those points have their turn alone.
  const missed = atOnce === 1 ? [] : results.filter(isMissed)
  const alone = await all(
    missed.map(({ at }) => at),
    1,
  )
  return [...results.filter((result) => !missed.includes(result)), ...alone]
}

function isMissed({ reached, problem }: CrashResult): boolean {
  return !reached && problem === undefined
}

/** A life that could not be lived to its end. */
function broken(at: StagedPoint, error: unknown): CrashResult {
  return { at, reached: true, recovery: undefined, problem: error instanceof Error ? error.message : String(error) }
}

export type Tell = (result: CrashResult, done: number, total: number) => void

export function title({ life, point, stage }: StagedPoint): string {
  return `${life}, on the way to ${stage}: ${point.when} ${point.label} (${point.occurrence})`
}
