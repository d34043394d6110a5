/** One of PostgreSQL's client programs as a child process: it ends with the signal, and reports how it ended. */
import { spawn } from 'node:child_process'

import { DumpError } from './port.ts'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  /** The whole environment: passwords are in it, which every user could read among the arguments. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Whole lines of its output that are dropped as they come. */
  readonly noise?: RegExp
}

export interface Ended {
  /** Undefined when a signal ended it. */
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** What is kept of each output, in characters. */
const kept = 16_384

/** Resolves when the program has ended. Rejects with the signal's reason once it is dead, or with NoClient when it does not start. */
export function run({ program, args, env, cwd, noise }: Command, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const child = spawn(program, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    })
    const output = { stdout: '', stderr: '' }
    const quieter = (text: string) => (noise === undefined ? text : text.replaceAll(noise, ''))
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8')
      child[name].on('data', (text: string) => (output[name] = quieter(output[name] + text).slice(0, kept)))
    }
    const kill = () => child.kill('SIGKILL')
    signal.addEventListener('abort', kill, { once: true })
    const finish = (settle: () => void) => {
      signal.removeEventListener('abort', kill)
      settle()
    }
    child.once('error', (cause) =>
      finish(() => reject(new DumpError('NoClient', `${program} could not be started.`, cause))),
    )
    child.once('close', (status) =>
      finish(() => (signal.aborted ? reject(signal.reason) : resolve({ status: status ?? undefined, ...output }))),
    )
  })
}
