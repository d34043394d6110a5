/** `npm run demo` as a process of the tests, with a folder of its own, so that what it leaves can be seen. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../harness/folder.ts'
import { guardProcess } from '../harness/guard.ts'
import { descendantsOf, signal as send, startOf } from '../harness/process-tree.ts'
import { eventually } from '../harness/wait.ts'

const root = join(import.meta.dirname, '../..')

export interface DemoProcess extends AsyncDisposable {
  /** Where everything that it writes lies. */
  readonly folder: string
  /** All that it has said so far. */
  readonly output: () => string
  /** The first group, as soon as it is in the output. @throws Error when the demo ends before. */
  readonly told: (pattern: RegExp) => Promise<string>
  /** Remembers what it has started by now, and sends the signal. */
  readonly signal: (name: NodeJS.Signals) => readonly number[]
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** @throws TimeoutError when one of the processes that were remembered lives on, or a file is left. */
  readonly nothingIsLeft: () => Promise<void>
}

/** By npm, or as npm would run it. */
export async function startDemo(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  by: 'node' | 'npm' = 'node',
): Promise<DemoProcess> {
  const folder = await temporaryFolder('demo-test')
  // PostgreSQL has a user of its own where root starts it.
  await chmod(folder.path, 0o755)
  const command: readonly string[] = ['--import', './test/harness/require-node.js', 'scripts/demo.ts', ...args]
  const { NO_COLOR: _colour, TENANTRY_TEST_KUBECONFIG: _cluster, ...own } = process.env
  const [program, words] = by === 'npm' ? ['npm', ['run', 'demo', '--', ...args]] : [process.execPath, command]
  const child = spawn(program, words, {
    cwd: root,
    env: { ...own, TMPDIR: folder.path, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (child.pid !== undefined) guardProcess(child.pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => void (output += chunk))
  const ended = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals)
  const remembered = new Map<number, string | undefined>()
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  return {
    folder: folder.path,
    output: () => output,
    ended,
    told: async (pattern) => {
      const found = await eventually(() => isOver() || pattern.exec(output), {
        timeout: 150_000,
        describe: `${pattern} in what the demo says`,
      }).catch((cause: unknown) => Promise.reject(new Error(`${String(cause)}\n${output}`, { cause })))
      if (found === true) throw new Error(`The demo ended with ${await ended} before it said ${pattern}:\n${output}`)
      return found[1] ?? ''
    },
    signal: (name) => {
      const started = descendantsOf(child.pid ?? 0)
      for (const pid of started) remembered.set(pid, startOf(pid))
      child.kill(name)
      return started
    },
    nothingIsLeft: async () => {
      await eventually(() => [...remembered].every(([pid, started]) => startOf(pid) !== started), {
        timeout: 90_000,
        describe: 'all processes of the demo to have ended',
      })
      // npm keeps compiled code of its own there.
      const left = async () => (await readdir(folder.path)).filter((name) => name !== 'node-compile-cache')
      await eventually(async () => (await left()).length === 0, { timeout: 90_000, describe: 'all files to be gone' })
    },
    async [Symbol.asyncDispose]() {
      // Those that npm runs hold its output.
      if (!isOver()) for (const pid of [...descendantsOf(child.pid ?? 0), child.pid ?? 0]) send(pid, 'SIGKILL')
      await ended
      await folder.remove()
    },
  }
}
