/**
 * `npm test`: runs all tests, or the files and folders that are named, and starts once what they need. The end says which
 * files took longest, what failed, and in the last line how many passed and failed. Arguments that begin with a hyphen go to AVA.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { ava } from './ava.ts'
import { chromium } from './chromium.ts'
import { temporaryFolder } from './folder.ts'
import { lanesOf } from './lanes.ts'
import { testSeed } from './seed.ts'
import { select } from './selection.ts'
import type { Suite } from './selection.ts'
import { startServers } from './servers.ts'
import type { Servers } from './servers.ts'
import { slowest, timesOf } from './slowest.ts'
import { add, nothing, summary } from './tally.ts'
import type { Tally } from './tally.ts'

const root = join(import.meta.dirname, '..', '..')
/**
 * What all processes of a run inherit. Hundreds of them load the same modules, which one compiles; the folder goes with
 * node_modules. A start of kube-apiserver takes a third less CPU if it collects garbage a quarter as often.
 */
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules', '.cache', 'node')
process.env['GOGC'] ??= '400'

const progress = (sentence: string): void => console.error(`· ${sentence}`)

async function run(args: readonly string[], signal: AbortSignal, report: (tally: Tally) => void): Promise<void> {
  const flags = args.filter((arg) => arg.startsWith('-'))
  const chosen = await select(
    root,
    args.filter((arg) => !arg.startsWith('-')),
  )
  await using stack = new AsyncDisposableStack()
  const folder = await temporaryFolder('times')
  stack.defer(() => folder.remove())
  const times = join(folder.path, 'times')
  let servers: Servers | undefined
  let env: Record<string, string> = { TENANTRY_TEST_FILE_TIMES: times }
  progress(`TENANTRY_TEST_SEED=${testSeed()} samples and draws as this run does`)
  const groups = await lanesOf(root, chosen)
  // While the unit tests run, which need none of them.
  const starting = groups.some(({ suites }) => !suites.includes('unit')) ? serversFor(stack) : undefined
  starting?.catch(() => undefined)
  for (const { suites, files, concurrency } of groups) {
    if (signal.aborted) break
    if (!suites.includes('unit') && servers === undefined && starting !== undefined) {
      servers = await unlessAborted(signal, starting)
      env = { ...env, TENANTRY_TEST_HARNESS: servers.path, ...(await browserFor(chosen)) }
    }
    if (!suites.includes('integration')) await servers?.endOperator()
    if (signal.aborted) break
    const { length } = files
    const where = suites.map((suite) => `test/${suite}`).join(' and ')
    progress(`${where}: ${length} file${length === 1 ? '' : 's'}, ${concurrency} at a time`)
    report(await ava({ root, files, concurrency, flags, env, signal }))
  }
  const lines = await readFile(times, 'utf8').catch(() => '')
  console.log(`\n${slowest(timesOf(lines, root), 25)}\n`)
}

/** What is still starting when the run is ended is not waited for: the watchdog ends it with this process. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = once(signal, 'abort').then(() => Promise.reject(new Error('The run was ended.')))
  return Promise.race([work, aborted])
}

async function serversFor(stack: AsyncDisposableStack): Promise<Servers> {
  const start = performance.now()
  const servers = stack.use(await startServers(progress))
  progress(`the servers are up after ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return servers
}

async function browserFor(chosen: ReadonlyMap<Suite, readonly string[]>): Promise<Record<string, string>> {
  return chosen.get('browser')?.length ? { TENANTRY_TEST_CHROMIUM: await chromium(progress) } : {}
}

let total = nothing
let exitCode = 0
const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    exitCode = 128 + constants.signals[name]
    stopping.abort()
  })
}
try {
  await run(process.argv.slice(2), stopping.signal, (tally) => (total = add(total, tally)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  total = add(total, { ...nothing, failed: 1 })
}
if (total.passed + total.failed === 0 && exitCode === 0) {
  console.error('No test was run.')
  total = add(total, { ...nothing, failed: 1 })
}
if (total.failed > 0 && exitCode === 0) exitCode = 1
process.stdout.write(`${summary(total)}\n`, () => process.exit(exitCode))
