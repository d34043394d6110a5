/** The crash sweep: lives that are cut at one effect each, and compared with a life that was not. */
import { inspect, isDeepStrictEqual } from 'node:util'
import { eventually } from '../harness/wait.ts'
import type { World } from '../harness/world.ts'
import { samePoint } from './effects.ts'
import type { Entry, Point } from './effects.ts'
import type { EndState, Subject, Where } from './end-state.ts'
import { declare, newName } from './life.ts'
import { allGone, leave, lifeOf, prepareWorld, restingState, settled } from './lives.ts'
import type { LifeName, Stage } from './lives.ts'
import { sideBySide } from './side-by-side.ts'
import type { Cut, Side, Swept } from './side-by-side.ts'
import { faultInstallation, supervise } from './supervised.ts'
import type { Supervised } from './supervised.ts'
import { OthersTimes } from './waits.ts'
import { dumpFolder, whereOf } from './where.ts'

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
export interface CrashResult extends Cut {
  readonly at: StagedPoint
}

/**
 * Milliseconds from the restart to the same state; what the namespace controller takes (it waits 5 s) is not counted. On a
 * machine so busy that a start alone takes more than a second, as many times longer.
 */
export function timeoutFor(start: number): number {
  return 5000 * Math.max(1, start / 1000)
}

/** Where lives are lived. */
export interface Ground {
  readonly world: World
  readonly supervised: Supervised
  readonly where: Where
}

export async function learn({ world, supervised, where }: Ground, life: LifeName): Promise<Learned> {
  const name = newName()
  supervised.arm({ subject: name })
  const { spec, cut, only } = lifeOf(life)
  let subject = await declare(world, name, spec)
  const states = new Map<Stage, EndState>()
  const found: StagedPoint[] = []
  let known = 0
  for (const { stage, act } of stepsOf(life)) {
    subject = await act(world, subject)
    states.set(stage, await settled(subject, stage, where))
    const all = points(supervised, name)
    found.push(...all.slice(known).map((point) => ({ life, point, stage })))
    known = all.length
  }
  await leave(world, subject)
  const isCut = ({ stage, point }: StagedPoint) => cut.includes(stage) && only?.test(point.label) !== false
  return { life, states, points: found.filter(isCut) }
}

/** Up to the last that is cut. */
function stepsOf(life: LifeName) {
  const { steps, cut } = lifeOf(life)
  return steps.slice(0, steps.findLastIndex(({ stage }) => cut.includes(stage)) + 1)
}

function points(supervised: Supervised, subject: string): readonly Point[] {
  return supervised.entries().flatMap((entry) => (isEffectOf(entry, subject) ? [entry.point] : []))
}

function isEffectOf(entry: Entry, subject: string): entry is Extract<Entry, { kind: 'effect' }> {
  return entry.kind === 'effect' && entry.subject === subject
}

/** Lives one life, in which the operator dies once, at this point. */
export async function crash(ground: Ground, learned: Learned, at: StagedPoint, group?: string): Promise<CrashResult> {
  const { world, supervised } = ground
  const name = newName()
  supervised.arm({ subject: name, point: at.point, ...(group === undefined ? {} : { group }) })
  let subject = await declare(world, name, lifeOf(learned.life).spec)
  const found: Reached[] = []
  for (const { stage, act } of stepsOf(learned.life)) {
    // Somebody has to look while it goes.
    if (stage === 'gone') {
      const [reached] = await Promise.all([reach({ ...ground, learned, subject, at }, stage), act(world, subject)])
      found.push(reached)
    } else {
      subject = await act(world, subject)
      found.push(await reach({ ...ground, learned, subject, at }, stage))
    }
  }
  await leave(world, subject)
  const cut = found.find(({ recovery }) => recovery !== undefined)
  const longWait = timeoutFor(supervised.slowestStart())
  const slow = found.filter(({ recovery = 0 }) => recovery > longWait)
  const different = found.flatMap(({ problem }) => problem ?? [])
  const problems = [
    ...different,
    ...slow.map(({ stage, recovery = 0 }) => `was ${stage} only ${Math.round(recovery)} ms after the restart`),
  ]
  return {
    at,
    reached: supervised.entries().some((entry) => isFired(entry, name, at.point)),
    recovery: cut?.recovery,
    start: cut?.start,
    problem: problems.length === 0 ? undefined : problems.join('; '),
    late: slow.length > 0 && different.length === 0,
  }
}

