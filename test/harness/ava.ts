import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { guardProcess, releaseProcess } from './guard.ts'
import { descendantsOf, signal as send } from './process-tree.ts'
import { count } from './tally.ts'
import type { Tally } from './tally.ts'

export interface AvaOptions {
  /** The checkout. */
  readonly root: string
  readonly files: readonly string[]
  /** How many files run side by side; default: what ava.config.js says. */
  readonly concurrency?: number
  /** More flags for AVA: `--match=…` */
  readonly flags: readonly string[]
  /** Beside the caller's environment. */
  readonly env: Readonly<Record<string, string>>
  /** Ends the run: what was counted until then is answered. */
  readonly signal: AbortSignal
  /** Do not show what it says. */
  readonly quiet?: boolean
}

/** Runs these test files with AVA, shows what it says, and counts. AVA and its workers end with the calling process. */
export async function ava(options: AvaOptions): Promise<Tally> {
  const { root, files, concurrency, flags, env, signal, quiet = false } = options
  const entry = fileURLToPath(new URL('cli.js', import.meta.resolve('ava')))
  const colour = process.stdout.isTTY ? ['--color'] : ['--no-color']
  const lanes = concurrency === undefined ? [] : [`--concurrency=${concurrency}`]
  const child = spawn(process.execPath, [entry, ...colour, ...lanes, ...flags, ...files], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'],
  })
  const { promise: closed, resolve } = Promise.withResolvers<number>()
  child.once('close', (code) => resolve(code ?? 1))
  child.once('error', () => resolve(1))
  if (child.pid !== undefined) guardProcess(child.pid)
  const end = (): void => {
    if (child.pid !== undefined) for (const pid of [child.pid, ...descendantsOf(child.pid)]) send(pid, 'SIGKILL')
  }
  signal.addEventListener('abort', end)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (!quiet) process.stdout.write(chunk)
  })
  const code = await closed
  signal.removeEventListener('abort', end)
  if (child.pid !== undefined) releaseProcess(child.pid)
  return count(output, code)
}
