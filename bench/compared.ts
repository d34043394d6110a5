/** The floor and the operator in turns, on the same servers: bursts, then single tenants. */
import type { FloorOptions } from './floor.ts'
import { startFloor } from './floor-process.ts'
import { burst, oneByOne } from './burst.ts'
import type { Declared } from './burst.ts'
import { markNow, settle, writesSince } from './quiet.ts'
import type { Writes } from './quiet.ts'
import { clear } from './site.ts'
import type { Site } from './site.ts'
import type { OperatorProcess } from '../test/harness/operator.ts'

export interface Compared {
  /** Milliseconds, one a round. */
  readonly bursts: { readonly floor: readonly number[]; readonly operator: readonly number[] }
  readonly singles: { readonly floor: readonly number[]; readonly operator: readonly number[] }
  /** Of the last burst of the operator. */
  readonly writes: Writes
  /** Milliseconds until all tenants of a burst were gone, one a round. */
  readonly deletions: readonly number[]
  /** Tenants at once with which the floor was fastest. */
  readonly floorAtOnce: number
}

export interface Setup {
  readonly site: Site
  readonly floor: Omit<FloorOptions, 'atOnce'>
  readonly start: () => Promise<OperatorProcess>
  readonly rounds: number
  readonly tenants: number
  readonly singles: number
  /** The tenant that the floor's template was read from. */
  readonly keep: readonly string[]
  readonly tell: (sentence: string) => void
}

/** No operator runs when it begins; one that rests, with no customers but `keep`, is handed over at the end. */
export async function compare(
  setup: Setup,
): Promise<{ readonly figures: Compared; readonly operator: OperatorProcess }> {
  const floorAtOnce = await bestConcurrency(setup)
  const bursts = { floor: [] as number[], operator: [] as number[] }
  const singles = { floor: [] as number[], operator: [] as number[] }
  const deletions: number[] = []
  let writes: Writes = { total: 0, kinds: {}, paths: [] }
  let operator: OperatorProcess | undefined
  for (let round = 1; round <= setup.rounds; round++) {
    if (operator !== undefined) await operator[Symbol.asyncDispose]()
    const floor = await ofFloor(setup, floorAtOnce, setup.tenants)
    bursts.floor.push(floor.all)
    singles.floor.push(...floor.singles)
    operator = await setup.start()
    await clearAll(setup, operator)
    const mark = await markNow(setup.site.world)
    const { all } = await burst(setup.site, setup.tenants)
    bursts.operator.push(all)
    await settle(setup.site.world, operator)
    writes = await writesSince(setup.site.world, operator, mark)
    deletions.push(await clearAll(setup, operator))
    singles.operator.push(...(await oneByOne(setup.site, setup.singles)))
    await clearAll(setup, operator)
    setup.tell(`round ${round}: floor ${Math.round(floor.all)} ms, operator ${Math.round(all)} ms`)
  }
  if (operator === undefined) throw new RangeError('at least one round is needed')
  return { figures: { bursts, singles, writes, deletions, floorAtOnce }, operator }
}

async function clearAll({ site, keep }: Setup, operator: OperatorProcess): Promise<number> {
  const time = await clear(site, operator, keep)
  await settle(site.world, operator)
  return time
}

async function ofFloor({ site, floor, singles }: Setup, atOnce: number, count: number) {
  await using running = await startFloor({ ...floor, atOnce })
  const make: Declared = (tenant) => running.make(tenant)
  const { all } = await burst(site, count, make)
  const times = await oneByOne(site, singles, make)
  running.assertWell()
  return { all, singles: times }
}

/** Tries a third of the burst with each. */
async function bestConcurrency(setup: Setup): Promise<number> {
  const times: { readonly atOnce: number; readonly time: number }[] = []
  for (const atOnce of [4, 8, 16]) {
    const { all } = await ofFloor({ ...setup, singles: 0 }, atOnce, Math.ceil(setup.tenants / 3))
    times.push({ atOnce, time: all })
  }
  await using operator = await setup.start()
  await clearAll(setup, operator)
  setup.tell(`the floor alone: ${times.map(({ atOnce, time }) => `${Math.round(time)} ms with ${atOnce}`).join(', ')}`)
  return times.toSorted((one, other) => one.time - other.time)[0]?.atOnce ?? 16
}
