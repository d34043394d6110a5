/**
 * `npm run verify`: all that can be known of the code without a server, in two minutes. Every step runs, whatever the
 * others say; the table at the end tells which failed. `npm run verify -- lint types` runs these steps only, and
 * `npm run verify -- --without='unit tests'` all others.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { architectureProblems, canaryProblems } from './lint/architecture.ts'
import { charterCanaryProblems } from './lint/charter-canaries.ts'
import { charterProblems } from './lint/charters.ts'
import { linkProblems } from './lint/links.ts'
import { oxlintCanaryProblems } from './lint/oxlint-canaries.ts'
import { wordProblems } from './lint/words.ts'

interface Step {
  readonly name: string
  /** What is wrong, for people; undefined when nothing is. */
  readonly run: () => Promise<string | undefined>
}

interface Outcome {
  readonly name: string
  readonly seconds: number
  readonly complaint: string | undefined
}

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

const steps: readonly Step[] = [
  { name: 'format', run: () => program('oxfmt', '--check', '.') },
  { name: 'lint', run: () => program('oxlint') },
  { name: 'lint canaries', run: async () => listed(await oxlintCanaryProblems(root)) },
  { name: 'architecture', run: async () => listed(await architectureProblems(root)) },
  { name: 'architecture canaries', run: async () => listed([...canaryProblems(), ...charterCanaryProblems()]) },
  { name: 'charters', run: async () => listed(await charterProblems(root)) },
  { name: 'words', run: async () => listed(await wordProblems(root)) },
  { name: 'links', run: async () => listed(await linkProblems(root)) },
  { name: 'types', run: () => program('tsc', '--project', '.') },
  { name: 'generated files', run: () => program('node', 'scripts/generate.ts', '--check') },
  { name: 'chart', run: () => program('node', 'scripts/chart.ts', '--check') },
  { name: 'dead code', run: () => program('knip', '--no-progress') },
  { name: 'unit tests', run: () => program('ava', 'test/unit/**/*.test.ts') },
]

/** Runs a program of node_modules/.bin; its output when it does not end with 0. */
async function program(name: string, ...args: readonly string[]): Promise<string | undefined> {
  const child = spawn(`${root}/node_modules/.bin/${name}`, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text))
  await once(child, 'close')
  return child.exitCode === 0
    ? undefined
    : output.join('').trimEnd() || `${name} ended with ${child.exitCode ?? child.signalCode}`
}

function listed(problems: readonly string[]): string | undefined {
  return problems.length === 0 ? undefined : problems.join('\n')
}

async function take({ name, run }: Step): Promise<Outcome> {
  const start = performance.now()
  const complaint = await run().catch((error: unknown) =>
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  )
  return { name, seconds: (performance.now() - start) / 1000, complaint }
}

const except = '--without='

function chosenSteps(names: readonly string[]): readonly Step[] {
  const without = names.flatMap((name) => (name.startsWith(except) ? [name.slice(except.length)] : []))
  const wanted = names.filter((name) => !name.startsWith(except))
  const unknown = [...wanted, ...without].filter((name) => !steps.some((step) => step.name === name))
  if (unknown.length > 0) {
    throw new Error(
      `There is no step ${unknown.join(', ')}; the steps are ${steps.map((step) => step.name).join(', ')}.`,
    )
  }
  return steps.filter(({ name }) => (wanted.length === 0 || wanted.includes(name)) && !without.includes(name))
}

function table(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ name }) => name.length))
  const rows = outcomes.map(
    ({ name, seconds, complaint }) =>
      `${complaint === undefined ? '✔' : '✘'} ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(5)} s`,
  )
  const sum = outcomes.reduce((total, { seconds }) => total + seconds, 0)
  return [...rows, `  ${''.padEnd(width)}  ${sum.toFixed(1).padStart(5)} s`].join('\n')
}

const outcomes: Outcome[] = []
for (const step of chosenSteps(process.argv.slice(2))) {
  const outcome = await take(step)
  outcomes.push(outcome)
  if (outcome.complaint !== undefined) console.log(`── ${outcome.name}\n${outcome.complaint}\n`)
}
console.log(table(outcomes))
process.exitCode = outcomes.some(({ complaint }) => complaint !== undefined) ? 1 : 0
