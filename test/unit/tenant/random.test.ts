/** Random lives against a model: whatever happens in whatever order, at rest each tenant is what the specs, the clock and its past make it. */
import test from 'ava'
import { fc } from '../../random.ts'

import { labels } from '../../../operator/api/names.ts'
import { lifeOf } from './random/events.ts'
import type { Event } from './random/events.ts'
import { History } from './random/history.ts'
import { discrepancies, leftBehind } from './random/judging.ts'
import { Life, keys } from './random/life.ts'

/** Every write to an object that is no kind of ours has to be to one that bears our mark, or that is being made. */
function watchForeignWrites({ world, trespasses }: Life): void {
  world.cluster.before = (write) => {
    const [verb = '', what = '', key = ''] = write.split(' ')
    const kind = what.replace('/status', '')
    const object = world.cluster.find(kind, key)
    if (verb === 'create' || kind === 'Tenant' || object === undefined) return
    if (object.metadata.labels?.[labels.installation] !== 'main') trespasses.push(write)
  }
}

/** Once more, when nothing happens. */
async function noise({ world }: Life): Promise<readonly string[]> {
  const before = world.effects.length
  for (const key of keys) if (world.cluster.find('Tenant', key) !== undefined) await world.pass(key)
  return world.effects.length === before ? [] : [`not quiet: ${world.effects.slice(before).join(', ')}`]
}

/** At rest. */
async function judge(life: Life, history: History): Promise<void> {
  await life.rest()
  history.note(life)
  const found = [...(await noise(life)), ...discrepancies(life, history), ...leftBehind(life), ...life.trespasses]
  if (life.world.mostStatusWrites > 2) found.push(`${life.world.mostStatusWrites} writes of the status in one pass`)
  if (found.length > 0) throw new Error(found.join('; '))
  history.rested(life)
}

/** Leads a life to its end. Throws what is wrong at a rest, with what was done. */
async function lead(lived: readonly Event[]): Promise<Life> {
  const life = new Life()
  const history = new History()
  watchForeignWrites(life)
  const told: string[] = []
  for (const [what, act] of [...lived, ['rest', 'rest'] as const]) {
    told.push(what)
    try {
      await (act === 'rest' ? judge(life, history) : act(life))
    } catch (cause) {
      throw new Error(`${cause instanceof Error ? cause.message : String(cause)} after ${told.join(', ')}`, { cause })
    }
    history.note(life)
  }
  return life
}

/** How a database and its namespace go: logins off before the drop, the drop before the namespace, the names last. */
function wrongOrder(trace: readonly string[]): string | undefined {
  const first = (start: string) => trace.findIndex((step) => step.startsWith(start))
  const order = ['DisableLogins', 'DropDatabase', 'DropRoles', 'delete Namespace', 'delete ConfigMap'].map(first)
  const present = order.filter((at) => at >= 0)
  return present.every((at, index) => index === 0 || at > (present[index - 1] ?? -1)) ? undefined : trace.join(', ')
}

/** What the issue asks for in the usual run: what happens, and the passes of the reconciler. */
const wantedSteps = 100_000
/** In which there are that many. */
const usualLives = 950
const lives = Number(process.env['TENANTRY_TEST_LIVES'] ?? usualLives)

test('after any life each tenant is what the model says, nothing is left behind, nothing foreign touched, and all is quiet', async (t) => {
  const count = { happened: 0, passes: 0, adopted: 0, purged: 0, expired: 0 }
  const life = lifeOf({ least: 40, most: 120 })
  const property = fc.asyncProperty(life, async (lived) => {
    const led = await lead(lived)
    const all = led.tenants()
    count.happened += lived.length
    count.passes += led.world.passes
    count.adopted += all.filter(({ status }) => status?.adopted !== undefined).length
    count.purged += all.filter(({ status }) => status?.phase === 'Purged').length
    count.expired += all.filter(({ status }) => status?.phase === 'Expired').length
  })
  // Making a life shorter takes minutes; without `endOnFailure` it is done.
  await fc.assert(property, { numRuns: lives, endOnFailure: true })
  t.log(
    `${lives} lives: ${Object.entries(count)
      .map(([what, times]) => `${times} ${what}`)
      .join(', ')}`,
  )
  t.true(
    Object.values(count).every((times) => times > 0),
    'each of these was lived',
  )
  if (lives >= usualLives) t.true(count.happened + count.passes >= wantedSteps, 'as many steps as the issue asks for')
})

test('whatever happened before, a deletion goes in order', async (t) => {
  const life = lifeOf({ least: 0, most: 12 })
  const property = fc.asyncProperty(life, async (lived) => {
    const { world } = await lead(lived)
    if (world.cluster.find('Tenant', 'home/globex') === undefined) return
    const trace: string[] = []
    world.cluster.before = (write) => trace.push(write)
    world.postgres.before = (statement) => trace.push(statement)
    world.cluster.remove('Tenant', 'home/globex')
    await world.settle('home/globex')
    const wrong = wrongOrder(trace)
    if (wrong !== undefined) throw new Error(`${wrong} after ${lived.map(([what]) => what).join(', ')}`)
  })
  await fc.assert(property, { numRuns: Number(process.env['TENANTRY_TEST_LIVES'] ?? 60) })
  t.pass()
})