function isFired(entry: Entry, subject: string, point: Point): boolean {
  return entry.kind === 'fired' && entry.subject === subject && samePoint(entry.point, point)
}

interface Run extends Ground {
  readonly at: StagedPoint
  readonly learned: Learned
  readonly subject: Subject
}

interface Reached extends Pick<Cut, 'recovery' | 'start' | 'problem'> {
  readonly stage: Stage
}

/** Milliseconds in which the last effects of a stage come, which change nothing that is looked at. */
const lingering = 2000

/** Whether a stage is over: it is the same, and has been for a while unless nothing more is to come. */
export function rest(): (same: boolean, over: boolean) => boolean {
  let since: number | undefined
  return (same, over) => {
    since = same ? (since ?? performance.now()) : undefined
    return since !== undefined && (over || performance.now() - since > lingering)
  }
}

/** Where others have something to do. */
const shared: ReadonlySet<Stage> = new Set<Stage>(['gone', 'purged'])

async function reach({ world, supervised, where, learned, subject, at }: Run, stage: Stage): Promise<Reached> {
  const wanted = learned.states.get(stage)
  if (wanted === undefined) throw new Error(`${stage} was not learned`)
  const ends = supervised.ends()
  const others = new OthersTimes(world, subject)
  let last: EndState | undefined
  const rested = rest()
  const isSame = async (): Promise<boolean> => {
    supervised.assertRunning()
    if (shared.has(stage)) await others.look()
    last = (await restingState(subject, stage, where)) ?? last
    const same = last !== undefined && isDeepStrictEqual(last, wanted)
    return rested(same, stage !== at.stage || supervised.ends() !== ends)
  }
  try {
    await eventually(isSame, { timeout: 120_000, interval: 100, describe: `the state "${stage}"` })
  } catch (error) {
    const problem = last === undefined ? String(error) : `${stage}: ${difference(wanted, last)}`
    return { stage, recovery: undefined, start: undefined, problem }
  }
  // Only when the process ended on the way here.
  if (supervised.ends() === ends) return { stage, recovery: undefined, start: undefined, problem: undefined }
  const recovery = others.ownTime(supervised.startedAt())
  return { stage, recovery, start: supervised.readyAfter(), problem: undefined }
}

/** The lines of `found` that are not in `wanted`, and the other way round. */
export function difference(wanted: EndState, found: EndState): string {
  const lines = (state: EndState) => inspect(state, { depth: 20, sorted: true, breakLength: 120 }).split('\n')
  const [left, right] = [lines(wanted), lines(found)]
  const only = (some: readonly string[], others: readonly string[], sign: string) =>
    some.filter((line) => !others.includes(line)).map((line) => `${sign} ${line.trim()}`)
  return [...only(left, right, '-'), ...only(right, left, '+')].slice(0, 20).join('\n')
}

export interface SweepOptions extends Side<CrashResult> {
  readonly lives: readonly LifeName[]
  readonly choose: (points: readonly StagedPoint[]) => readonly StagedPoint[]
}

/** Learns each kind of life once, then cuts one for each point that was chosen; ends when all of them are gone. */
export async function sweep(world: World, options: SweepOptions): Promise<Swept<CrashResult>> {
  await using dumps = await dumpFolder()
  // What somebody drops is found by looking.
  await using supervised = await supervise(world, { ...dumps.env, TENANTRY_CATALOGUE_INTERVAL: '2s' })
  await prepareWorld(world)
  const ground = { world, supervised, where: { ...whereOf(world, faultInstallation), dumps: dumps.path } }
  const lived = await Promise.all(options.lives.map((life) => learn(ground, life)))
  const chosen = options.choose(lived.flatMap(({ points: all }) => all))
  const live = async (at: StagedPoint, group?: string): Promise<CrashResult> => {
    const learned = lived.find(({ life }) => life === at.life)
    if (learned === undefined) throw new Error(`${at.life} was not learned`)
    return crash(ground, learned, at, group).catch((error: unknown) => broken(at, error))
  }
  const results = await sideBySide(chosen, live, options)
  await allGone(world)
  return { results, logs: await supervised.logs() }
}

/** A life that could not be lived to its end. */
function broken(at: StagedPoint, error: unknown): CrashResult {
  return {
    at,
    reached: true,
    recovery: undefined,
    start: undefined,
    problem: error instanceof Error ? error.message : String(error),
    late: false,
  }
}

export function title({ life, point, stage }: StagedPoint): string {
  return `${life}, on the way to ${stage}: ${point.when} ${point.label} (${point.occurrence})`
}
