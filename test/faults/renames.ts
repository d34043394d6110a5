/**
 * The crash sweep for changes of names: a tenant that is renamed, and two that exchange theirs. The operator is ended before
 * and after each effect of that, and both have to come to the same end as without it.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Stored } from '../harness/api.ts'
import { eventually } from '../harness/wait.ts'
import type { World } from '../harness/world.ts'
import { difference, timeoutFor, rest } from './crashes.ts'
import { samePoint } from './effects.ts'
import type { Point } from './effects.ts'
import { endState } from './end-state.ts'
import type { EndState } from './end-state.ts'
import { available, conditionOf, declareTenant, newName, pathOf, remove, tenantOf } from './life.ts'
import { sideBySide } from './side-by-side.ts'
import type { Cut, Side, Swept } from './side-by-side.ts'
import { whenAtRest } from './at-rest.ts'
import { faultInstallation, supervise } from './supervised.ts'
import type { Supervised } from './supervised.ts'
import { whereOf } from './where.ts'

export const changes = ['rename', 'swap'] as const
export type Change = (typeof changes)[number]

/** Milliseconds for which a former name is kept, so that its release is cut too. */
const alias = 2_000

/** What a change rests at, and its effects in their order, each before and after. */
interface LearnedChange {
  readonly change: Change
  readonly state: EndState
  readonly points: readonly Point[]
}

export interface ChangeResult extends Cut {
  readonly change: Change
  readonly title: string
}

async function learnChange(world: World, supervised: Supervised, change: Change): Promise<LearnedChange> {
  await using scene = await prepare(world, change)
  supervised.arm({ subject: scene.subject })
  await scene.edit()
  const restingAt = whenAtRest<EndState>()
  const atRest = async () => restingAt(await scene.look())
  const state = await eventually(atRest, { timeout: 90_000, interval: 1000, describe: `the ${change}` })
  const points = supervised
    .entries()
    .flatMap((entry) => (entry.kind === 'effect' && entry.subject === scene.subject ? [entry.point] : []))
    // Of what came before the change; it may be late.
    .filter(({ label }) => !label.includes('/Provisioned of '))
  return { change, state, points }
}

/** One change, in which the operator dies once, at this point. */
async function crashChange(
  world: World,
  supervised: Supervised,
  { change, state }: LearnedChange,
  point: Point,
  group?: string,
): Promise<ChangeResult> {
  const title = titleOf(change, point)
  await using scene = await prepare(world, change)
  const ends = supervised.ends()
  supervised.arm({ subject: scene.subject, point, ...(group === undefined ? {} : { group }) })
  await scene.edit()
  let last: EndState | undefined
  const rested = rest()
  const isSame = async (): Promise<boolean> => {
    supervised.assertRunning()
    last = (await scene.look()) ?? last
    return rested(last !== undefined && isDeepStrictEqual(last, state), supervised.ends() !== ends)
  }
  const problem = await eventually(isSame, { timeout: 60_000, interval: 100, describe: title }).then(
    () => undefined,
    (error: unknown) => (last === undefined ? String(error) : difference(state, last)),
  )
  const recovery = supervised.ends() === ends ? undefined : performance.now() - supervised.startedAt()
  // A rename has come to its end when nobody has the former name any more.
  const waited = change === 'rename' ? alias : 0
  const slow = recovery !== undefined && recovery > timeoutFor(supervised.slowestStart()) + waited
  const reached = supervised
    .entries()
    .some((entry) => entry.kind === 'fired' && entry.subject === scene.subject && samePoint(entry.point, point))
  return {
    change,
    title,
    reached,
    recovery,
    start: recovery === undefined ? undefined : supervised.readyAfter(),
    problem: problem ?? (slow ? `was done only ${Math.round(recovery)} ms after the restart` : undefined),
    late: slow && problem === undefined,
  }
}

export interface ChangeOptions extends Side<ChangeResult> {
  /** Default: all. */
  readonly changes?: readonly Change[]
  /** Of the titles of all points, those that are cut. */
  readonly choose: (titles: readonly string[]) => readonly string[]
}

/** Learns the changes once, then makes one for each point that was chosen. */
export async function sweepChanges(world: World, options: ChangeOptions): Promise<Swept<ChangeResult>> {
  await using supervised = await supervise(world, { TENANTRY_ALIAS_DURATION: `${alias / 1000}s` })
  const lived = await Promise.all((options.changes ?? changes).map((change) => learnChange(world, supervised, change)))
  const points = lived.flatMap((learned) =>
    learned.points.map((point) => ({ learned, point, title: titleOf(learned.change, point) })),
  )
  const chosen = new Set(options.choose(points.map(({ title }) => title)))
  const results = await sideBySide(
    points.filter(({ title }) => chosen.has(title)),
    ({ learned, point }, group) => crashChange(world, supervised, learned, point, group),
    options,
  )
  return { results, logs: await supervised.logs() }
}

function titleOf(change: Change, { when, label, occurrence }: Point): string {
  return `${change}: ${when} ${label} (${occurrence})`
}

interface Prepared extends AsyncDisposable {
  readonly subject: string
  readonly edit: () => Promise<void>
  /** What is there once the change is made and at rest. */
  readonly look: () => Promise<EndState | undefined>
}

/** The tenants of a change: `c…`, and for a swap `c…b`, whose name has the other one's in it, so that it is counted too. */
async function prepare(world: World, change: Change): Promise<Prepared> {
  const subject = newName()
  const other = `${subject}b`
  const wanted: Readonly<Record<string, string>> =
    change === 'rename' ? { [subject]: `${subject}n` } : { [subject]: other, [other]: subject }
  const names = Object.keys(wanted)
  for (const name of names) await declareTenant(world, name, { subdomain: undefined })
  const uids = new Map<string, string>()
  for (const name of names) uids.set(name, (await available(world, name)).metadata.uid)
  const look = async (): Promise<EndState | undefined> => {
    const states: EndState[] = []
    for (const name of names) {
      if (!isCalled(await tenantOf(world, name), wanted[name] ?? '')) return undefined
      const state = await endState(
        { name, uid: uids.get(name) ?? '', adminUid: 'none' },
        whereOf(world, faultInstallation),
      )
      states.push(state)
    }
    return JSON.parse(JSON.stringify({ states }).replaceAll(subject, '<subject>')) as EndState // our own JSON
  }
  return {
    subject,
    look,
    edit: async () => {
      const patch = (name: string) => ({ spec: { cloudId: wanted[name] } })
      await Promise.all(names.map((name) => world.api.send('PATCH', pathOf(world, `tenants/${name}`), patch(name))))
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(names.map((name) => remove(world, name)))
    },
  }
}

function isCalled(tenant: Stored | undefined, cloudId: string): boolean {
  const { status, metadata } = tenant ?? {}
  return (
    status?.['aliases'] === undefined &&
    status?.['cloudId'] === cloudId &&
    String(status['host']).startsWith(`${cloudId}.`) &&
    status['observedGeneration'] === metadata?.generation &&
    conditionOf(tenant, 'Ready')?.status === 'True'
  )
}
